"""Recorded files of the real sources land whole and unchanged; skipped where the recordings are absent."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from extractors import bacen, inmet
from extractors.http import FeedContractError
from extractors.lake import Lake
from extractors.landing import land_files

FEEDS = Path(__file__).resolve().parents[4] / "shared" / "feeds"

pytestmark = pytest.mark.skipif(not FEEDS.is_dir(), reason=f"no recorded files in {FEEDS}")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.mark.parametrize(
    ("source", "pattern", "dataset_id", "rows", "files"),
    [
        ("inmet", "inmet/historico/*A401*2024.CSV", "A401", 8784, 12),
        ("inmet", "inmet/historico/*A409*2018.CSV", "A409", 8760, 12),
        ("inmet", "inmet/historico/*A409*2019.CSV", "A409", 8760, 12),
        ("inmet", "inmet/historico/*A409*2022.CSV", "A409", 8760, 12),
        ("inmet", "inmet/api/estacao_A001*.json", "A001", 3, 1),
        ("bacen", "bacen/sgs/sgs_433*.json", "sgs.433", 121, 121),
        ("bacen", "bacen/sgs/sgs_432*.json", "sgs.432", 3654, 121),
        ("bacen", "bacen/sgs/sgs_11_*.json", "sgs.11", 2510, 120),
        ("bacen", "bacen/sgs/sgs_1_*.json", "sgs.1", 1255, 60),
        ("bacen", "bacen/sgs/*.189.csv", "sgs.189", 136, 136),
        ("bacen", "bacen/sgs/*.10813.csv", "sgs.10813", 9074, 436),
        ("bacen", "bacen/ptax/*USD*.json", "ptax.USD", 4, 1),
        ("bacen", "bacen/ptax/*Dolar*.json", "ptax.USD.fechamento", 2, 1),
        ("anatel", "anatel/csv_natal*.csv", "licenciamento.2408102", 766, 1),
    ],
)
def test_a_recorded_file_lands_whole_and_only_once(
    lake: Lake, *, source: str, pattern: str, dataset_id: str, rows: int, files: int
) -> None:
    paths = list(FEEDS.glob(pattern))

    (first,) = land_files(source, paths, lake, "r1")
    (second,) = land_files(source, paths, lake, "r2")

    assert (first.rows_read, first.rows_landed, len(first.files)) == (rows, rows, files)
    assert (second.rows_landed, second.rows_unchanged, second.files) == (0, rows, [])
    assert list(lake.datasets(first.table)) == [dataset_id]


def test_the_archive_keeps_the_spelling_of_the_source(lake: Lake, tmp_path: Path) -> None:
    land_files("inmet", sorted((FEEDS / "inmet" / "historico").glob("*A401*")), lake, "r1")

    glob = f"{tmp_path}/lake/bronze/inmet/observations/**/*.parquet"
    row = duckdb.sql(
        f"""
        select
            count(*) filter (where VEN_VEL like ',%'),
            count(*) filter (where RAD_GLO = ''),
            count(*) filter (where RAD_GLO is null),
            count(distinct DT_MEDICAO || HR_MEDICAO),
            min(VL_LATITUDE),
            any_value(DC_NOME)
        from read_parquet('{glob}')
        """
    ).fetchone()
    assert row is not None
    assert row[0] == 3306
    assert row[1] > 0
    assert row[2:] == (0, 8784, "-13,005515", "SALVADOR")


def test_a_later_shorter_file_adds_one_vintage_and_removes_none(lake: Lake, tmp_path: Path) -> None:
    (full,) = land_files("bacen", list((FEEDS / "bacen" / "sgs").glob("sgs_11_*.json")), lake, "r1")
    records = json.loads(next((FEEDS / "bacen" / "sgs").glob("sgs_11_*.json")).read_text())
    shorter = tmp_path / "sgs_11_short.json"
    shorter.write_text(json.dumps(records[:100]))

    (landing,) = land_files("bacen", [shorter], lake, "r2")

    assert len(landing.files) == 1  # the one month that the short file cuts
    assert all(Path(file).exists() for file in full.files)
    assert pq.read_table(full.files[-1], partitioning=None).num_rows == 22


@pytest.mark.parametrize(
    "path",
    ["bacen/errors/sgs_400_ultimos_gt_20.json", "bacen/errors/sgs_406_window_gt_10y.json"],
)
def test_recorded_refusals_of_the_sgs_are_refused(path: str) -> None:
    with pytest.raises(FeedContractError, match="an error object"):
        bacen.parse_sgs_json((FEEDS / path).read_bytes(), window="w")


def test_recorded_answers_without_data_are_empty() -> None:
    assert (
        bacen.parse_sgs_json((FEEDS / "bacen/errors/sgs_404_values_not_found.json").read_bytes(), window="w").num_rows
        == 0
    )
    assert (
        bacen.parse_ptax((FEEDS / "bacen/ptax/empty_value_non_business_day.json").read_bytes(), window="w").num_rows
        == 0
    )


def test_the_recorded_token_refusal_is_refused() -> None:
    with pytest.raises(FeedContractError, match="check INMET_TOKEN"):
        inmet.parse_observations((FEEDS / "inmet/api/invalid_token_http200_body.txt").read_bytes(), window="w")


def test_a_recorded_station_is_read() -> None:
    row = inmet.parse_stations((FEEDS / "inmet/api/estacoes_T_A422_entry.json").read_bytes()).to_pylist()[0]
    assert (row["CD_ESTACAO"], row["CD_SITUACAO"], row["CD_DISTRITO"]) == ("A422", "Pane", " 04")


def test_every_recorded_file_of_anatel_lands_with_its_blanks_counted(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = []
    for recorded in sorted((FEEDS / "anatel").iterdir()):
        # The export of the panel does not say its month; its provenance does.
        month = "_2025-04" if recorded.name.startswith("vw_erbs") else ""
        path = Path(shutil.copy(recorded, tmp_path / f"{recorded.stem}{month}{recorded.suffix}"))
        lines = sum(1 for line in recorded.read_bytes().splitlines() if line.strip())
        (landing,) = land_files("anatel", [path], lake, "r1")
        rows = pq.read_table(landing.files[0], partitioning=None)
        cells = [
            column.to_pylist() for name, column in zip(rows.column_names, rows.columns, strict=True) if name[0] != "_"
        ]
        blank = sum(value is None or value.strip() in {"", "null"} for column in cells for value in column)
        table.append((recorded.name, landing.table.name, landing.rows_read, blank, landing.rows_quarantined))
        assert (landing.rows_read, landing.rows_landed, landing.rows_quarantined) == (lines - 1, lines - 1, 0)
    with capsys.disabled():
        print()  # noqa: T201 - the table is for whoever runs the tests
        for row in (("file", "table", "rows read", "blank cells", "quarantined"), *table):
            print("{:<34} {:<24} {:>10} {:>12} {:>12}".format(*row))  # noqa: T201 - as above


def test_recorded_counts_without_a_month_are_refused_and_kept(lake: Lake) -> None:
    with pytest.raises(FeedContractError, match="put the month that it was downloaded for into the name") as caught:
        land_files("anatel", [FEEDS / "anatel" / "vw_erbs_cid.csv"], lake, "r1")

    assert "/quarantine/anatel/station_counts/" in (caught.value.kept_at or "")


WEATHER_AND_ECONOMY = sorted(
    path
    for path in [*FEEDS.glob("inmet/*/*"), *FEEDS.glob("bacen/sgs/*"), *FEEDS.glob("bacen/ptax/*")]
    if path.name != "invalid_token_http200_body.txt"
)


def test_every_recorded_file_of_weather_and_economy_lands(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    """Cells that hold neither a number nor a mark for missing would be damage; `,8` and the like are numbers."""
    table = []
    for path in WEATHER_AND_ECONOMY:
        (landing,) = land_files(path.relative_to(FEEDS).parts[0], [path], lake, path.name)
        without = damaged = below_one = 0
        for file in landing.files:
            rows = pq.read_table(file, partitioning=None)
            measured = [name for name in rows.column_names if name in {*inmet.MEASURES, "valor", "cotacaoVenda"}]
            cells = [text for name in measured for text in rows.column(name).to_pylist()]
            sent = [text for text in cells if text not in {None, "", "-9999"}]
            without += len(cells) - len(sent)
            damaged += sum(not is_number(text) for text in sent)
            winds = rows.column("VEN_VEL").to_pylist() if "VEN_VEL" in rows.column_names else []
            below_one += sum(
                0 < float(f"0{text.replace(',', '.')}") < 1 for text in winds if (text or "").startswith(",")
            )
        table.append((path.name[:52], landing.table.name, landing.rows_read, without, damaged))
        assert landing.rows_read == landing.rows_landed
        if "A401" in path.name:
            assert below_one == 3306
    with capsys.disabled():
        print()  # noqa: T201 - the table is for whoever runs the tests
        for row in (("file", "table", "rows read", "blank cells", "damaged"), *table):
            print("{:<52} {:<24} {:>10} {:>12} {:>8}".format(*row))  # noqa: T201 - as above
    assert not any(damaged for *_, damaged in table)
    assert len(table) >= 16


def is_number(text: str) -> bool:
    try:
        return float(text.replace(",", ".")) is not None
    except ValueError:
        return False
