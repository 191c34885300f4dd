-- The fact holds exactly the lines classified as demand, whatever was built incrementally: a day that was not written
-- anew after a late or corrected line shows here.
with

facts as (

    select
        demand_on,
        sum(demand_units) as units,
        sum(demand_lines) as line_count
    from {{ ref('fact_demand') }}
    group by demand_on

),

demand_lines as (

    select
        requested_on as demand_on,
        sum(requested_units) as units,
        count(*) as line_count
    from {{ ref('int_demand__classify_lines') }}
    where line_class = 'demand'
    group by requested_on

)

select
    coalesce(facts.demand_on, demand_lines.demand_on) as demand_on,
    facts.units as fact_units,
    demand_lines.units as line_units,
    facts.line_count as fact_line_count,
    demand_lines.line_count as erp_line_count
from facts
full outer join demand_lines
    on facts.demand_on = demand_lines.demand_on
where
    facts.units is distinct from demand_lines.units
    or facts.line_count is distinct from demand_lines.line_count
