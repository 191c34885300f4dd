"""Lake, gold and alerts on S3: a server that honours conditional puts runs on loopback."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from moto.server import ThreadedMotoServer

from extractors import catalog
from extractors.lake import Lake
from extractors.settings import Settings
from orchestration.platform import CHECKOUT, Platform, executable
from publication import gold
from publication.alerts.ledger import Condition
from publication.alerts.outbox import announce, send_pending
from publication.alerts.settings import AlertSettings, ChannelSettings
from publication.s3 import ObjectChangedError, S3Access
from publication.store import GoldStore
from publication.tables import published_tables, rows

ROOT = "s3://lake/nova"
FACTS = {"as_of_on": "2026-01-31"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it names every request
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        moto.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket `lake`, and the environment that leads to it."""
    requests.post(f"{server}/moto-api/reset", timeout=10).raise_for_status()
    requests.put(f"{server}/lake", timeout=10).raise_for_status()
    environment = {
        "AWS_ENDPOINT_URL": server,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def store(s3: str) -> GoldStore:
    del s3
    return GoldStore(f"{ROOT}/gold")


def publish(store: GoldStore, candidate: Path, units: list[int], hour: int) -> gold.Publication:
    for name, values in (("fact_demand", units), ("dim_items", [1, 2])):
        (candidate / name).mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"units": values}), candidate / name / "part-0.parquet")
    return gold.publish(store, candidate, facts=FACTS, now=datetime(2026, 2, 1, hour, tzinfo=UTC))


def pointer_of(store: GoldStore) -> dict[str, Any]:
    pointer = gold.current(store)
    assert pointer is not None
    return pointer


def units_of(store: GoldStore, pointer: dict[str, Any]) -> list[int]:
    with published_tables(store.root, pointer, ["fact_demand"]) as connection:
        return [row["units"] for row in rows(connection, "select units from fact_demand order by 1", {})]


def test_gold_on_s3_is_published_listed_verified_and_rolled_back(store: GoldStore, tmp_path: Path) -> None:
    first = publish(store, tmp_path, [1, 2, 3], 1)
    assert not publish(store, tmp_path, [1, 2, 3], 2).is_new
    second = publish(store, tmp_path, [4], 3)
    assert [manifest["version"] for manifest in gold.versions(store)] == [first.version, second.version]
    assert units_of(store, pointer_of(store)) == [4]
    assert gold.verify(store) == []
    assert gold.rollback(store) == first.version
    assert units_of(store, pointer_of(store)) == [1, 2, 3]

    damaged = pointer_of(store)["tables"]["dim_items"]["path"]
    store.write(damaged, b"not what was published")
    assert gold.verify(store) == [damaged]


def test_a_reader_that_holds_the_old_version_finishes_undisturbed(store: GoldStore, tmp_path: Path) -> None:
    publish(store, tmp_path, [1, 2, 3], 1)
    held = pointer_of(store)
    with published_tables(store.root, held, ["fact_demand"]) as connection:
        publish(store, tmp_path, [4], 2)
        gold.rollback(store)
        publish(store, tmp_path, [5], 3)
        assert connection.execute("select sum(units) from fact_demand").fetchone() == (6,)
    assert units_of(store, held) == [1, 2, 3]
    assert units_of(store, pointer_of(store)) == [5]


def test_of_two_publications_at_once_one_is_refused_and_gold_is_the_others(
    store: GoldStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, tmp_path / "a", [1], 1)
    upload = GoldStore.upload

    def upload_while_another_publishes(self: GoldStore, source: Path, relative: str) -> int:
        monkeypatch.setattr(GoldStore, "upload", upload)
        publish(GoldStore(store.root), tmp_path / "b", [2], 2)
        return upload(self, source, relative)

    monkeypatch.setattr(GoldStore, "upload", upload_while_another_publishes)
    with pytest.raises(gold.PublicationError, match="another process published"):
        publish(store, tmp_path / "c", [3], 3)
    assert units_of(store, pointer_of(store)) == [2]
    assert gold.verify(store) == []


def test_the_pointer_is_swapped_only_if_it_is_what_was_read(store: GoldStore) -> None:
    assert store.read_tagged("current.json") == (None, None)
    store.replace("current.json", b"1", None)
    with pytest.raises(ObjectChangedError):
        store.replace("current.json", b"2", None)
    content, tag = store.read_tagged("current.json")
    assert content == b"1"
    store.replace("current.json", b"2", tag)
    with pytest.raises(ObjectChangedError):
        store.replace("current.json", b"3", tag)
    assert store.read("current.json") == b"2"


def test_a_local_copy_serves_readers_that_know_no_s3_and_holds_one_version(store: GoldStore, tmp_path: Path) -> None:
    publish(store, tmp_path / "candidate", [1, 2], 1)
    copy = Path(gold.mirror(store, tmp_path / "copy"))
    first = pointer_of(store)
    assert json.loads((copy / "current.json").read_text()) == first
    assert gold.verify(GoldStore(str(copy))) == []
    publish(store, tmp_path / "candidate", [3], 2)
    gold.mirror(store, copy)
    assert [path.name for path in copy.iterdir() if path.is_dir()] == [pointer_of(store)["version"]]
    assert gold.verify(GoldStore(str(copy))) == []


def test_a_store_without_keys_or_with_a_refusing_server_says_what_is_wrong(s3: str) -> None:
    with pytest.raises(ValueError, match="AWS_ACCESS_KEY_ID"):
        S3Access.from_environment({})
    with pytest.raises(OSError, match="could not write s3://no-such-bucket/x: answered 404"):
        S3Access(s3, "us-east-1", "key", "secret").put("no-such-bucket/x", b"", tag=None)


def test_alerts_are_kept_on_s3_and_told_once(s3: str, tmp_path: Path) -> None:
    del s3
    alerts = GoldStore(f"{ROOT}/alerts")
    settings = AlertSettings((ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")}),))
    condition = Condition("stockout:A@B", "compras", "critical", "t", "d", "a", "")
    now = datetime(2026, 6, 16, 11, tzinfo=UTC)
    for _ in range(2):
        announce(alerts, settings, [condition], now, scope=("stockout:",))
        send_pending(alerts, settings, now)
    assert len(list((tmp_path / "out").glob("*.txt"))) == 1
    assert alerts.folders("outbox") == []


@pytest.mark.slow
def test_bronze_on_s3_is_read_by_dbt_with_the_extension_of_the_wheel(s3: str, tmp_path: Path) -> None:
    del s3
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path), "LAKE_ROOT": ROOT})
    place.prepare()
    assert list(place.extensions.rglob("httpfs.duckdb_extension"))
    settings = Settings(lake_root=ROOT, today=date(2026, 6, 16), history_from=date(2026, 1, 1))
    (table,) = (table for table in catalog.TABLES if table.name == "calendar/holidays")
    lake = Lake(ROOT)
    landing = catalog.extract(table, settings, lake, "run")
    assert landing.rows_landed > 100
    assert catalog.extract(table, settings, lake, "again").rows_landed == 0

    done = subprocess.run(
        [
            executable("dbt"),
            "run",
            "--quiet",
            "--select",
            "stg_calendar__holidays",
            "--target-path",
            str(place.dbt_target),
        ],
        cwd=CHECKOUT,
        env={**os.environ, **place.environment(), "DBT_LOG_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(place.warehouse), config={"extension_directory": str(place.extensions)}) as connection:
        connection.load_extension("httpfs")
        endpoint = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
        connection.execute(
            f"create secret (type s3, key_id 'key', secret 'secret', region 'us-east-1', endpoint '{endpoint}', "
            "use_ssl false, url_style 'path')"
        )
        counted = connection.execute("select count(*) from staging.stg_calendar__holidays").fetchone()
    assert counted == (landing.rows_landed,)
