"""Publish, roll back and verify versions of gold.

Layout under the gold root::

    current.json                          the pointer: a copy of the manifest of the version that readers use
    <version>/<table>/part-0.parquet      the tables
    <version>/manifest.json               written last; a folder without it is an interrupted publication

A version is complete before the pointer names it, so a run killed at any moment leaves readers on the last good one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from publication.s3 import ObjectChangedError
from publication.store import GoldStore

POINTER = "current.json"
MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 20


class PublicationError(Exception):
    """Gold could not be published, rolled back or verified; the message says what to do."""


@dataclass(frozen=True)
class Publication:
    """Outcome of a publication.

    Attributes:
        version: The version that readers use now.
        is_new: False when the candidate equals the version that was already published.
        rows: Rows per table.
    """

    version: str
    is_new: bool
    rows: dict[str, int]


def _sha256(stream: Any) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def describe_candidate(candidate: Path) -> dict[str, dict[str, Any]]:
    """Path, rows, size in bytes and SHA-256 of each table of a candidate folder (``<table>/part-0.parquet``).

    Raises:
        PublicationError: If the folder holds no table or a file is not readable Parquet.
    """
    tables: dict[str, dict[str, Any]] = {}
    for file in sorted(candidate.glob("*/part-0.parquet")):
        try:
            rows = pq.read_metadata(file).num_rows
        except (OSError, ValueError) as error:
            raise PublicationError(f"{file} is not readable Parquet ({error}); export the marts again") from error
        with file.open("rb") as stream:
            checksum = _sha256(stream)
        name = file.parent.name
        tables[name] = {
            "path": f"{name}/part-0.parquet",
            "rows": rows,
            "bytes": file.stat().st_size,
            "sha256": checksum,
        }
    if not tables:
        raise PublicationError(f"no table in {candidate}; run dbt's export_gold first")
    return tables


def current(store: GoldStore) -> dict[str, Any] | None:
    """The pointer's content, or None before the first publication."""
    content = store.read(POINTER)
    return None if content is None else dict(json.loads(content))


def versions(store: GoldStore) -> list[dict[str, Any]]:
    """Manifests of all complete versions, oldest first."""
    found = []
    for name in store.folders():
        content = store.read(f"{name}/{MANIFEST}")
        if content is not None:
            found.append(dict(json.loads(content)))
    return found


def publish(
    store: GoldStore,
    candidate: Path,
    *,
    facts: Mapping[str, Any],
    now: datetime | None = None,
) -> Publication:
    """Make a candidate the current version.

    Nothing is written when every table equals the current version byte for byte.

    Args:
        store: Where gold lives.
        candidate: Local folder with ``<table>/part-0.parquet``.
        facts: What the manifest says beside the tables: code_revision, checks, quality_score_pct, freshness, as_of_on.
        now: Time of publication (UTC); the clock by default.

    Raises:
        PublicationError: If a check of the candidate failed or a copy did not arrive whole.
    """
    failed = int(facts.get("checks", {}).get("failed", 0))
    if failed:
        raise PublicationError(f"{failed} checks of the candidate failed; the published version stays as it is")
    tables = describe_candidate(candidate)
    pointed, tag = store.read_tagged(POINTER)
    before = None if pointed is None else json.loads(pointed)
    rows = {name: int(table["rows"]) for name, table in tables.items()}
    if before is not None and {n: t["sha256"] for n, t in before["tables"].items()} == {
        n: t["sha256"] for n, t in tables.items()
    }:
        return Publication(version=str(before["version"]), is_new=False, rows=rows)

    _remove_interrupted(store)
    generated_at = now or datetime.now(UTC)
    content_id = hashlib.sha256("".join(t["sha256"] for t in tables.values()).encode()).hexdigest()[:8]
    version = f"{generated_at:%Y%m%dT%H%M%S}Z-{content_id}"
    for table in tables.values():
        arrived = store.upload(candidate / table["path"], f"{version}/{table['path']}")
        if arrived != table["bytes"]:
            raise PublicationError(
                f"{version}/{table['path']} arrived with {arrived} of {table['bytes']} bytes in {store.root}; "
                "check the disk and publish again"
            )
    manifest = {
        "version": version,
        "generated_at": generated_at.isoformat(timespec="seconds"),
        **facts,
        "tables": {name: {**table, "path": f"{version}/{table['path']}"} for name, table in tables.items()},
    }
    content = json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True).encode()
    store.write(f"{version}/{MANIFEST}", content)
    _point(store, content, tag)
    return Publication(version=version, is_new=True, rows=rows)


def removable(store: GoldStore, *, keep: int, grace: timedelta, now: datetime) -> list[str]:
    """Versions that no reader can be at, oldest first.

    A reader holds the version that the pointer named when it began. Kept are therefore the newest versions, the current
    one wherever it stands, and every version that stopped being the newest less than the grace time ago: until then
    somebody may have begun with it. After a rollback nothing goes that is younger than the version rolled back to.

    Args:
        store: Where gold lives.
        keep: How many of the newest versions stay in any case.
        grace: How long the longest reader may take.
        now: The time (UTC).
    """
    known = sorted(versions(store), key=lambda manifest: str(manifest["version"]))
    pointer = current(store)
    if pointer is None:
        return []
    ends = [datetime.fromisoformat(manifest["generated_at"]) for manifest in known[1:]]
    return [
        str(manifest["version"])
        for manifest, superseded_at in zip(known[: max(len(known) - keep, 0)], ends, strict=False)
        if manifest["version"] < pointer["version"] and superseded_at + grace < now
    ]


def remove(store: GoldStore, version: str) -> None:
    """Remove a version: first its manifest, so that an interrupted removal leaves a folder that no reader takes.

    Raises:
        PublicationError: Readers are pointed at it.
    """
    pointer = current(store)
    if pointer is not None and pointer["version"] == version:
        raise PublicationError(f"{version} is the version that readers use; it cannot be removed")
    store.delete(f"{version}/{MANIFEST}")
    store.delete_folder(version)


def rollback(store: GoldStore, version: str | None = None) -> str:
    """Point readers back at an earlier version.

    Args:
        store: Where gold lives.
        version: The version to return to; the one before the current by default.

    Returns:
        The version that readers use now.

    Raises:
        PublicationError: If there is no such version, or none before the current.
    """
    known = {str(manifest["version"]): manifest for manifest in versions(store)}
    pointed, tag = store.read_tagged(POINTER)
    if version is None:
        if pointed is None:
            raise PublicationError(f"nothing is published in {store.root}; run the daily job first")
        pointer = json.loads(pointed)
        earlier = [name for name in known if name < str(pointer["version"])]
        if not earlier:
            raise PublicationError(f"{pointer['version']} is the oldest version kept; there is none to return to")
        version = max(earlier)
    if version not in known:
        raise PublicationError(f"version {version} is not in {store.root}; known: {', '.join(known) or 'none'}")
    _point(store, json.dumps(known[version], indent=2, ensure_ascii=False, sort_keys=True).encode(), tag)
    return version


def mirror(store: GoldStore, folder: Path) -> str:
    """The gold root as a local folder, for readers that know no S3: the root itself, or a copy of the current version.

    Args:
        store: Where gold lives.
        folder: Where a copy of gold on S3 goes; versions other than the current one are removed from it.

    Raises:
        PublicationError: If nothing is published, or a file did not arrive whole.
    """
    if store.is_local:
        return store.root
    content = store.read(POINTER)
    if content is None:
        raise PublicationError(f"nothing is published in {store.root}; run the daily job first")
    pointer = json.loads(content)
    for table in pointer["tables"].values():
        target = folder / table["path"]
        if not target.exists() or target.stat().st_size != table["bytes"]:
            store.download(table["path"], target)
        if target.stat().st_size != table["bytes"]:
            raise PublicationError(f"{table['path']} arrived with another size than its manifest names; try again")
    local = GoldStore(str(folder))
    local.write(POINTER, content)
    for name in local.folders():
        if name != pointer["version"]:
            local.delete_folder(name)
    return str(folder)


def _point(store: GoldStore, content: bytes, tag: str | None) -> None:
    """Swap the pointer, unless it is no longer the one that was read."""
    try:
        store.replace(POINTER, content, tag)
    except ObjectChangedError as error:
        raise PublicationError(
            f"another process published to {store.root} meanwhile; its version stays current. See `nova versions`"
        ) from error


def verify(store: GoldStore) -> list[str]:
    """Compare every file of the current version with its checksum.

    Returns:
        Paths that are missing or differ; empty when gold is whole.

    Raises:
        PublicationError: If nothing is published.
    """
    pointer = current(store)
    if pointer is None:
        raise PublicationError(f"nothing is published in {store.root}; run the daily job first")
    damaged = []
    for table in pointer["tables"].values():
        try:
            with store.open(table["path"]) as stream:
                checksum = _sha256(stream)
        except FileNotFoundError:
            damaged.append(str(table["path"]))
            continue
        if checksum != table["sha256"]:
            damaged.append(str(table["path"]))
    return damaged


def _remove_interrupted(store: GoldStore) -> None:
    """Delete version folders that never got their manifest: no reader can know of them."""
    for name in store.folders():
        if store.read(f"{name}/{MANIFEST}") is None:
            store.delete_folder(name)
