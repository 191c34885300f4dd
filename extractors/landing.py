"""Landing from files: what a person downloaded follows the same parsers and the same writer as HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from extractors import anatel, bacen, inmet
from extractors.http import FeedContractError
from extractors.lake import Batch, BronzeTable, Lake, Landing


def land_files(source: str, files: Sequence[Path], lake: Lake, run_id: str) -> list[Landing]:
    """Land files of one source, one landing per file, in the order given.

    Args:
        source: `inmet` (yearly archive CSV, or a JSON reply of observations), `bacen` (SGS CSV or JSON with the
            series in the file's name, PTAX JSON of the US dollar), `anatel` (licensing export, CSV or ZIP).
        files: The files.
        lake: Where to land.
        run_id: Kept in every row.

    Returns:
        What was landed of each file; a file that brings nothing new lands no row.

    Raises:
        FeedContractError: A file is not what the source sends; it is in the quarantine, the files before it
            have landed, and running again over all of them is safe.
        ValueError: No such source.
    """
    if source not in _READERS:
        raise ValueError(f"files of {source!r} cannot be landed; known sources: {', '.join(_READERS)}")
    table, batches = _READERS[source]
    landings = []
    for path in files:
        with lake.quarantining(table(path)):
            landings.append(lake.land(table(path), batches(path), run_id=run_id))
    return landings


def _inmet(path: Path) -> Iterable[Batch]:
    body = path.read_bytes()
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{"))
    parse = inmet.parse_observations if is_json else inmet.parse_archive
    return inmet.observation_batches(parse(body, window=path.name, name=path.name), _uri(path))


def _bacen(path: Path) -> Iterable[Batch]:
    body = path.read_bytes()
    if _is_ptax(path):
        if not any(word in path.name.lower() for word in ("usd", "dolar")):
            raise FeedContractError(
                bacen.PTAX_QUOTES.name,
                path.name,
                "a file name without the currency, and the reply does not tell it",
                "put USD into the name of the file; other currencies are not read",
                payload=path,
                name=path.name,
            )
        return bacen.ptax_batches(bacen.parse_ptax(body, window=path.name, name=path.name), _uri(path))
    code = bacen.series_of_file(path)
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{"))
    parse = bacen.parse_sgs_json if is_json else bacen.parse_sgs_csv
    rows = parse(body, window=path.name, name=path.name)
    return bacen.sgs_batches(rows, bacen.sgs_dataset_id(code), _uri(path))


def _anatel(path: Path) -> Iterable[Batch]:
    export = anatel.read_export(path, window=path.name)
    return anatel.export_batches(export, export.dataset_id, _uri(path))


def _is_ptax(path: Path) -> bool:
    return any(word in path.name.lower() for word in ("ptax", "cotacao"))


def _uri(path: Path) -> str:
    return f"file:{path.name}"


_READERS: dict[str, tuple[Callable[[Path], BronzeTable], Callable[[Path], Iterable[Batch]]]] = {
    "inmet": (lambda _: inmet.OBSERVATIONS, _inmet),
    "bacen": (lambda path: bacen.PTAX_QUOTES if _is_ptax(path) else bacen.SGS_OBSERVATIONS, _bacen),
    "anatel": (lambda _: anatel.SMP_STATIONS, _anatel),
}
