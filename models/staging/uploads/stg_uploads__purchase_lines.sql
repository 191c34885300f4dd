-- One row per line of the newest sending of each workbook, and per line that was mended and sent again after it.
-- An older sending is superseded as a whole, and so are the mended lines that came before the newest one.
with

source as (

    select
        *,
        split_part(_dataset_id, '#', 1) as workbook_id
    from {{ source('uploads', 'purchase_lines') }}

),

newest_sendings as (

    select
        workbook_id,
        max(_extracted_at) as sent_at
    from source
    where _dataset_id = workbook_id
    group by workbook_id

),

renamed as (

    select
        source._dataset_id || ':' || source.linha::varchar as purchase_line_id,
        source.workbook_id,
        source.linha as row_number,
        {{ text_or_null('source.produto_servico') }} as item_code,
        {{ text_or_null('source.solicitacao') }} as request_number,

        {{ text_or_null('source.deposito') }} as depot_name,
        {{ text_or_null('source.material') }} as material_name,
        {{ text_or_null('source.familia') }} as family_name,
        {{ text_or_null('source.nome_fornec') }} as supplier_name,
        {{ text_or_null('source.um') }} as unit_text,
        coalesce(source.codigo_numerico, false) as is_code_numeric,

        {{ decimal_from_workbook_text('source.quantidade') }} as quantity_units,

        {{ date_from_workbook_text('source.data_requisitada') }} as required_on,
        {{ date_from_workbook_text('source.data_solicitado') }} as requested_on,
        {{ date_from_workbook_text('source.data_de_compra') }} as purchased_on,
        source._extracted_at as extracted_at
    from source
    left join newest_sendings
        on source.workbook_id = newest_sendings.workbook_id
    where
        {{ latest_per_key('source', '_dataset_id') }}
        and (
            newest_sendings.sent_at is null
            or source._extracted_at >= newest_sendings.sent_at
        )

)

select * from renamed
