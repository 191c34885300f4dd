"""Look-alike published gold for the report tests: the columns and types of the marts, invented rows.

It stands in where no real gold is handed to the tests, so that the report can be built and read in a browser
without PostgreSQL, dbt or the lake. The rows are made in SQL from hashes of their keys: the same arguments give
the same files. What the report reads must agree inside itself (position, cover, run-out day, order quantity), so
those follow the formulae of the policy; nothing else here is meant to be realistic.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from scipy import stats

from .gold_sample_quality import QUALITY
from .gold_sample_results import HOSTILE_CLIENT, RESULTS
from .gold_sample_stock import STOCK_REPORTS

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
VERSION = "20261120T050000Z-sample"
AS_OF_ON = dt.date(2026, 11, 19)

# Names that a page must print harmlessly: markup, quotes, formula characters, length.
HOSTILE_NAME = '<script>alert("x")</script> Válvula d\'água =1+1 ' + "muito longa " * 8

_SETUP = """
create macro unit_draw(key) as (hash(key) % 1000003) / 1000003.0;
create table settings as select $as_of::date as as_of_on, ($as_of::date + 1) as planning_on;

create table items as
select
    format('{:06d}', 100 + i) as item_id,
    case when i = 3 then $hostile
         when i = 4 then '=1+1 ' || 'ABRAÇADEIRA'
         else ['CONECTOR N MACHO', 'BATERIA VRLA 12V', 'CABO COAXIAL 1/2', 'DISJUNTOR DIN 32A',
               'HASTE DE ATERRAMENTO', 'PARAFUSO GALVANIZADO', 'LUZ DE OBSTRUÇÃO',
               'LUVA ISOLANTE'][1 + (i % 8)::int] || ' ' || i end as item_name,
    ['CONECTORES', 'BATERIAS', 'CABOS', 'ELÉTRICA', 'ATERRAMENTO', 'FERRAGENS', 'BALIZAMENTO', 'EPI'][1 + (i % 8)::int]
        as category_name,
    'FAMÍLIA ' || (1 + i % 20)::varchar as family_name,
    ['PC', 'PC', 'MT', 'PC', 'PC', 'KG', 'PC', 'PAR'][1 + (i % 8)::int] as unit_code,
    ['vital', 'essential', 'desirable'][1 + (hash(i) % 3)::int] as criticality,
    format('F{:03d}', (hash(i * 7) % 40)::int) as supplier_id,
    round(exp(3 + 4 * unit_draw(i * 3)), 4)::decimal(18, 4) as unit_cost_brl,
    (5 + hash(i * 11) % 40)::integer as promised_lead_time_days,
    ([1, 1, 5, 10][1 + (hash(i * 13) % 4)::int])::decimal(18, 3) as minimum_order_units,
    ([1, 1, 5, 10][1 + (hash(i * 17) % 4)::int])::decimal(18, 3) as pack_size_units,
    10 ** (-1.7 + 1.6 * unit_draw(i * 19)) as demand_mean
from range($items) as numbers(i);

create table locations as
select
    format('L{:02d}', i + 1) as location_id,
    ['Central Salvador', 'Regional Feira de Santana', 'Regional Vitória da Conquista',
     'Van Barreiras'][1 + (i % 4)::int] as location_name
from range($locations) as numbers(i);
"""

_DIMENSIONS = {
    "dim_items": """
        select md5(item_id) as item_key, item_id, item_name, category_name, family_name, unit_code, criticality,
               supplier_id, unit_cost_brl, promised_lead_time_days, minimum_order_units, pack_size_units,
               false as is_service, true as is_active, timestamp '2022-11-20' as valid_from,
               null::timestamp as valid_to, true as is_current
        from items""",
    "dim_locations": """
        select md5(location_id) as location_key, location_id, location_name, 'regional' as location_type,
               '2927408' as municipality_code, 'Salvador' as municipality_name, 'BA' as state_code,
               -12.97 as latitude, -38.5 as longitude, true as is_active
        from locations""",
    "dim_suppliers": """
        select md5(supplier_id) as supplier_key, supplier_id, 'Fornecedor ' || supplier_id as supplier_name,
               'Salvador' as city_name, 'BA' as state_code, 'Brasil' as country_name,
               20 as promised_lead_time_days, true as is_active
        from (select distinct supplier_id from items)""",
}

# What every reorder point is computed from. Each policy, an override and a forecast stand on some item.
_PARAMETERS = """
with pairs as (
    select s.as_of_on, s.planning_on, i.*, l.*, unit_draw(i.item_id || l.location_id) as u,
           i.demand_mean * (0.5 + unit_draw(l.location_id || i.item_id)) as d,
           0.5 + 2.0 * unit_draw('z' || i.item_id) as cv, i.item_id::integer % 10 as turn,
           i.promised_lead_time_days * 1.2 as lead_mean, i.promised_lead_time_days * 0.4 as lead_std
    from items as i cross join locations as l cross join settings as s
),
policies as (
    select *, case when hash(item_id || 'q') % 12 = 0 then 0 else d end as mean_day, 1 as review_days, 2.0 as per_line,
           ['fill_rate', 'legacy', 'min_max', 'cycle_service'][turn] as named_policy,
           coalesce(named_policy, 'cost_based') as policy,
           turn = 6 and mean_day > 0 as is_forecast_driven, turn = 7 and mean_day > 0 as is_overridden,
           [4, 2, 1][list_position(['vital', 'essential', 'desirable'], criticality)] as weight
    from pairs
),
intervals as (
    select *, mean_day * cv * 3 as std_day, lead_mean + review_days as tau, mean_day * 365 as annual,
           mean_day * (lead_mean + review_days) as interval_mean,
           sqrt((lead_mean + review_days) * (mean_day * cv * 3) ** 2 + (mean_day * lead_std) ** 2) as interval_std,
           case when turn = 8 and mean_day > 0 then 0.75 else 0 end as under_mean,
           case when turn = 8 and mean_day > 0 then 1.25 else 0 end as under_variance,
           case when turn in (0, 8) then 0.1 * (mean_day * (lead_mean + review_days)) ** 2 else 0 end as swing_variance,
           sqrt(2 * mean_day * 365 * 60 / (0.25 * unit_cost_brl)) as lot_raw,
           least(greatest(lot_raw, mean_day * 15), mean_day * 120) as lot_bounded,
           ceil(greatest(lot_bounded, minimum_order_units) / pack_size_units) * pack_size_units as lot
    from policies
)
select *, interval_mean + under_mean as protection_mean,
       interval_std ** 2 + swing_variance + under_variance as protection_variance,
       least(greatest(coalesce(1 - 0.25 * unit_cost_brl * lot * per_line / nullif(annual * 300 * weight, 0), 0.5), 0.5),
             0.999) as cost_level
from intervals
"""

# `answers` holds what needs a quantile: service level, its normal quantile and the reorder point, by item and location.
_REPLENISHMENT = """
with levels as (
    select parameters.*, answers.level, answers.z, answers.computed,
           case when is_overridden then answers.computed + 5 when is_forecast_driven then answers.computed + 3
                else answers.computed end as point
    from parameters inner join answers using (item_id, location_id)
),
stock as (
    select *, case when policy = 'min_max' then ceil(mean_day * 90 / pack_size_units) * pack_size_units
                   else point + lot end as up_to,
           floor((point + 1) * (0.05 + 2.2 * u)) as on_hand,
           case when hash(item_id || location_id || 'o') % 5 = 0 then lot else 0 end as on_order,
           case when hash(item_id || location_id || 'b') % 23 = 0 then 2 else 0 end as backordered
    from levels
),
decided as (
    select *, on_hand + on_order - backordered as position, greatest(point - protection_mean, 0) as safety,
           mean_day > 0 and on_hand + on_order - backordered <= point and not {empty} as is_below
    from stock
),
ordered as (
    select *, case when is_below
                   then ceil(greatest(minimum_order_units, up_to - position) / pack_size_units) * pack_size_units
                   else 0 end as quantity,
           case when mean_day > 0 then on_hand / mean_day end as cover,
           case when mean_day > 0 then round(greatest(interval_mean - position, 0.02) / per_line * 300 * weight, 2) end
               as risk,
           -- one item's cost is not known
           case when item_id = '000119' then null else unit_cost_brl end as known_cost
    from decided
)
select
    planning_on, as_of_on, md5(item_id) as item_key, item_id, item_name, category_name, family_name, unit_code,
    criticality, location_id, location_name, supplier_id, 'Fornecedor ' || supplier_id as supplier_name,
    mean_day::double as demand_mean_units_per_day, std_day::double as demand_std_units_per_day,
    365 as demand_history_days, per_line::double as units_per_line, annual::double as annual_demand_units,
    lead_mean::double as lead_time_mean_days, lead_std::double as lead_time_std_days, 9 as lead_time_receipts_count,
    'item' as lead_time_source, promised_lead_time_days::double as promised_lead_time_days,
    review_days::double as review_period_days, policy,
    case when policy = 'min_max' then 30 end::integer as minimum_cover_days,
    case when policy = 'min_max' then 90 end::integer as maximum_cover_days, 0.25::double as holding_rate_per_year,
    60::decimal(18, 2) as order_cost_brl, 300::decimal(18, 2) as stocked_out_line_cost_brl,
    weight::double as criticality_weight, level::double as service_level, z::double as z_score,
    swing_variance::double as swing_variance_units,
    under_mean::double as undershoot_mean_units, protection_mean::double as protection_mean_units,
    protection_variance::double as protection_variance_units, safety::decimal(18, 3) as safety_stock_units,
    point::decimal(18, 3) as reorder_point_units, computed::decimal(18, 3) as computed_reorder_point_units,
    minimum_order_units, pack_size_units, lot::decimal(18, 3) as economic_order_quantity_units,
    up_to::decimal(18, 3) as order_up_to_units, is_overridden,
    case when is_overridden then 'coordenação de materiais' end as override_author_role,
    case when is_overridden then 'troca de fornecedor em curso' end as override_reason, is_forecast_driven,
    case when is_forecast_driven then 'qualified' else 'no_forecast' end as forecast_status,
    case when is_forecast_driven then 'modelo-externo' end as forecast_source,
    case when is_forecast_driven then '2.1' end as forecast_model_version, null::varchar as invalid_reason,
    on_hand::decimal(18, 3) as on_hand_units, on_order::decimal(18, 3) as on_order_units,
    backordered::decimal(18, 3) as backordered_units, position::decimal(18, 3) as position_units,
    is_below as is_below_reorder_point, quantity::decimal(18, 3) as order_quantity_units,
    known_cost::decimal(18, 4) as unit_cost_brl, (quantity * known_cost)::decimal(18, 2) as order_value_brl,
    quantity > 0 and position + quantity > point + lot_bounded + annual as is_excess_after_order,
    case when mean_day > 0 then greatest(interval_mean - position, 0.02) / per_line end::double as expected_short_lines,
    risk::decimal(18, 2) as risk_brl, risk / nullif(quantity * known_cost, 0) as risk_per_brl_spent,
    case when is_below
         then row_number() over (
             partition by is_below order by risk / nullif(quantity * known_cost, 0) desc nulls last,
                 item_id, location_id
         ) end::integer as order_priority,
    cover::double as days_of_cover_days,
    case when cover < 730 then planning_on + floor(cover)::integer end as stockout_on,
    case when mean_day > 0
         then greatest(planning_on, planning_on + floor((position - point) / mean_day)::integer) end as order_by_on,
    case when mean_day = 0 then 'no_demand' when is_below then 'order_now'
         when position <= point * 1.2 then 'approaching' else 'ok' end as status,
    case when is_below
         then format('Posição de {{:.0f}} {{}} está abaixo do ponto de pedido de {{:.0f}}; a reposição leva {{:.0f}} '
                     || 'dias.', position, unit_code, point, lead_mean)
         else 'A posição cobre a demanda até a próxima revisão.' end as reason_text
from ordered
where {keep}
"""

_FACTS = {
    "fact_demand": """
        select d.day::date as demand_on, md5(r.item_id) as item_key, md5(r.location_id) as location_key,
               'unknown' as tower_key, r.item_id, r.location_id, 'T0001' as tower_id,
               (1 + hash(r.item_id || d.day::varchar) % 4)::decimal(18, 3) as demand_units, 1 as demand_lines,
               timestamptz '2026-11-20 05:00:00+00' as source_extracted_at
        from pairs_demand as r
        cross join range((select as_of_on from settings)::timestamp - to_days($days),
                         (select planning_on from settings)::timestamp, interval 1 day) as d(day)
        where unit_draw(r.item_id || r.location_id || d.day::varchar) < least(0.9, r.mean_day / 2.5)""",
    "fact_inventory": """
        select d.day::date as stock_on, md5(r.item_id) as item_key, md5(r.location_id) as location_key, r.item_id,
               r.location_id,
               greatest(0, round(r.on_hand + r.mean_day
                   * (((select as_of_on from settings) - d.day::date) % 45)))::decimal(18, 3) as on_hand_units,
               0::decimal(18, 3) as received_units, 0::decimal(18, 3) as issued_units,
               0::decimal(18, 3) as adjusted_units, 0::decimal(18, 2) as stock_value_brl,
               timestamptz '2026-11-20 05:00:00+00' as source_extracted_at
        from pairs_demand as r
        cross join range((select as_of_on from settings)::timestamp - to_days($days),
                         (select planning_on from settings)::timestamp, interval 1 day) as d(day)""",
    "fact_purchase_orders": """
        select row_number() over () as purchase_order_line_id,
               format('PC{:06d}', (row_number() over ())::int) as purchase_order_id, 1 as line_number,
               md5(r.item_id) as item_key, md5(r.supplier_id) as supplier_key, md5(r.location_id) as location_key,
               r.item_id, r.supplier_id, r.location_id, 'open' as order_status, r.on_order_units as ordered_units,
               0::decimal(18, 3) as received_units, r.on_order_units as open_units, r.unit_cost_brl as unit_price_brl,
               (r.on_order_units * r.unit_cost_brl)::decimal(18, 2) as order_value_brl,
               r.as_of_on - 15 as requested_on, r.as_of_on - 12 as ordered_on,
               r.as_of_on - 3 + (hash(r.item_id) % 9)::int as promised_on, null::date as first_received_on,
               null::date as last_received_on, null::integer as lead_time_days, false as is_date_inverted,
               r.as_of_on - 3 + (hash(r.item_id) % 9)::int < r.as_of_on as is_overdue,
               greatest(0, 3 - (hash(r.item_id) % 9)::int) as days_overdue,
               timestamptz '2026-11-20 05:00:00+00' as source_extracted_at
        from stock_rows as r
        where r.on_order_units > 0""",
    "fact_policy_parameters": """
        select as_of_on, true as is_today, item_id, location_id, policy, 0.95::double as service_level_target,
               0.95::double as fill_rate_target, interval_mean::double as interval_demand_units,
               interval_std::double as interval_std_units, under_variance::double as undershoot_variance_units,
               lot_bounded::double as lot_bounded_units, lot::decimal(18, 3) as computed_order_quantity_units
        from parameters""",
    "rpt_data_freshness": """
        select landed.source_name, table_name, source_label, table_name <> 'requisitions' as is_judged,
               (as_of_on - lag_days)::date as latest_data_on,
               timestamptz '2026-11-20 05:00:00+00' as landed_at, row_count::bigint as row_count,
               1::bigint as dataset_count,
               as_of_on, lag_days as age_days, expected_age_days::integer as expected_age_days,
               read_within_hours::integer as read_within_hours
        from settings cross join (values ('erp', 'requisitions', 0, 128400), ('erp', 'inventory', 0, 2700),
            ('inmet', 'observations', 8, 912000), ('bacen', 'sgs_observations', 9, 5120),
            ('anatel', 'smp_stations', 19, 60210), ('calendar', 'holidays', -5156, 620),
            ('suppliers', 'quotes', null, 0)
        ) as landed(source_name, table_name, lag_days, row_count)
        inner join freshness_promises on landed.source_name = freshness_promises.source_name""",
}


def lead_time_demand_quantile(level: float, mean: float, variance: float) -> float:
    """Smallest count that is not exceeded with the chance ``level``: negative binomial, Poisson without dispersion."""
    if mean == 0:
        return 0.0
    if variance <= mean:
        return float(stats.poisson.ppf(level, mean))
    return float(stats.nbinom.ppf(level, mean**2 / (variance - mean), mean / variance))


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    """Service level, its normal quantile and the reorder point of one pair under its policy."""
    mean, variance = float(row["protection_mean"]), float(row["protection_variance"])
    day, promised = float(row["mean_day"]), float(row["promised_lead_time_days"])
    level = float(row["cost_level"]) if row["policy"] == "cost_based" else 0.95
    factor = float(stats.norm.ppf(level))
    points = {
        "fill_rate": mean + factor * variance**0.5,
        "legacy": day * promised + 1.96 * float(row["std_day"]) * promised**0.5,
        "min_max": day * 30,
    }
    point = points.get(row["policy"], lead_time_demand_quantile(level, mean, variance))
    return {
        "item_id": row["item_id"],
        "location_id": row["location_id"],
        "level": level,
        "z": factor,
        "computed": point if day > 0 else 0.0,
    }


def write_sample_gold(
    root: Path,
    *,
    items: int = 60,
    locations: int = 2,
    days: int = 400,
    nothing_to_buy: bool = False,
    no_replenishment: bool = False,
    no_results: bool = False,
) -> Path:
    """Write a gold folder with its pointer, in the layout that readers follow.

    Args:
        root: Folder to write; created where missing.
        items: Items in the catalogue.
        locations: Stocking locations; every item is planned at each.
        days: Days of history in the two daily facts.
        nothing_to_buy: No row stands below its reorder point.
        no_replenishment: ``rpt_replenishment`` has no row at all.
        no_results: nor have service, contracts, drivers and the policy experiment.

    Returns:
        ``root``, ready to be handed on as ``GOLD_ROOT``.
    """
    con = duckdb.connect()
    con.execute(f"create table freshness_promises as from read_csv('{SEEDS / 'freshness_promises.csv'}')")
    values = {"as_of": AS_OF_ON, "items": items, "locations": locations, "hostile": HOSTILE_NAME}
    for statement in filter(None, map(str.strip, _SETUP.split(";\n"))):
        con.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})

    def replenishment(keep: str) -> str:
        return _REPLENISHMENT.format(empty=str(nothing_to_buy).lower(), keep=keep)

    con.execute(f"create table parameters as {_PARAMETERS}")
    parameters = con.execute("select * from parameters").to_arrow_table().to_pylist()
    con.register("answers", pa.Table.from_pylist([_answer(row) for row in parameters]))
    # The facts follow the full plan even where the plan itself is published empty.
    con.execute(f"create table stock_rows as {replenishment('true')}")
    con.execute(
        "create view pairs_demand as select item_id, location_id, demand_mean_units_per_day as mean_day, "
        "on_hand_units::double as on_hand from stock_rows"
    )
    con.execute(f"create table rpt as {replenishment(str(not no_replenishment).lower())}")

    results = {
        name: query.replace("$client", "'" + HOSTILE_CLIENT.replace("'", "''") + "'") for name, query in RESULTS.items()
    }
    con.execute(f"create view backtest as {results['rpt_policy_backtest']}")
    if no_results:
        results = {name: f"select * from ({query}) where false" for name, query in results.items()}
    tables = {**_DIMENSIONS, **_FACTS, **STOCK_REPORTS, **QUALITY, **results, "rpt_replenishment": "select * from rpt"}
    published: dict[str, dict[str, object]] = {}
    for name, query in tables.items():
        path = root / VERSION / name / "part-0.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = query.replace("$days", str(days))
        con.execute(f"copy ({body}) to '{path}' (format parquet, compression zstd)")
        rows = con.execute(f"select count(*) from '{path}'").fetchall()[0][0]
        published[name] = {
            "path": f"{VERSION}/{name}/part-0.parquet",
            "rows": rows,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
    con.close()
    pointer = {
        "version": VERSION,
        "generated_at": "2026-11-20T05:12:00Z",
        "code_revision": "0000000",
        "tables": published,
        "checks": {"passed": 412, "warned": 2, "failed": 0},
        "quality_score_pct": 99.5,
        "freshness": {"erp": AS_OF_ON.isoformat()},
        "as_of_on": AS_OF_ON.isoformat(),
    }
    (root / "current.json").write_text(json.dumps(pointer, indent=2), encoding="utf-8")
    return root
