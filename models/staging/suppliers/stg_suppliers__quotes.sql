-- One row per quote: its newest change. Offers that make no sense stay, and say so.
with

source as (

    select *
    from {{ source('suppliers', 'quotes') }}
    -- the same change may have come by file and by service, in one second
    qualify row_number() over (partition by quote_id order by _extracted_at desc, updated_at desc, _dataset_id asc) = 1

),

renamed as (

    select
        trim(quote_id) as quote_id,
        trim(supplier_id) as supplier_id,
        trim(item_id) as item_id,

        upper(trim(currency)) as currency_code,
        lower(trim(lead_time_unit)) as lead_time_unit,

        {{ decimal_from_text('unit_price', 'decimal(18, 4)') }} as unit_price,
        {{ decimal_from_text('min_order_quantity', 'decimal(18, 3)') }} as minimum_order_units,
        {{ decimal_from_text('pack_size', 'decimal(18, 3)') }} as pack_size_units,
        {{ decimal_from_text('lead_time', 'decimal(9, 2)') }} as lead_time,

        {{ date_from_text('quoted_on') }} as quoted_on,
        {{ date_from_text('valid_until') }} as valid_until_on,
        try_cast(updated_at as timestamptz) as updated_at,
        _extracted_at as extracted_at
    from source

),

flagged as (

    select
        *,
        coalesce(unit_price > 0, false) as is_price_positive,
        coalesce(lead_time > 0, false) as is_lead_time_positive,
        coalesce(regexp_full_match(currency_code, '[A-Z]{3}'), false) as is_currency_spelt,
        coalesce(valid_until_on < quoted_on, false) as is_validity_inverted
    from renamed

)

select * from flagged
