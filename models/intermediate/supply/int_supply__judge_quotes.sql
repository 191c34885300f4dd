-- One row per quote, none left out. Not additive.
-- Whether an offer can be used on the day to plan for, what it costs in reais at the newest closing rate, and in how
-- many days it delivers.
with

quotes as (

    select *
    from {{ ref('stg_suppliers__quotes') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

rates as (

    select
        series_id,
        max_by(selling_rate_brl, (quoted_at, extracted_at)) as selling_rate
    from {{ ref('stg_bacen__ptax_quotes') }}
    where is_closing
    group by series_id

),

currencies as (

    select
        currencies.currency_code,
        case when currencies.exchange_series_id is null then 1 else rates.selling_rate end as brl_rate
    from {{ ref('currencies') }} as currencies
    left join rates
        on currencies.exchange_series_id = rates.series_id

),

judged as (

    select
        quotes.*,

        currencies.brl_rate is not null as is_currency_known,
        coalesce(quotes.valid_until_on < as_of.planning_on, false) as is_expired,
        coalesce(quotes.quoted_on > as_of.planning_on, false) as is_not_yet_given,

        (quotes.unit_price * currencies.brl_rate)::decimal(18, 4) as unit_price_brl,
        (quotes.lead_time * lead_time_units.days_per_unit)::decimal(9, 2) as lead_time_days
    from quotes
    cross join as_of
    left join currencies
        on quotes.currency_code = currencies.currency_code
    left join {{ ref('lead_time_units') }} as lead_time_units
        on quotes.lead_time_unit = lead_time_units.lead_time_unit

)

select
    *,
    (
        is_price_positive
        and is_lead_time_positive
        and is_currency_known
        and lead_time_days is not null
        and not is_validity_inverted
        and not is_expired
        and not is_not_yet_given
    ) as is_usable
from judged
