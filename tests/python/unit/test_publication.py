"""Gold: complete or invisible, unchanged or new, and always a way back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publication import gold
from publication.store import GoldStore

FACTS = {
    "code_revision": "abc",
    "checks": {"passed": 3, "warned": 0, "failed": 0},
    "quality_score_pct": 100.0,
    "as_of_on": "2026-01-31",
    "freshness": {},
}


def write_candidate(folder: Path, *, units: list[int]) -> Path:
    """A candidate of two tables, of which one carries the given units."""
    for name, values in (("fact_demand", units), ("dim_items", [1, 2])):
        (folder / name).mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"units": values}), folder / name / "part-0.parquet")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> GoldStore:
    return GoldStore(str(tmp_path / "gold"))


def publish(store: GoldStore, candidate: Path, hour: int) -> gold.Publication:
    return gold.publish(store, candidate, facts=FACTS, now=datetime(2026, 2, 1, hour, tzinfo=UTC))


def test_first_publication_names_rows_and_checksums(store: GoldStore, tmp_path: Path) -> None:
    published = publish(store, write_candidate(tmp_path / "candidate", units=[1, 2, 3]), 1)

    pointer = gold.current(store)
    assert pointer is not None
    assert published.is_new
    assert pointer["version"] == published.version
    assert pointer["generated_at"] == "2026-02-01T01:00:00+00:00"
    assert {name: table["rows"] for name, table in pointer["tables"].items()} == {"dim_items": 2, "fact_demand": 3}
    assert (tmp_path / "gold" / pointer["tables"]["fact_demand"]["path"]).exists()
    assert gold.verify(store) == []


def test_equal_candidate_makes_no_new_version(store: GoldStore, tmp_path: Path) -> None:
    candidate = write_candidate(tmp_path / "candidate", units=[1, 2, 3])
    first = publish(store, candidate, 1)
    second = publish(store, candidate, 2)

    assert not second.is_new
    assert second.version == first.version
    assert len(gold.versions(store)) == 1


def test_changed_candidate_becomes_current_and_the_old_version_stays_readable(store: GoldStore, tmp_path: Path) -> None:
    candidate = tmp_path / "candidate"
    first = publish(store, write_candidate(candidate, units=[1]), 1)
    second = publish(store, write_candidate(candidate, units=[2]), 2)

    assert second.is_new
    assert [manifest["version"] for manifest in gold.versions(store)] == [first.version, second.version]
    assert pq.read_table(tmp_path / "gold" / first.version / "fact_demand" / "part-0.parquet")["units"].to_pylist() == [
        1
    ]


def test_failed_checks_leave_the_published_version_in_place(store: GoldStore, tmp_path: Path) -> None:
    candidate = tmp_path / "candidate"
    first = publish(store, write_candidate(candidate, units=[1]), 1)
    facts = {**FACTS, "checks": {"passed": 2, "warned": 0, "failed": 1}}

    with pytest.raises(gold.PublicationError, match="1 checks of the candidate failed"):
        gold.publish(store, write_candidate(candidate, units=[2]), facts=facts)

    pointer = gold.current(store)
    assert pointer is not None
    assert pointer["version"] == first.version


def test_interrupted_publication_is_invisible_and_removed_by_the_next(store: GoldStore, tmp_path: Path) -> None:
    candidate = tmp_path / "candidate"
    first = publish(store, write_candidate(candidate, units=[1]), 1)
    interrupted = tmp_path / "gold" / "20260201T020000Z-deadbeef" / "fact_demand"
    interrupted.mkdir(parents=True)
    (interrupted / "part-0.parquet").write_bytes(b"PAR1 half a file")

    assert [manifest["version"] for manifest in gold.versions(store)] == [first.version]
    publish(store, write_candidate(candidate, units=[2]), 3)
    assert not interrupted.parent.exists()


def test_interruption_while_copying_keeps_the_pointer(
    store: GoldStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = tmp_path / "candidate"
    first = publish(store, write_candidate(candidate, units=[1]), 1)
    uploads: list[str] = []

    def upload_once(_: GoldStore, source: Path, relative: str) -> int:
        if uploads:
            raise KeyboardInterrupt
        uploads.append(relative)
        return source.stat().st_size

    monkeypatch.setattr(GoldStore, "upload", upload_once)
    with pytest.raises(KeyboardInterrupt):
        publish(store, write_candidate(candidate, units=[2]), 2)
    pointer = gold.current(store)
    assert pointer is not None
    assert pointer["version"] == first.version


def test_truncated_copy_is_refused(store: GoldStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GoldStore, "upload", lambda *_: 7)
    with pytest.raises(gold.PublicationError, match="arrived with 7 of"):
        publish(store, write_candidate(tmp_path / "candidate", units=[1]), 1)
    assert gold.current(store) is None


def test_rollback_returns_to_the_version_before_and_to_a_named_one(store: GoldStore, tmp_path: Path) -> None:
    candidate = tmp_path / "candidate"
    versions = [publish(store, write_candidate(candidate, units=[n]), n).version for n in (1, 2, 3)]

    assert gold.rollback(store) == versions[1]
    assert gold.rollback(store) == versions[0]
    with pytest.raises(gold.PublicationError, match="oldest version kept"):
        gold.rollback(store)
    assert gold.rollback(store, versions[2]) == versions[2]
    with pytest.raises(gold.PublicationError, match="version 2019 is not in"):
        gold.rollback(store, "2019")


def test_rollback_and_verify_say_when_nothing_is_published(store: GoldStore) -> None:
    with pytest.raises(gold.PublicationError, match="nothing is published"):
        gold.rollback(store)
    with pytest.raises(gold.PublicationError, match="nothing is published"):
        gold.verify(store)


def test_verify_names_files_that_were_changed_or_lost(store: GoldStore, tmp_path: Path) -> None:
    publish(store, write_candidate(tmp_path / "candidate", units=[1]), 1)
    pointer = gold.current(store)
    assert pointer is not None
    demand, items = (tmp_path / "gold" / pointer["tables"][name]["path"] for name in ("fact_demand", "dim_items"))
    demand.write_bytes(demand.read_bytes()[:-1] + b"\x00")
    items.unlink()

    assert sorted(gold.verify(store)) == sorted(
        pointer["tables"][name]["path"] for name in ("fact_demand", "dim_items")
    )


def test_candidate_without_tables_or_with_a_damaged_file_is_refused(store: GoldStore, tmp_path: Path) -> None:
    with pytest.raises(gold.PublicationError, match="no table in"):
        publish(store, tmp_path / "nothing", 1)
    candidate = write_candidate(tmp_path / "candidate", units=[1])
    (candidate / "dim_items" / "part-0.parquet").write_bytes(b"not parquet")
    with pytest.raises(gold.PublicationError, match="is not readable Parquet"):
        publish(store, candidate, 1)
