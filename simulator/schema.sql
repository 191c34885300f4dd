-- The ERP of the demonstration company. Codes in English, texts in Portuguese, moments in UTC.
create schema erp;
comment on schema erp is 'ERP da empresa de demonstração: dados gerados, nenhum cliente ou fornecedor real';

create table erp.items (
    item_id text not null,
    item_name text not null,
    category text not null,
    family text not null,
    unit text not null,
    supplier_id text,
    cost numeric(14, 4) not null,
    lead_time_days integer not null,
    min_order_quantity numeric(14, 3) not null,
    pack_size numeric(14, 3) not null,
    criticality text not null check (criticality in ('vital', 'essential', 'desirable')),
    is_service boolean not null,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.items is 'Cadastro de itens e serviços: situação atual, sem histórico';

create table erp.suppliers (
    supplier_id text not null,
    supplier_name text not null,
    tax_id text not null,
    city text not null,
    state text not null,
    country text not null,
    promised_lead_time_days integer not null,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.suppliers is 'Fornecedores e o prazo que prometem';

create table erp.contracts (
    contract_id text not null,
    client_name text not null,
    sla_tier text not null check (sla_tier in ('ouro', 'prata', 'bronze')),
    sla_target_pct numeric(6, 3) not null,
    hourly_penalty_brl numeric(14, 2) not null,
    starts_on date not null,
    ends_on date not null,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.contracts is 'Contratos com clientes, com o nível de serviço acordado';

create table erp.locations (
    location_id text not null,
    location_name text not null,
    location_type text not null check (location_type in ('central', 'regional', 'van')),
    municipality_code text not null,
    municipality_name text not null,
    state text not null,
    latitude double precision not null,
    longitude double precision not null,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.locations is 'Locais de estoque: central, regionais e unidades móveis';

create table erp.towers (
    tower_id text not null,
    tower_name text not null,
    tower_type text not null,
    municipality_code text not null,
    municipality_name text not null,
    state text not null,
    latitude double precision not null,
    longitude double precision not null,
    contract_id text not null,
    location_id text not null,
    commissioned_on date not null,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.towers is 'Torres atendidas, o contrato vigente e o local de estoque que as serve';

create table erp.requisitions (
    requisition_line_id bigint not null,
    requisition_id text not null,
    line_number integer not null,
    item_id text not null,
    location_id text,
    tower_id text,
    work_order_id text,
    quantity numeric(14, 3) not null,
    unit text not null,
    requested_at timestamptz not null,
    required_on date,
    fulfilled_at timestamptz,
    status text not null check (status in ('open', 'fulfilled', 'cancelled')),
    created_at timestamptz not null,
    updated_at timestamptz
);
comment on table erp.requisitions is
'Linhas de requisição: o que o campo pede. Quantidade negativa é devolução; sem local vale o local que serve a torre; '
'algumas são lançadas dias depois do pedido, outras não trazem a data da última alteração';

create table erp.stock_movements (
    movement_id bigint not null,
    item_id text not null,
    location_id text not null,
    movement_type text not null check (movement_type in ('opening', 'receipt', 'issue', 'return', 'adjustment')),
    quantity numeric(14, 3) not null,
    unit_cost numeric(14, 4),
    requisition_line_id bigint,
    purchase_order_line_id bigint,
    moved_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.stock_movements is 'Movimentos de estoque: entrada positiva, saída negativa';

create table erp.inventory (
    item_id text not null,
    location_id text not null,
    current_stock numeric(14, 3) not null,
    min_stock numeric(14, 3) not null,
    max_stock numeric(14, 3) not null,
    reorder_point numeric(14, 3) not null,
    date date not null,
    last_updated timestamptz not null
);
comment on table erp.inventory is
'Posição de estoque no fechamento do dia: soma dos movimentos; os limites são os da planilha dos compradores';

create table erp.purchase_orders (
    purchase_order_line_id bigint not null,
    purchase_order_id text not null,
    line_number integer not null,
    supplier_id text not null,
    item_id text not null,
    location_id text not null,
    quantity numeric(14, 3) not null,
    unit_price numeric(14, 4) not null,
    requested_at timestamptz not null,
    ordered_at timestamptz,
    promised_on date,
    required_on date,
    status text not null check (status in ('requested', 'open', 'partially_received', 'received', 'cancelled')),
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.purchase_orders is 'Linhas de pedido de compra, da solicitação ao recebimento';

create table erp.receipts (
    receipt_id bigint not null,
    purchase_order_line_id bigint not null,
    received_at timestamptz not null,
    quantity numeric(14, 3) not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.receipts is 'Recebimentos de linhas de pedido; uma linha pode chegar em duas partes';

create table erp.work_orders (
    work_order_id text not null,
    tower_id text not null,
    contract_id text not null,
    kind text not null check (kind in ('preventive', 'corrective')),
    priority text not null check (priority in ('p1', 'p2', 'p3')),
    opened_at timestamptz not null,
    responded_at timestamptz,
    closed_at timestamptz,
    downtime_minutes integer,
    status text not null check (status in ('open', 'closed')),
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table erp.work_orders is 'Ordens de serviço preventivas e corretivas; o tempo parado só existe nas corretivas fechadas';
