"""The generated company: reproducible, prefix-stable, and consistent with itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from simulator.assumptions import BATTERY_MINUTES, CATEGORIES, SIZES, TEMPORARY_REPAIR_MINUTES, Dirt
from simulator.brazil_calendar import easter, is_business_day, is_carnival
from simulator.clock import day_number, day_of
from simulator.demand import NORMAL
from simulator.entry import missing_suppliers
from simulator.generator import Company, end_of, generate
from simulator.setting import Setting
from simulator.supply import LeadTimes
from simulator.truth import truth_table

SEED = 11
FIRST_DAY = date(2025, 1, 1)
EVE_OF_A_REVIEW = date(2026, 3, 31)  # the day after brings orders, and the day after that too much to foresee
KEYS = {"items": "item_id", "suppliers": "supplier_id", "contracts": "contract_id", "towers": "tower_id"}
KEYS |= {"requisitions": "requisition_line_id", "stock_movements": "movement_id", "receipts": "receipt_id"}
KEYS |= {"purchase_orders": "purchase_order_line_id", "work_orders": "work_order_id"}


@cache
def company(until: date = EVE_OF_A_REVIEW, dirty: bool = True, seed: int = SEED) -> Company:
    return generate("ci", seed, FIRST_DAY, until, dirt=Dirt() if dirty else Dirt.none())


def ask(sql: str, built: Company | None = None) -> list[tuple[object, ...]]:
    """Run SQL over the ERP tables of a company."""
    connection = duckdb.connect()
    for name, table in (built or company()).erp.items():
        connection.register(name, table)
    return connection.execute(sql).fetchall()


def share(sql: str, built: Company | None = None) -> float:
    return float(ask(sql, built)[0][0])  # type: ignore[arg-type]


def test_the_same_arguments_give_the_same_company() -> None:
    again = generate("ci", SEED, FIRST_DAY, EVE_OF_A_REVIEW, dirt=Dirt())
    for name, table in company().erp.items():
        assert again.erp[name].equals(table), name


def test_another_seed_gives_another_company() -> None:
    assert not company(seed=SEED + 1).erp["requisitions"].equals(company().erp["requisitions"])


@pytest.mark.parametrize("days", [1, 2, 40])
@pytest.mark.parametrize("name", sorted(KEYS))
def test_a_longer_history_only_changes_rows_by_later_events(name: str, days: int) -> None:
    before = company().erp[name]
    after = company(EVE_OF_A_REVIEW + timedelta(days=days)).erp[name]
    end = pa.scalar(end_of(EVE_OF_A_REVIEW), pa.int64()).cast(pa.timestamp("us", tz="UTC"))

    existing = after.filter(pc.less(after["created_at"], end))
    assert existing[KEYS[name]].to_pylist() == before[KEYS[name]].to_pylist()
    untouched = pc.less(existing["updated_at"], end)
    assert existing.filter(untouched).equals(before.filter(untouched))


def test_nothing_later_than_the_last_day_shows() -> None:
    for name, table in company().erp.items():
        for column in table.schema:
            if pa.types.is_timestamp(column.type):
                latest = pc.max(table[column.name]).as_py()
                assert latest is None or latest < datetime(2026, 4, 1, 3, tzinfo=UTC), f"{name}.{column.name}"


@pytest.mark.parametrize(
    ("table", "moments"),
    [
        ("requisitions", "created_at, fulfilled_at"),
        ("receipts", "received_at"),
        ("stock_movements", "created_at"),
        ("work_orders", "opened_at, responded_at, closed_at"),
    ],
)
def test_updated_at_is_the_last_event_of_the_row(table: str, moments: str) -> None:
    late = "" if table != "requisitions" else "and status <> 'cancelled'"
    assert ask(f"select count(*) from {table} where updated_at <> greatest({moments}) {late}") == [(0,)]


def test_inventory_is_the_sum_of_the_movements() -> None:
    wrong = ask(
        """
        with moved as (select item_id, location_id, sum(quantity) as units from stock_movements group by all)
        select item_id, location_id, current_stock, units
        from inventory full join moved using (item_id, location_id)
        where current_stock is null or current_stock <> coalesce(units, 0)
        """
    )
    assert wrong == []


def test_stock_on_hand_is_never_negative() -> None:
    lowest = ask(
        """
        select min(stock) from (
            select sum(quantity) over (partition by item_id, location_id order by moved_at, movement_id) as stock
            from stock_movements
        )
        """
    )
    assert lowest == [(0,)]


def test_each_fulfilled_line_of_goods_is_issued_once_and_whole() -> None:
    wrong = ask(
        """
        with issues as (
            select requisition_line_id, count(*) as issues, -sum(quantity) as units, max(moved_at) as moved_at
            from stock_movements where movement_type = 'issue' group by all
        )
        select count(*) from requisitions inner join issues using (requisition_line_id)
        where issues <> 1 or units <> quantity or moved_at <> fulfilled_at or status <> 'fulfilled'
        """
    )
    assert wrong == [(0,)]


def test_lines_of_an_item_at_a_location_are_served_in_the_order_of_asking() -> None:
    built = company(dirty=False)
    out_of_turn = ask(
        """
        select count(*) from (
            select fulfilled_at, max(coalesce(fulfilled_at, timestamptz '2999-01-01')) over (
                partition by item_id, location_id order by requested_at, requisition_line_id
                rows between unbounded preceding and 1 preceding
            ) as earlier
            from requisitions
        ) where fulfilled_at < earlier
        """,
        built,
    )
    assert out_of_turn == [(0,)]


def test_receipts_add_up_to_the_order_and_decide_its_status() -> None:
    wrong = ask(
        """
        select o.status, o.quantity, sum(r.quantity), max(r.received_at), o.updated_at
        from purchase_orders as o left join receipts as r using (purchase_order_line_id)
        group by o.purchase_order_line_id, o.status, o.quantity, o.updated_at
        having case o.status
            when 'received' then sum(r.quantity) <> o.quantity or max(r.received_at) <> o.updated_at
            when 'partially_received' then sum(r.quantity) >= o.quantity
            else count(r.receipt_id) > 0
        end
        """
    )
    assert wrong == []
    assert ask("select count(distinct status) from purchase_orders") >= [(3,)]
    split = "select count(*) - count(distinct purchase_order_line_id) from receipts"
    assert ask(split) > [(0,)]


def test_the_buyer_orders_on_the_first_of_the_month_in_whole_packs() -> None:
    wrong = ask(
        """
        select count(*) from purchase_orders as o inner join items as i using (item_id)
        where day(timezone('America/Bahia', o.requested_at)) <> 1
            or o.quantity < i.min_order_quantity or o.quantity % i.pack_size <> 0
        """
    )
    assert wrong == [(0,)]


@pytest.mark.parametrize(
    ("kind", "sql", "low", "high"),
    [
        ("no location", "select avg((location_id is null)::int) from requisitions", 0.16, 0.22),
        ("no tower", "select avg((tower_id is null)::int) from requisitions where quantity > 0", 0.0005, 0.008),
        ("no required date", "select avg((required_on is null)::int) from purchase_orders", 0.80, 0.92),
        ("inverted dates", "select avg((ordered_at < requested_at)::int) from purchase_orders", 0.03, 0.10),
        (
            "duplicates",
            "select (count(*) - count(distinct requisition_id || '/' || line_number)) / count(*) from requisitions",
            0.002,
            0.009,
        ),
        ("services", "select avg((unit = 'SR')::int) from requisitions", 0.015, 0.05),
        ("returns", "select avg((quantity < 0)::int) from requisitions", 0.002, 0.009),
        ("cancelled", "select avg((status = 'cancelled')::int) from requisitions", 0.005, 0.016),
        ("late entries", "select avg((created_at > requested_at)::int) from requisitions", 0.001, 0.010),
        ("no change date", "select avg((updated_at is null)::int) from requisitions", 0.0005, 0.005),
        (
            "unknown items",
            "select avg((item_id not in (select item_id from items))::int) from requisitions",
            0.0001,
            0.002,
        ),
    ],
)
def test_dirt_has_its_rate_and_is_absent_when_switched_off(kind: str, sql: str, low: float, high: float) -> None:
    assert low <= share(sql) <= high, kind
    assert share(sql, company(dirty=False)) == 0, kind


def test_inverted_dates_reach_back_years_but_not_beyond_the_known_worst() -> None:
    days = ask("select min(date_diff('day', requested_at, ordered_at)) from purchase_orders")[0][0]
    assert isinstance(days, int)
    assert -942 <= days < -30


def test_duplicates_and_services_move_no_stock() -> None:
    moved = ask(
        """
        with lines as (
            select *, row_number() over (partition by requisition_id, line_number order by requisition_line_id) as copy
            from requisitions
        )
        select count(*) from lines inner join stock_movements using (requisition_line_id)
        where copy > 1 or unit = 'SR' or status = 'cancelled'
        """
    )
    assert moved == [(0,)]


def test_a_return_comes_back_to_stock() -> None:
    pairs = ask(
        """
        select count(*), count(m.movement_id), sum(r.quantity + m.quantity)
        from requisitions as r left join stock_movements as m
            on r.requisition_line_id = m.requisition_line_id and m.movement_type = 'return'
        where r.quantity < 0
        """
    )
    returns, movements, difference = pairs[0]
    assert returns == movements
    assert difference == 0


def test_every_line_without_a_location_but_with_a_tower_can_be_resolved() -> None:
    wrong = ask(
        """
        select count(*) from requisitions as r inner join towers as t using (tower_id)
        where r.location_id is not null and r.location_id <> t.location_id
        """
    )
    assert wrong == [(0,)]
    orphans = "select count(*) from requisitions anti join towers using (tower_id) where tower_id is not null"
    assert ask(orphans) == [(0,)]


def test_work_orders_belong_to_the_tower_of_their_lines() -> None:
    wrong = ask(
        """
        select count(*) from requisitions as r inner join work_orders as w using (work_order_id)
        where r.tower_id <> w.tower_id or w.opened_at > r.requested_at
        """
    )
    assert wrong == [(0,)]
    orphans = "select count(*) from requisitions anti join work_orders using (work_order_id)"
    assert ask(f"{orphans} where work_order_id is not null") == [(0,)]


def test_an_outage_is_urgent_and_lasts_from_empty_batteries_to_the_first_repair() -> None:
    longest = TEMPORARY_REPAIR_MINUTES - BATTERY_MINUTES[0]
    wrong = ask(
        f"""
        select count(*) from work_orders
        where (downtime_minutes is not null) <> (kind = 'corrective' and closed_at is not null)
            or downtime_minutes > 0 and priority <> 'p1'
            or downtime_minutes > date_diff('second', opened_at, responded_at) / 60 + {longest}
            or downtime_minutes > date_diff('second', opened_at, closed_at) / 60 - {BATTERY_MINUTES[0]}
                and downtime_minutes > 0
        """
    )
    assert wrong == [(0,)]


def test_towers_are_on_the_air_as_much_as_an_operator_would_believe() -> None:
    minutes = SIZES["ci"].towers * (EVE_OF_A_REVIEW - FIRST_DAY).days * 24 * 60
    assert 0.98 < 1 - share("select sum(downtime_minutes) from work_orders") / minutes < 0.999


def test_preventive_items_rest_at_weekends_and_carnaval() -> None:
    built = company()
    lines, items = built.history.lines, built.history.items
    goods = lines.kind == NORMAL
    preventive = items.is_preventive[lines.series[goods] // built.history.setting.locations]
    days = {day_of(int(day)) for day in np.unique(lines.day[goods][preventive])}
    assert days
    assert not [day for day in days if day.weekday() >= 5 or is_carnival(day)]


def test_some_items_start_and_some_end_mid_history() -> None:
    items = company().history.items
    first, last = company().history.setting.first_day, company().history.setting.first_day + 548
    assert ((items.starts > first) & (items.starts < last)).sum() == round(0.06 * len(items.ids))
    assert ((items.ends > first) & (items.ends < last)).sum() == round(0.06 * len(items.ids))


def test_every_category_has_items_with_distinct_portuguese_names() -> None:
    names = company().erp["items"]["item_name"].to_pylist()
    assert len(set(names)) == len(names)
    categories = set(company().erp["items"]["category"].to_pylist())
    assert categories == {category.name for category in CATEGORIES} | {"SERVIÇOS"}


def test_master_data_change_over_time_and_show_only_the_current_row() -> None:
    before, after = company().erp["items"], company(EVE_OF_A_REVIEW + timedelta(days=40)).erp["items"]
    assert before["item_id"].to_pylist() == after["item_id"].to_pylist()[: before.num_rows]
    assert before["cost"].to_pylist() != after["cost"].to_pylist()
    assert ask("select count(*) from items where updated_at > created_at")[0] > (5,)
    assert ask("select count(*) from contracts where updated_at > created_at")[0] > (0,)


def test_a_line_that_is_entered_late_comes_with_its_old_date_and_brings_its_issue_along() -> None:
    late = "select requisition_line_id from requisitions where created_at > requested_at"
    delays = ask(
        "select min(created_at - requested_at), max(created_at - requested_at), count(*) from requisitions "
        "where created_at > requested_at"
    )
    shortest, longest, count = delays[0]
    assert (shortest, count) >= (timedelta(days=1), 5)
    assert longest <= timedelta(days=6)
    early_bookings = ask(
        """
        select count(*) from stock_movements as m inner join requisitions as r using (requisition_line_id)
        where m.created_at <> greatest(m.moved_at, r.created_at) and m.movement_type = 'issue'
        """
    )
    assert early_bookings == [(0,)]
    booked_late = (
        f"select count(*) from stock_movements where created_at > moved_at and requisition_line_id in ({late})"
    )
    assert ask(booked_late)[0] > (0,)


def test_a_late_line_is_not_there_before_it_is_entered() -> None:
    often = replace(Dirt(), late_entry=0.2)
    before = generate("ci", SEED, EVE_OF_A_REVIEW - timedelta(days=60), EVE_OF_A_REVIEW, dirt=often).erp["requisitions"]
    later = generate("ci", SEED, EVE_OF_A_REVIEW - timedelta(days=60), EVE_OF_A_REVIEW + timedelta(days=7), dirt=often)
    end = pa.scalar(end_of(EVE_OF_A_REVIEW), pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    lines = later.erp["requisitions"]
    asked, entered = (lines.filter(pc.less(lines[moment], end)) for moment in ("requested_at", "created_at"))
    assert entered["requisition_line_id"].to_pylist() == before["requisition_line_id"].to_pylist()
    assert asked.num_rows > entered.num_rows


def test_suppliers_vanish_and_return_in_the_days_that_are_added_and_not_before() -> None:
    first = date(2024, 6, 1)
    setting = Setting(SIZES["ci"], SEED, day_number(first), 0, Dirt())
    history = setting.size.history_days
    away = [missing_suppliers(replace(setting, until=setting.first_day + day), 12) for day in range(history + 200)]
    assert not np.any(away[:history])
    later = np.array(away[history:])
    vanished, returned = np.diff(later.astype(int), axis=0) > 0, np.diff(later.astype(int), axis=0) < 0
    assert vanished.any()
    assert returned.any()
    held = _suppliers_of(first, history + int(np.flatnonzero(later.any(axis=1))[0]))
    assert held == SIZES["ci"].suppliers - 1


def _suppliers_of(first: date, day: int) -> int:
    return generate("ci", SEED, first, first + timedelta(days=day)).erp["suppliers"].num_rows


def test_lead_times_belong_to_the_order_number_whatever_the_policy() -> None:
    series = np.array([4, 9, 2])
    together = LeadTimes(SEED, 20, np.full(20, 5.0)).draw(series, np.array([0, 3, 1]))
    alone = LeadTimes(SEED, 20, np.full(20, 5.0)).draw(series[1:2], np.array([3]))
    assert [values[1] for values in together[:2]] == [values[0] for values in alone[:2]]


def test_truth_has_monotone_quantiles_around_the_mean() -> None:
    truth = truth_table(company().history)
    low, middle, high = (truth[f"q{q}_units"].to_numpy() for q in (90, 95, 98))
    assert truth.num_rows == company().history.setting.locations * len(company().history.items.ids)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert (high > 0).mean() > 0.9
    assert set(truth["demand_class"].to_pylist()) <= {"smooth", "erratic", "intermittent", "lumpy"}


def test_easter_and_business_days_are_computed() -> None:
    assert [easter(year) for year in (2024, 2025, 2026)] == [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5)]
    assert is_carnival(date(2025, 3, 4))
    assert not is_business_day(date(2025, 6, 19))  # Corpus Christi
    assert not is_business_day(date(2024, 11, 20))
    assert is_business_day(date(2023, 11, 20))


def test_an_unknown_size_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="choose one of ci, demo, full"):
        generate("huge", SEED, FIRST_DAY, EVE_OF_A_REVIEW)
