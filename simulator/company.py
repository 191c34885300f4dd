"""The demonstration company on disk: created once, advanced by days, and served while somebody works with it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from simulator.assumptions import SIZES, Dirt
from simulator.buyers_workbook import write_workbook
from simulator.feeds.server import FeedServer
from simulator.feeds.world import FeedWorld
from simulator.forecasts import write_forecasts
from simulator.generator import Company, Report, end_of, generate, no_report
from simulator.postgres import Cluster, copy_table, create_database, delete_others, grant_reading, upsert_table
from simulator.truth import write_truth

FORMAT = 2  # of company.json; a company of another format is generated again
DEFAULT_SEED = 20_240_601
KEYS: dict[str, tuple[str, ...]] = {
    "items": ("item_id",),
    "suppliers": ("supplier_id",),
    "contracts": ("contract_id",),
    "locations": ("location_id",),
    "towers": ("tower_id",),
    "requisitions": ("requisition_line_id",),
    "stock_movements": ("movement_id",),
    "inventory": ("item_id", "location_id"),
    "purchase_orders": ("purchase_order_line_id",),
    "receipts": ("receipt_id",),
    "work_orders": ("work_order_id",),
}
VANISHING = ("suppliers",)  # masters whose rows are deleted, and return with their old change date


class DemoCompany:
    """A company in a folder.

    Args:
        home: Folder of the company (PostgreSQL data, company.json, truth, forecasts that it delivers).
        size: `ci`, `demo` or `full`.
        seed: Everything random follows from it.
        dirt: Whether the data are soiled as real ones are.
    """

    def __init__(self, home: Path, *, size: str = "demo", seed: int = DEFAULT_SEED, dirt: bool = True) -> None:
        if size not in SIZES:
            raise ValueError(f"unknown size {size!r}: choose one of {', '.join(SIZES)}")
        self._home = home.resolve()
        self._size, self._seed, self._dirt = size, seed, dirt
        self._cluster = Cluster(self._home)
        self._world: FeedWorld | None = None

    @classmethod
    def at(cls, home: Path, *, size: str | None = None) -> DemoCompany:
        """The company that lives in a folder, or the one to be created there.

        Args:
            home: Folder of the company.
            size: Size of a company to be created, `demo` by default; one that exists keeps its own.

        Raises:
            ValueError: The folder holds a company of another size than the one asked for.
        """
        found = cls(home)._read_state()
        if found is None:
            return cls(home, size=size or "demo")
        if size not in (None, found["size"]):
            raise ValueError(
                f"{home} holds a company of size {found['size']}, not {size}: remove the folder or its size"
            )
        return cls(home, size=found["size"], seed=found["seed"], dirt=found["dirt"])

    @property
    def home(self) -> Path:
        """The folder of the company."""
        return self._home

    @property
    def first_day(self) -> date:
        """The first day of the history."""
        return date.fromisoformat(self._settled_state()["first_day"])

    @property
    def until(self) -> date:
        """The last closed day."""
        return date.fromisoformat(self._settled_state()["until"])

    def create(self, until: date, *, first_day: date | None = None, report: Report = no_report) -> None:
        """Generate the company and load it into PostgreSQL, once.

        Does nothing when the company is complete. What a killed attempt left behind is removed first.

        Args:
            until: Last closed day.
            first_day: First day of the history; by default the size's number of days before `until`.
            report: Receives progress messages.

        Raises:
            ValueError: The folder holds another company (size, seed or dirt differ).
        """
        with self._changing():
            state = self._read_state()
            if state is not None:
                self._refuse_another(state)
                return
            start = first_day or until - timedelta(days=SIZES[self._size].history_days - 1)
            company = self._generate(start, until, report)
            self._cluster.reset()
            with self._cluster.running() as port:
                report("PostgreSQL started")
                create_database(self._cluster, port)
                self._load(company, port, report)
            write_truth(company, self._home / "truth", report)
            shutil.rmtree(self._forecasts, ignore_errors=True)
            write_forecasts(company, self._forecasts, report)
            shutil.rmtree(self._uploads, ignore_errors=True)
            self._send_workbook(company)
            self._write_state(start, until)
            report(f"company of size {self._size} complete: {start} to {until}")

    def advance(self, days: int, *, report: Report = no_report) -> date:
        """Append days: new and changed rows in one transaction.

        Args:
            days: How many days, at least one.
            report: Receives progress messages.

        Returns:
            The new last closed day.
        """
        if days < 1:
            raise ValueError(f"a company advances by one day or more, not by {days}")
        with self._changing():
            state = self._settle(self._existing_state())
            start, before = (date.fromisoformat(state[name]) for name in ("first_day", "until"))
            until = before + timedelta(days=days)
            company = self._generate(start, until, report)
            # Until the commit is known, company.json says that it is not: a kill in between is settled by asking.
            self._write_state(start, before, pending=until)
            with self._cluster.running() as port, self._cluster.connect(port) as connection:
                self._append(connection, company, before, report)
            write_forecasts(company, self._forecasts, report)
            self._send_workbook(company)
            self._write_state(start, until)
            if self._world is not None:
                self._world.until = until
            report(f"advanced to {until}")
            return until

    @contextmanager
    def running(self, *, report: Report = no_report) -> Iterator[dict[str, str]]:
        """Start PostgreSQL and the feed servers, yield the environment that points at them, stop them after."""
        until, first_day = self.until, self.first_day
        world = FeedWorld(self._size, self._seed, until, self._rates_of_dirt(), first_day=first_day)
        with self._cluster.running() as port, FeedServer(world).running() as address:
            self._world = world
            report(f"PostgreSQL on port {port}, feeds at {address}")
            try:
                yield {
                    "ERP_DSN": self._cluster.reader_dsn(port),
                    "ERP_MAPPING": "nova_corrente",
                    "INMET_BASE_URL": f"{address}/inmet",
                    "INMET_TOKEN": world.inmet_token,
                    "INMET_STATIONS": "",
                    "INMET_ARCHIVE_BASE_URL": f"{address}/inmet/uploads/dadoshistoricos",
                    "BACEN_SGS_BASE_URL": f"{address}/bacen/dados/serie",
                    "BACEN_PTAX_BASE_URL": f"{address}/bacen/olinda/servico/PTAX/versao/v1/odata",
                    "BACEN_FOCUS_BASE_URL": f"{address}/bacen/olinda/servico/Expectativas/versao/v1/odata",
                    "ANATEL_BASE_URL": f"{address}/anatel/dadosabertos/paineis_de_dados",
                    "FORECASTS_PATH": str(self._forecasts),
                    "SUPPLIERS_BASE_URL": f"{address}/suppliers",
                    "SUPPLIERS_TOKEN": world.suppliers_token,
                    "UPLOADS_PATH": str(self._uploads),
                    "NOVA_TODAY": (until + timedelta(days=1)).isoformat(),
                    "NOVA_HISTORY_FROM": first_day.isoformat(),
                }
            finally:
                self._world = None

    def _rates_of_dirt(self) -> Dirt:
        return Dirt() if self._dirt else Dirt.none()

    def _generate(self, first_day: date, until: date, report: Report) -> Company:
        return generate(self._size, self._seed, first_day, until, dirt=self._rates_of_dirt(), report=report)

    def _load(self, company: Company, port: int, report: Report) -> None:
        here = Path(__file__).parent
        with self._cluster.connect(port) as connection:
            connection.execute((here / "schema.sql").read_bytes())
            connection.execute("create schema demonstration")
            connection.execute("create table demonstration.state (until date not null)")
            connection.execute("insert into demonstration.state values (%s)", (company.until,))
            for name, table in company.erp.items():
                copy_table(connection, sql.Identifier("erp", name), table)
                report(f"{table.num_rows:>10,} rows in erp.{name}")
            connection.execute((here / "keys.sql").read_bytes())
            grant_reading(connection)
        with self._cluster.connect(port) as connection:
            connection.autocommit = True
            connection.execute("analyze")

    def _append(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        company: Company,
        before: date,
        report: Report,
    ) -> None:
        previous_end = pa.scalar(end_of(before), pa.int64()).cast(pa.timestamp("us", tz="UTC"))
        for name, table in company.erp.items():
            changed = table  # the inventory carries the closing day in every row
            if name in VANISHING:
                delete_others(connection, name, KEYS[name], table)
            elif "updated_at" in table.column_names:
                is_later = pc.greater_equal(table["updated_at"], previous_end)
                changed = table.filter(pc.fill_null(is_later, fill_value=True))
            if changed.num_rows:
                upsert_table(connection, name, KEYS[name], changed)
                report(f"{changed.num_rows:>10,} rows new or changed in erp.{name}")
        connection.execute("update demonstration.state set until = %s", (company.until,))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One process creates or advances at a time; the lock dies with its holder."""
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "company.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def _forecasts(self) -> Path:
        return self._home / "exports" / "ml_results"

    @property
    def _uploads(self) -> Path:
        return self._home / "uploads"

    def _send_workbook(self, company: Company) -> None:
        """Drop the buyers' workbook of the last day into their inbox."""
        history = company.history
        write_workbook(
            history.items, history.suppliers, seed=self._seed, until=company.until, folder=self._uploads / "inbox"
        )

    @property
    def _state_path(self) -> Path:
        return self._home / "company.json"

    def _read_state(self) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = json.loads(self._state_path.read_text())
        except FileNotFoundError:
            return None
        return state if state.get("format") == FORMAT and state.get("complete") else None

    def _existing_state(self) -> dict[str, Any]:
        state = self._read_state()
        if state is None:
            raise FileNotFoundError(f"no demonstration company in {self._home}: create it first")
        self._refuse_another(state)
        return state

    def _settled_state(self) -> dict[str, Any]:
        return self._settle(self._existing_state())

    def _settle(self, state: dict[str, Any]) -> dict[str, Any]:
        """After a kill between commit and note, the database knows how far the company got."""
        if "pending" in state:
            with self._cluster.running() as port, self._cluster.connect(port) as connection:
                row = connection.execute("select until from demonstration.state").fetchone()
            if row is None:
                raise RuntimeError(f"the company in {self._home} is damaged: remove the folder and create it again")
            settled = {name: value for name, value in state.items() if name != "pending"}
            return {**settled, "until": row[0].isoformat()}
        return state

    def _refuse_another(self, state: dict[str, Any]) -> None:
        here = {"size": self._size, "seed": self._seed, "dirt": self._dirt}
        there = {name: state[name] for name in here}
        if here != there:
            raise ValueError(f"{self._home} holds another company ({there}, not {here}): remove it or use its settings")

    def _write_state(self, first_day: date, until: date, pending: date | None = None) -> None:
        state: dict[str, Any] = {
            "format": FORMAT,
            "complete": True,
            "size": self._size,
            "seed": self._seed,
            "dirt": self._dirt,
            "first_day": first_day.isoformat(),
            "until": until.isoformat(),
        }
        if pending is not None:
            state["pending"] = pending.isoformat()
        draft = self._state_path.with_suffix(".json.tmp")
        with draft.open("w") as file:
            json.dump(state, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._state_path)
