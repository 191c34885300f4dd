{% macro half_open_history(snapshot, id) -%}
with

versions as (

    select
        *,
        dbt_is_deleted = 'True' as is_deleted,
        -- when this version became known: a deletion carries the columns of the version that it closes
        case
            when dbt_is_deleted = 'True' then dbt_valid_from
            else {{ start_of_bahia_day('snapshot_on') }}
        end as known_at
    from {{ snapshot }}

),

sequenced as (

    select
        *,
        row_number() over in_order_known as version_number,
        coalesce(lag(is_deleted) over in_order_known, false) as is_return
    from versions
    window in_order_known as (
        partition by {{ id }}
        order by known_at, extracted_at, is_deleted, dbt_valid_from
    )

),

started as (

    -- a row that returns keeps its old change time, which lies before its deletion: it starts when it was seen again
    select
        *,
        max(
            case
                when version_number = 1 then {{ beginning_of_time() }}
                when is_return then greatest(dbt_valid_from, known_at)
                else dbt_valid_from
            end
        ) over (
            partition by {{ id }}
            order by version_number
            rows unbounded preceding
        ) as valid_from
    from sequenced

),

intervals as (

    select
        *,
        coalesce(
            lead(valid_from) over (
                partition by {{ id }}
                order by version_number
            ),
            {{ end_of_time() }}
        ) as valid_to
    from started

)

select
    * exclude (dbt_scd_id, dbt_updated_at, dbt_valid_from, dbt_valid_to, dbt_is_deleted, known_at, is_return),
    -- dbt names a version by id and change time: a row that returns unchanged would bear the key of its former life
    case when is_return then md5(dbt_scd_id || '|' || epoch_us(valid_from)) else dbt_scd_id end as version_key,
    version_number = 1 as is_first,
    valid_to = {{ end_of_time() }} as is_current,
    {{ bahia_day('valid_from') }} as valid_from_on,
    {{ bahia_day('valid_to') }} as valid_to_on
from intervals
-- a version that was replaced at the instant it began was never valid
where valid_from < valid_to
{%- endmacro %}
