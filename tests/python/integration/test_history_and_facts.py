"""Masters that change, vanish and return in a real PostgreSQL, and events that reach the lake in any order.

The ERP is read on six mornings. The masters of a morning must come in their order, because the ERP keeps no history of
them; its events are held back and brought into the lake in shuffled order. After every morning dbt builds the
dimensions and the facts.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import CHECKOUT, Installation

from extractors.catalog import TABLES
from extractors.erp import TABLES as ERP_TABLES
from extractors.erp import extract_together
from extractors.lake import Lake
from extractors.settings import Settings
from simulator.postgres import Cluster, create_database, grant_reading

FIRST_MORNING = date(2026, 3, 2)
MASTERS = {"items": "item", "towers": "tower", "suppliers": "supplier", "contracts": "contract"}
FACTS = {"fact_demand": "demand_on", "fact_inventory": "stock_on", "fact_purchase_orders": "purchase_order_line_id"}
BUILT = [*(f"+dim_{master}" for master in MASTERS), *(f"+{fact}" for fact in FACTS)]

START = """
insert into erp.items
select n, 'Item ' || n, 'Energia', 'Baterias', 'UN', 'S1', 10, 5, 1, 1, 'vital', false, true, '2026-01-05', '2026-01-05'
from unnest(array['1', '2']) as n;
insert into erp.suppliers
select n, 'Fornecedor ' || n, '', 'Salvador', 'BA', 'BR', 5, true, '2026-01-05', '2026-01-05'
from unnest(array['S1', 'S2']) as n;
insert into erp.contracts
select n, 'Cliente ' || n, 'ouro', 99.5, 100, '2026-01-01', '2027-01-01', true, '2026-01-05', '2026-01-05'
from unnest(array['C1', 'C2']) as n;
insert into erp.locations values
    ('L1', 'Central', 'central', '2927408', 'Salvador', 'BA', -12.9, -38.5, true, '2026-01-05', '2026-01-05');
insert into erp.towers
select n, 'Torre ' || n, 'greenfield', '2927408', 'Salvador', 'BA', -12.9, -38.5, 'C1', 'L1', '2020-01-01', true,
    '2026-01-05', '2026-01-05'
from unnest(array['T1', 'T2']) as n;
"""
MEASURES = {
    "items": "cost",
    "towers": "latitude",
    "suppliers": "promised_lead_time_days",
    "contracts": "sla_target_pct",
}


def change(measure: str, moment: str) -> str:
    """The second one of every master gets another value."""
    return "".join(
        f"update erp.{master} set {column} = {measure}, updated_at = '{moment}' where {one}_id like '%2';"
        for (master, column), one in zip(MEASURES.items(), MASTERS.values(), strict=True)
    )


def day_of_events(number: int) -> str:
    """Every day asks, orders and moves both items, and one item that has no master yet."""
    moment = f"2026-03-0{number} 12:00-03"
    return f"""
        insert into erp.requisitions
        select {number} * 10 + n, 'R{number}', n, n::text, null, 'T' || n, null, {number}, 'UN', '{moment}', null, null,
            'fulfilled', '{moment}', '{moment}'
        from generate_series(1, 3) as n;
        insert into erp.stock_movements
        select {number} * 10 + n, n::text, 'L1', 'receipt', {number} * 5 - n, 10, null, null, '{moment}', '{moment}',
            '{moment}'
        from generate_series(1, 3) as n;
        insert into erp.purchase_orders
        select {number} * 10 + n, 'P{number}', n, 'S' || n, n::text, 'L1', 7, 10, '{moment}', '{moment}', '2026-03-20',
            null, 'open', '{moment}', '{moment}'
        from generate_series(1, 3) as n;
        delete from erp.inventory;
        insert into erp.inventory
        select item_id, location_id, sum(quantity), 0, 0, 0, '2026-03-0{number}', '{moment}'
        from erp.stock_movements group by item_id, location_id;
    """


# What happens in the ERP before each of the mornings; day 5 is read twice.
STORY = (
    START + day_of_events(1),
    change("20", "2026-03-02 09:00-03") + day_of_events(2),
    # deleted; a line is entered late, one is corrected to another day and tower, one cancelled, a movement corrected
    "".join(f"create table gone_{m} as select * from erp.{m} where {o}_id like '%2';" for m, o in MASTERS.items())
    + "".join(f"delete from erp.{m} where {o}_id like '%2';" for m, o in MASTERS.items())
    + day_of_events(3)
    + """
        insert into erp.requisitions values
            (91, 'R9', 1, '1', 'L1', null, null, 8, 'UN', '2026-03-01 09:00-03', null, null, 'open',
                '2026-03-03 10:00-03', '2026-03-03 10:00-03');
        update erp.requisitions
        set requested_at = '2026-03-01 12:00-03', tower_id = 'T2', updated_at = '2026-03-03 11:00-03'
        where requisition_line_id = 21;
        update erp.requisitions set status = 'cancelled', updated_at = '2026-03-03 11:00-03'
        where requisition_line_id = 12;
        update erp.stock_movements
        set moved_at = '2026-03-02 08:00-03', quantity = 1, updated_at = '2026-03-03 11:00-03'
        where movement_id = 11;
    """,
    # they return as they were, not even touched; the item that was always missing comes too
    "".join(f"insert into erp.{m} select * from gone_{m};" for m in MASTERS)
    + """
        insert into erp.items values
            ('3', 'Item 3', 'Energia', 'Baterias', 'UN', 'S1', 30, 5, 1, 1, 'vital', false, true, '2026-03-04',
                '2026-03-04 10:00-03');
    """
    + day_of_events(4)
    + "delete from erp.requisitions where requisition_line_id = 33;",
    change("30", "2026-03-05 09:00-03") + day_of_events(5),
    change("40", "2026-03-05 15:00-03"),
)
MORNINGS = [FIRST_MORNING + timedelta(days=number) for number in (0, 1, 2, 3, 4, 4)]


# Starting dbt and reading the project takes longer than building these few rows.
MANY_INVOCATIONS = """
import json, sys
from dbt.adapters.duckdb.connections import DuckDBConnectionManager as connections
from dbt.cli.main import dbtRunner

options = ["--target-path", sys.argv[1], "--log-path", sys.argv[1], "--log-level", "none"]
answers, sys.stdout = sys.stdout, sys.stderr
runner = dbtRunner(manifest=dbtRunner().invoke(["parse", *options]).result)
for line in sys.stdin:
    done = runner.invoke([*json.loads(line), *options])
    connections.env().close()  # dbt would keep the warehouse open until this process ends
    connections.close_all_connections()
    print("done" if done.success else f"failed: {done.exception}", file=answers, flush=True)
"""


class World:
    """An installation whose lake is filled by hand, and the marts that dbt made of it."""

    def __init__(self, folder: Path) -> None:
        self.installation = Installation.at(folder / "data")
        self.lake = self.installation.data / "lake"
        self.warehouse = self.installation.data / "warehouse.duckdb"
        Lake(str(self.lake)).ensure_contracts(TABLES)
        self._log = folder / "dbt" / "dbt.log"
        self._process = subprocess.Popen(
            [sys.executable, "-c", MANY_INVOCATIONS, str(folder / "dbt")],
            cwd=CHECKOUT,
            env={
                **self.installation.environment,
                "LAKE_ROOT": str(self.lake),
                "WAREHOUSE_PATH": str(self.warehouse),
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def dbt(self, *arguments: str) -> None:
        """Invoke dbt in the one process that has read the project already."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer == "done\n", f"{answer}{self._log.read_text()[-3000:]}"

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def build(self, *arguments: str) -> None:
        kinds = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        self.dbt("build", *kinds, "--select", *BUILT, *arguments)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def facts(self) -> dict[str, list[tuple[Any, ...]]]:
        return {fact: self.ask(f"select * from marts.{fact} order by all") for fact in FACTS}

    def versions(self, master: str) -> list[tuple[Any, ...]]:
        """Value, first day (NULL from the beginning), first day no more (NULL while open), life of the changing one."""
        one = MASTERS[master]
        measure = {"items": "unit_cost_brl", "suppliers": "promised_lead_time_days", "contracts": "sla_target_pct"}
        return self.ask(
            f"""
            select
                {measure.get(master, "latitude")}::integer,
                nullif(timezone('America/Bahia', valid_from)::timestamp, timestamp '1899-12-31 21:25:56')::varchar,
                case when not is_current then timezone('America/Bahia', valid_to)::varchar end,
                is_active
            from marts.dim_{master}
            where {one}_id like '%2'
            order by valid_from
            """
        )


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What each morning's reading of the ERP brought: one lake a morning with that morning's files alone."""
    folder = tmp_path_factory.mktemp("readings")
    root = str(folder / "whole")
    whole = Lake(root)
    seen: set[Path] = set()
    readings = []
    cluster = Cluster(folder / "erp")
    with cluster.running() as port:
        create_database(cluster, port)
        with cluster.connect(port) as connection:
            connection.execute((CHECKOUT / "simulator" / "schema.sql").read_bytes())
            grant_reading(connection)
        for number, (morning, events) in enumerate(zip(MORNINGS, STORY, strict=True)):
            with cluster.connect(port) as connection:
                connection.execute(events.encode())
            settings = Settings(
                lake_root=root, today=morning, history_from=FIRST_MORNING, erp_dsn=cluster.reader_dsn(port)
            )
            list(extract_together(ERP_TABLES, settings, whole, f"morning {number}"))
            files = set((folder / "whole").rglob("*.parquet"))
            for file in files - seen:
                target = folder / str(number) / file.relative_to(folder / "whole")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, target)
            readings.append(folder / str(number))
            seen = files
    return readings


def bring(reading: Path, lake: Path, *, events: bool) -> None:
    """Copy the masters, or the events, of one morning into a lake."""
    tables = {table.table: table.kind for table in ERP_TABLES}
    for file in reading.rglob("*.parquet"):
        if (tables[file.relative_to(reading).parts[2]] == "changes") is events:
            target = lake / file.relative_to(reading)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)


@pytest.fixture(scope="module")
def world(mornings: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Built morning by morning, with the events of the mornings in shuffled order."""
    world = World(tmp_path_factory.mktemp("world"))
    order = random.Random(20260302).sample(mornings, len(mornings))
    assert order != mornings
    for reading, events in zip(mornings, order, strict=True):
        bring(reading, world.lake, events=False)
        bring(events, world.lake, events=True)
        world.build()
    yield world
    world.close()


@pytest.mark.parametrize("master", MASTERS)
def test_a_master_that_changes_vanishes_and_returns_leaves_half_open_versions(world: World, master: str) -> None:
    first = {"items": 10, "towers": -13, "suppliers": 5, "contracts": 100}[master]
    changed, again, last = 20, 30, 40
    assert world.versions(master) == [
        (first, None, "2026-03-02 09:00:00", True),
        (changed, "2026-03-02 09:00:00", "2026-03-04 00:00:00", True),
        (changed, "2026-03-04 00:00:00", "2026-03-05 00:00:00", False),  # deleted
        (changed, "2026-03-05 00:00:00", "2026-03-05 09:00:00", True),  # back, with the change time of its first life
        (again, "2026-03-05 09:00:00", "2026-03-05 15:00:00", True),
        (last, "2026-03-05 15:00:00", None, True),
    ]


def test_keys_of_versions_are_unique_and_every_test_of_dimensions_and_facts_passes(world: World) -> None:
    built = (name.removeprefix("+") for name in BUILT)
    # cautious: a relationship to a model that was not built here is none of this test's business
    world.dbt("test", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--select", *built)


@pytest.mark.parametrize(
    ("fact", "day", "one"),
    [
        ("fact_demand", "demand_on", "item"),
        ("fact_demand", "demand_on", "tower"),
        ("fact_inventory", "stock_on", "item"),
        ("fact_purchase_orders", "requested_on", "supplier"),
    ],
)
def test_a_fact_names_the_version_that_held_on_its_day(world: World, fact: str, day: str, one: str) -> None:
    """The last version of a day stands for the day; what has no master is `unknown`."""
    last_instant = f"timezone('America/Bahia', facts.{day} + interval 1 day) - interval 1 microsecond"
    rows = world.ask(
        f"""
        select facts.{one}_key, coalesce(dims.{one}_key, 'unknown'), count(*)
        from marts.{fact} as facts
        left join marts.dim_{one}s as dims
            on facts.{one}_id = dims.{one}_id
            and {last_instant} >= dims.valid_from and {last_instant} < dims.valid_to
        group by all
        """
    )
    if one != "item":  # every item got a master in the end
        assert "unknown" in {stored for stored, _, _ in rows}
    assert [row for row in rows if row[0] != row[1]] == []
    assert len(rows) >= 3


def test_the_corrected_events_stand_where_they_belong(world: World) -> None:
    asked = world.ask(
        "select demand_on::varchar, sum(demand_units)::integer from marts.fact_demand group by 1 order by 1"
    )
    # day 1: three lines of 1, one of them cancelled, one entered late (8), one moved here from day 2 (2);
    # day 3: one of three lines of 3 was deleted
    assert asked == [
        ("2026-03-01", 12),
        ("2026-03-02", 4),
        ("2026-03-03", 6),
        ("2026-03-04", 12),
        ("2026-03-05", 15),
    ]
    stock = world.ask(
        "select stock_on::varchar, on_hand_units::integer from marts.fact_inventory where item_id = '1' order by 1"
    )
    # the receipt of day 1 (4) was corrected to 1 on day 2
    assert stock == [("2026-03-02", 10), ("2026-03-03", 24), ("2026-03-04", 43), ("2026-03-05", 67)]


def test_building_again_changes_nothing(world: World) -> None:
    before = world.facts()
    world.build()
    assert world.facts() == before


def test_a_full_refresh_gives_what_the_shuffled_days_gave(world: World) -> None:
    before = world.facts()
    assert all(before.values())
    world.dbt("run", "--full-refresh", "--select", "int_demand__classify_lines", *FACTS)
    assert world.facts() == before
