"""Landing from files: what a person downloaded follows the same parsers and the same writer as HTTP.

A feed takes part by its function in `FEEDS`; everything else (several files, broken ones among them, what is said of
each) is the same for all.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from extractors import anatel, bacen, forecasts, inmet, suppliers, uploads
from extractors.http import LARGEST_BODY_BYTES, FeedContractError
from extractors.lake import Batch, BronzeTable, Lake, Landing
from extractors.large_csv import BROKEN_ARCHIVE
from extractors.settings import BUSINESS_TIME_ZONE

LandFile = Callable[[Path, Lake, str], list[Landing]]
"""Lands one file of a feed under a run id: one landing per table that the file fills, or FeedContractError with the
payload in the quarantine and nothing of the file in bronze."""


@dataclass(frozen=True)
class FileLanding:
    """What became of one file.

    Attributes:
        path: The file.
        landings: One per table that it filled; empty when it was refused.
        error: Why the whole file is in the quarantine; None when it landed.
    """

    path: Path
    landings: tuple[Landing, ...] = ()
    error: FeedContractError | None = None


def land_each(feed: str, files: Sequence[Path], lake: Lake, run_id: str) -> Iterator[FileLanding]:
    """Land files of one feed in the order given; a broken one does not keep the others from landing.

    Args:
        feed: A name in `FEEDS`.
        files: The files.
        lake: Where to land.
        run_id: Kept in every row.

    Yields:
        What became of each file, as soon as it is known.

    Raises:
        ValueError: No such feed.
    """
    if feed not in FEEDS:
        raise ValueError(f"files of {feed!r} cannot be landed; known feeds: {', '.join(FEEDS)}")
    for path in files:
        try:
            yield FileLanding(path, tuple(FEEDS[feed](path, lake, run_id)))
        except FeedContractError as error:
            yield FileLanding(path, error=error)


def land_files(feed: str, files: Sequence[Path], lake: Lake, run_id: str) -> list[Landing]:
    """Land files of one feed, all of them, for a caller that cannot go on without any.

    Raises:
        FeedContractError: Of the first file that was refused; every other file was landed nevertheless.
        ValueError: No such feed.
    """
    outcomes = list(land_each(feed, files, lake, run_id))
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
    return [landing for outcome in outcomes for landing in outcome.landings]


def by_reader(table_of: Callable[[Path], BronzeTable], read: Callable[[Path], Iterable[Batch]]) -> LandFile:
    """Return the function of a feed whose files are each read into batches of one table.

    A ZIP stands for the files in it: those of one table land together or, when one of them is broken, not at all.

    Args:
        table_of: The table that a file fills, told by its name.
        read: The rows of a file; raises FeedContractError.
    """

    def land(path: Path, lake: Lake, run_id: str) -> list[Landing]:
        if not zipfile.is_zipfile(path):
            with lake.quarantining(table_of(path)):
                return [lake.land(table_of(path), read(path), run_id=run_id)]
        with lake.quarantining(table_of(path)):
            names = _members(path, table_of(path))
        tables = {table.name: table for table in (table_of(Path(name)) for name in names)}
        landings = []
        for table in tables.values():
            its_names = [name for name in names if table_of(Path(name)).name == table.name]
            with lake.quarantining(table):
                landings.append(lake.land(table, _unpacked(path, its_names, table, read), run_id=run_id))
        return landings

    return land


def _members(path: Path, table: BronzeTable) -> list[str]:
    """Return the names of the files in a ZIP; folders and what macOS adds are none."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
    except BROKEN_ARCHIVE as error:
        raise _broken_archive(path, table, f"a ZIP that cannot be opened ({error})") from None
    too_large = [info.filename for info in files if info.file_size > LARGEST_BODY_BYTES]
    if too_large or not files:
        raise _broken_archive(path, table, f"members too large to be true: {too_large}" if files else "an empty ZIP")
    return [info.filename for info in files]


def _unpacked(
    path: Path, names: Sequence[str], table: BronzeTable, read: Callable[[Path], Iterable[Batch]]
) -> Iterator[Batch]:
    """Give the batches of the named members, one unpacked file at a time."""
    with tempfile.TemporaryDirectory(prefix="nova-") as folder, zipfile.ZipFile(path) as archive:
        for name in names:
            member = Path(folder) / Path(name).name
            try:
                member.write_bytes(archive.read(name))
            except BROKEN_ARCHIVE as error:
                raise _broken_archive(path, table, f"a member {name!r} that cannot be unpacked ({error})") from None
            try:
                for batch in read(member):
                    yield replace(batch, source_uri=f"file:{path.name}/{name}")
            except FeedContractError as error:
                if isinstance(error.payload, Path):
                    error.payload = error.payload.read_bytes()  # the folder is gone when the quarantine looks
                raise
            member.unlink()


def _broken_archive(path: Path, table: BronzeTable, seen: str) -> FeedContractError:
    return FeedContractError(table.name, path.name, seen, "download the file again", payload=path, name=path.name)


def _inmet(path: Path, lake: Lake, run_id: str) -> list[Landing]:
    """Land a yearly archive, one station's file of it, a reply of the API, or a catalogue of stations."""
    if zipfile.is_zipfile(path):
        with lake.quarantining(inmet.OBSERVATIONS):
            batches = inmet.archive_batches(path, window=path.name, source_uri=_uri(path))
            return [lake.land(inmet.OBSERVATIONS, batches, run_id=run_id)]
    body = path.read_bytes()
    table = inmet.STATIONS if inmet.is_catalogue(body) else inmet.OBSERVATIONS
    with lake.quarantining(table):
        if table is inmet.STATIONS:
            parse_stations = inmet.parse_stations if _is_json(body) else inmet.parse_stations_csv
            stations = parse_stations(body, window=path.name, name=path.name)
            today = datetime.now(BUSINESS_TIME_ZONE).date()
            return [lake.land(table, [inmet.stations_batch(stations, today, _uri(path))], run_id=run_id)]
        parse = inmet.parse_observations if _is_json(body) else inmet.parse_archive
        rows = parse(body, window=path.name, name=path.name)
        return [lake.land(table, inmet.observation_batches(rows, _uri(path)), run_id=run_id)]


def _bacen(path: Path) -> Iterable[Batch]:
    body, table = path.read_bytes(), _bacen_table(path)
    if table is bacen.FOCUS_EXPECTATIONS:
        return bacen.focus_batches(bacen.parse_focus(body, window=path.name, name=path.name), _uri(path))
    if table is bacen.PTAX_QUOTES:
        quotes = bacen.parse_ptax(body, window=path.name, name=path.name)
        return bacen.ptax_batches(quotes, bacen.currency_of_file(path), _uri(path)) if quotes.num_rows else ()
    code = bacen.series_of_file(path)
    parse = bacen.parse_sgs_json if _is_json(body) else bacen.parse_sgs_csv
    rows = parse(body, window=path.name, name=path.name)
    return bacen.sgs_batches(rows, bacen.sgs_dataset_id(code), _uri(path))


def _bacen_table(path: Path) -> BronzeTable:
    """Tell the table by what the file holds, or by its name while it is packed or holds something else."""
    name, head = path.name.lower(), b""
    if path.is_file():
        with path.open("rb") as opened:
            head = opened.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    is_odata = head.startswith(b"{") and b'"value"' in head
    if b'"Indicador"' in head or any(word in name for word in ("focus", "expectativas")):
        return bacen.FOCUS_EXPECTATIONS
    if is_odata or any(word in name for word in ("ptax", "cotacao")):
        return bacen.PTAX_QUOTES
    return bacen.SGS_OBSERVATIONS


def _anatel(path: Path, lake: Lake, run_id: str) -> list[Landing]:
    if anatel.is_accesses_archive(path):
        with (
            tempfile.TemporaryDirectory(prefix="nova-") as folder,
            lake.quarantining(anatel.MOBILE_ACCESSES),
            zipfile.ZipFile(path) as archive,
        ):
            return [
                anatel.land_accesses_archive(
                    archive,
                    list(anatel.accesses_members(archive)),
                    lake,
                    run_id=run_id,
                    folder=Path(folder),
                    source_uri=_uri(path),
                )
            ]
    with lake.quarantining(anatel.SMP_STATIONS):
        export = anatel.read_file(path)
        return [lake.land(export.table, export.batches(_uri(path)), run_id=run_id)]


def _is_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{"))


def _uri(path: Path) -> str:
    return f"file:{path.name}"


FEEDS: dict[str, LandFile] = {
    "inmet": _inmet,
    "bacen": by_reader(_bacen_table, _bacen),
    "anatel": _anatel,
    "forecasts": by_reader(lambda _: forecasts.ML_RESULTS, forecasts.batches_of),
    "suppliers": by_reader(lambda _: suppliers.QUOTES, suppliers.file_batches),
    "uploads": lambda path, lake, run_id: [uploads.land_file(path, lake, run_id)],
}
