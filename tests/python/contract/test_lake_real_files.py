"""Recorded files of the real sources land whole and unchanged; skipped where the recordings are absent."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import jinja2
import pyarrow.parquet as pq
import pytest

from extractors import bacen, inmet
from extractors.http import FeedContractError
from extractors.lake import Lake
from extractors.landing import land_files

CHECKOUT = Path(__file__).resolve().parents[3]
FEEDS = CHECKOUT.parent / "shared" / "feeds"

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


def test_recorded_counts_without_a_month_are_refused_and_kept(lake: Lake) -> None:
    with pytest.raises(FeedContractError, match="put the month that it was downloaded for into the name") as caught:
        land_files("anatel", [FEEDS / "anatel" / "vw_erbs_cid.csv"], lake, "r1")

    assert "/quarantine/anatel/station_counts/" in (caught.value.kept_at or "")


NUMBERS = {
    "inmet/observations": [*inmet.MEASURES, "VL_LATITUDE", "VL_LONGITUDE"],
    "inmet/stations": ["VL_LATITUDE", "VL_LONGITUDE", "VL_ALTITUDE"],
    "bacen/sgs_observations": ["valor"],
    "bacen/ptax_quotes": ["cotacaoCompra", "cotacaoVenda"],
    "anatel/smp_stations": ["Latitude", "Longitude", "AlturaAntena", "FreqTxMHz"],
    "anatel/station_counts": ["TCN_2G", "TCN_3G", "TCN_4G", "TCN_5G"],
}
MISSING = {None, "", "-9999", "null"}
FEED_FILES = sorted(
    path for source in ("inmet", "bacen", "anatel") for path in FEEDS.glob(f"{source}/**/*") if path.is_file()
)
REFUSED = {
    "sgs_400_ultimos_gt_20.json": "an error object",
    "sgs_406_window_gt_10y.json": "an error object",
    "invalid_token_http200_body.txt": "the refusal 'CHAVE",
}
Line = tuple[str, str, int, int, int]


def said(capsys: pytest.CaptureFixture[str], lines: list[Line], last: str) -> None:
    """Print what was read, for whoever runs the tests."""
    with capsys.disabled():
        print()  # noqa: T201 - the table is part of the test's output
        for line in (("file", "table", "rows read", "null", last), *lines):
            print("{:<52} {:<24} {:>10} {:>8} {:>8}".format(*line))  # noqa: T201 - as above


def test_every_recorded_file_lands_whole_or_is_refused_for_what_it_is(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cell with neither a number nor a mark for missing would be flagged as damage; `,8` is a number below 1."""
    lines: list[Line] = []
    for recorded in FEED_FILES:
        # The export of the panel does not say its month; its provenance does.
        month = "_2025-04" if recorded.name.startswith("vw_erbs") else ""
        path = Path(shutil.copy(recorded, tmp_path / f"{recorded.stem}{month}{recorded.suffix}"))
        source = recorded.relative_to(FEEDS).parts[0]
        if recorded.name in REFUSED:
            with pytest.raises(FeedContractError, match=REFUSED[recorded.name]):
                land_files(source, [path], lake, recorded.name)
            lines.append((recorded.name[:52], "refused, as it should", 0, 0, 0))
            continue
        (landing,) = land_files(source, [path], lake, recorded.name)
        null = flagged = below_one = 0
        for file in landing.files:
            rows = pq.read_table(file, partitioning=None)
            cells = [text for name in NUMBERS[landing.table.name] for text in rows.column(name).to_pylist()]
            sent = [text for text in cells if (text.strip() if text else text) not in MISSING]
            null += len(cells) - len(sent)
            flagged += sum(not is_number(text) for text in sent)
            if "A401" in recorded.name:
                winds = [text for text in rows.column("VEN_VEL").to_pylist() if text.startswith(",")]
                below_one += sum(0 < float(f"0{text.replace(',', '.')}") < 1 for text in winds)
        assert landing.rows_read == landing.rows_landed
        if recorded.suffix.lower() == ".csv":
            of_file = sum(1 for text in recorded.read_bytes().splitlines() if text.strip())
            assert landing.rows_read == of_file - (9 if "historico" in recorded.parts else 1)
        if "A401" in recorded.name:
            assert below_one == 3306
        lines.append((recorded.name[:52], landing.table.name, landing.rows_read, null, flagged))
    said(capsys, lines, "flagged")
    assert not any(flagged for *_, flagged in lines)
    assert len(lines) >= 24


def test_municipalities_of_the_ibge_have_the_codes_that_six_digits_lead_to_and_share_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two files of reference, no feed: the codes are the proof of a macro, the shared names why none joins by name."""
    macro = (CHECKOUT / "macros" / "parsing" / "municipality_code.sql").read_text()
    completed = jinja2.Environment().from_string(macro + "{{ municipality_code('left(codigo_ibge, 6)') }}").render()
    with (FEEDS / "ibge" / "estados.csv").open(encoding="utf-8-sig", newline="") as stream:
        states = {state["codigo_uf"]: state["uf"] for state in csv.DictReader(stream)}
    rows = duckdb.sql(
        f"""
        select codigo_ibge, {completed} as completed, nome, codigo_uf
        from read_csv('{FEEDS}/ibge/municipios.csv', all_varchar = true)
        """
    ).fetchall()
    other_code = [code for code, six, _, _ in rows if six != code]
    states_of: dict[str, set[str]] = {}
    for code, _, name, state in rows:
        assert code.startswith(state)
        states_of.setdefault(name, set()).add(states[state])
    said(capsys, [("municipios.csv", "compared: codes", len(rows), 0, len(other_code))], "differ")
    assert (len(rows), other_code, len(states)) == (5570, [], 27)
    assert sum(len(found) > 1 for found in states_of.values()) == 232


def is_number(text: str) -> bool:
    try:
        return float(text.replace(",", ".")) is not None
    except ValueError:
        return False
