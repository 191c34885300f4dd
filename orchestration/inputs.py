"""What a published version was made from, so that the same inputs are not built again.

The warehouse is a function of the bronze files, which never change once written, and of the dbt project. When both are
what they were at the last publication, building again would give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pyarrow import fs

from orchestration.manifest import dbt_project_files
from orchestration.platform import Platform
from publication import gold
from publication.store import GoldStore

_BUILDING, _PUBLISHED, _UNREAD = "building.json", "published.json", "unread.json"


def fingerprint(place: Platform) -> str:
    """Identity of all inputs: paths and sizes of the bronze files, content of the dbt project, the warehouse file."""
    digest = hashlib.sha256(str(place.warehouse).encode())
    root = f"{place.lake_root}/bronze"
    files, path = fs.FileSystem.from_uri(root) if "://" in root else (fs.LocalFileSystem(), root)
    found = files.get_file_info(fs.FileSelector(path, recursive=True, allow_not_found=True))
    for name, size in sorted((info.path, info.size) for info in found if info.type == fs.FileType.File):
        digest.update(f"{name.removeprefix(path)} {size}\n".encode())
    for file in dbt_project_files():
        digest.update(str(file).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_published(place: Platform) -> bool:
    """Whether gold was published from exactly today's inputs and the warehouse is still there."""
    note = place.dbt_target / _PUBLISHED
    if not note.exists() or not place.warehouse.exists() or gold.current(GoldStore(place.gold_root)) is None:
        return False
    return bool(json.loads(note.read_text())["fingerprint"] == fingerprint(place))


def start_build(place: Platform) -> None:
    """Take down the inputs before they are read; from here on the warehouse may differ from what is published."""
    (place.dbt_target / _PUBLISHED).unlink(missing_ok=True)
    _write(place, _BUILDING, {"fingerprint": fingerprint(place)})


def building(place: Platform) -> str | None:
    """Fingerprint of the inputs of the build that is not published yet."""
    note = place.dbt_target / _BUILDING
    return str(json.loads(note.read_text())["fingerprint"]) if note.exists() else None


def note_published(place: Platform) -> None:
    """What was built is published now; files landed in the meantime are not part of it."""
    building = place.dbt_target / _BUILDING
    if building.exists():
        building.replace(place.dbt_target / _PUBLISHED)


@contextmanager
def reading_together(place: Platform, tables: set[str]) -> Iterator[Callable[[str], None]]:
    """Tables that refer to each other are read: what lands of them is built from once none is missing.

    A run that is killed in between leaves all of them unread.

    Yields:
        What to call with each table that was read to its end.
    """
    before, read = unread(place), set[str]()
    _write(place, _UNREAD, sorted(before | tables))
    try:
        yield read.add
    finally:
        _write(place, _UNREAD, sorted((before | tables) - read if read else before))


def unread(place: Platform) -> set[str]:
    """Tables that were not read to their end, though others that they were read together with have landed."""
    note = place.dbt_target / _UNREAD
    return set(json.loads(note.read_text())) if note.exists() else set()


def _write(place: Platform, name: str, note: Any) -> None:
    place.dbt_target.mkdir(parents=True, exist_ok=True)
    draft = place.dbt_target / f"{name}.tmp"
    draft.write_text(json.dumps(note))
    draft.replace(place.dbt_target / name)
