-- One row per supplier: the newest reading of the supplier master.
with

source as (

    select *
    from {{ source('erp', 'suppliers') }}
    where {{ latest_of_table(source('erp', 'suppliers')) }}

),

renamed as (

    select
        supplier_id,

        supplier_name,
        {{ cnpj('tax_id') }} as tax_id,
        city as city_name,
        state as state_code,
        country as country_name,
        is_active,
        tax_id is not null and {{ cnpj('tax_id') }} is null as is_tax_id_unreadable,

        promised_lead_time_days,

        make_date(year, month, day) as snapshot_on,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
