-- One row per purchase line of the buyers' workbooks, none left out. Units are additive within a unit code.
-- What is odd about a line is said of it: equal lines may be two lines of one order, and a purchase may be written down
-- before its request, so neither is dropped.
{{ config(materialized='table') }}

with

lines as (

    select *
    from {{ ref('stg_uploads__purchase_lines') }}

),

units as (

    select *
    from {{ ref('units') }}

),

items as (

    select
        item_id,
        ltrim(item_id, '0') as bare_code
    from {{ ref('stg_erp__items') }}

),

-- a code that lost its zeros still means one item, unless two differ by nothing else
bare_codes as (

    select
        bare_code,
        min(item_id) as item_id
    from items
    group by bare_code
    having count(*) = 1

),

described as (

    select
        lines.*,
        coalesce(items.item_id, bare_codes.item_id) as item_id,
        units.unit_code,

        (
            coalesce(units.kind = 'service', false)
            or starts_with(upper(strip_accents(coalesce(lines.material_name, ''))), 'SERVICO')
            or starts_with(upper(strip_accents(coalesce(lines.family_name, ''))), 'SERVICO')
        ) as is_service,
        units.unit_code is not null as is_unit_known,
        items.item_id is not null or bare_codes.item_id is not null as is_item_known,
        items.item_id is null and bare_codes.item_id is not null as has_lost_zeros,
        coalesce(lines.purchased_on < lines.requested_on, false) as is_date_inverted,
        lines.quantity_units <= 0 as is_quantity_odd,

        (lines.purchased_on - lines.requested_on)::integer as request_to_purchase_days,
        count(*) over (
            partition by
                lines.item_code, lines.request_number, lines.depot_name, lines.material_name, lines.family_name,
                lines.supplier_name, lines.unit_text, lines.quantity_units, lines.required_on, lines.requested_on,
                lines.purchased_on
        )::integer as duplicate_count
    from lines
    left join units
        on {{ unit_spelling('lines.unit_text') }} = units.unit_text
    left join items
        on lines.item_code = items.item_id
    left join bare_codes
        on ltrim(lines.item_code, '0') = bare_codes.bare_code

)

select * from described
