-- Keys and indexes, built after the first load because that is faster.
alter table erp.items add primary key (item_id);
alter table erp.suppliers add primary key (supplier_id);
alter table erp.contracts add primary key (contract_id);
alter table erp.locations add primary key (location_id);
alter table erp.towers add primary key (tower_id);
alter table erp.requisitions add primary key (requisition_line_id);
alter table erp.stock_movements add primary key (movement_id);
alter table erp.inventory add primary key (item_id, location_id);
alter table erp.purchase_orders add primary key (purchase_order_line_id);
alter table erp.receipts add primary key (receipt_id);
alter table erp.work_orders add primary key (work_order_id);

create index on erp.requisitions (updated_at);
create index on erp.stock_movements (updated_at);
create index on erp.purchase_orders (updated_at);
create index on erp.receipts (updated_at);
create index on erp.work_orders (updated_at);
