-- One row per version of a stock movement ever landed: where and when it stood before and after a correction.
with

versions as (

    select *
    from {{ ref('stg_erp__stock_movement_versions') }}

)

select
    movement_id,
    coalesce(item_id, 'unknown') as item_id,
    coalesce(location_id, 'unknown') as location_id,

    {{ bahia_day('moved_at') }} as moved_on,
    extracted_at
from versions
