"""INMET's parsers: three archive generations, the API, windows, and refusals."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors import inmet
from extractors.http import FeedContractError
from extractors.settings import Settings

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "feeds" / "inmet"
CATALOGUE = (
    b"DC_NOME;SG_ESTADO;CD_SITUACAO;VL_LATITUDE;VL_LONGITUDE;VL_ALTITUDE;DT_INICIO_OPERACAO;CD_ESTACAO\r\n"
    b"PORTO INVENTADO;BA;Pane;-12,5;-38,25;20,5;20/07/2008;Z901\r\n"
)
SETTINGS = Settings(lake_root="/lake", today=date(2024, 6, 20), history_from=date(2020, 3, 15))


def archive(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def observations(**changes: str | None) -> bytes:
    records = json.loads((FIXTURES / "observations.json").read_text())
    return json.dumps([record | changes for record in records]).encode()


@pytest.mark.parametrize(
    ("name", "times", "wind", "missing"),
    [
        (
            "archive_to_2018.csv",
            [("2017-03-31", "22:00"), ("2017-03-31", "23:00"), ("2017-04-01", "00:00")],
            ",8",
            "-9999",
        ),
        ("archive_2019.csv", [("2019/07/09", "0000 UTC"), ("2019/07/09", "0100 UTC")], "2,5", ""),
        (
            "archive_from_2020.csv",
            [("2023/02/28", "2300 UTC"), ("2023/03/01", "0000 UTC"), ("2023/03/01", "0100 UTC")],
            ",8",
            "",
        ),
    ],
)
def test_each_archive_generation_keeps_its_values_as_sent(
    name: str, times: list[tuple[str, str]], wind: str, missing: str
) -> None:
    rows = inmet.parse_archive(archive(name), window=name)

    first, second = rows.to_pylist()[:2]
    assert rows.schema == inmet.OBSERVATIONS.schema
    assert list(zip(rows["DT_MEDICAO"].to_pylist(), rows["HR_MEDICAO"].to_pylist(), strict=True)) == times
    assert (first["CD_ESTACAO"], first["DC_NOME"], first["UF"]) == ("Z901", "PORTO INVENTADO", "BA")
    assert (first["VL_LATITUDE"], first["VL_LONGITUDE"]) == ("-12,345678", "-38,7654321")
    assert second["VEN_VEL"] == wind
    assert second["RAD_GLO"] == missing
    assert (first["CHUVA"], first["TEN_BAT"]) == ("0", None)


def test_every_archive_column_lands_under_the_name_of_the_api() -> None:
    row = inmet.parse_archive(archive("archive_from_2020.csv"), window="w").to_pylist()[1]

    measured = {name: row[name] for name in inmet.MEASURES}
    assert measured == {
        "CHUVA": ",2",
        "PRE_INS": "1009,8",
        "PRE_MAX": "1009,8",
        "PRE_MIN": "1009,3",
        "RAD_GLO": "",
        "TEM_INS": "27,4",
        "PTO_INS": "23",
        "TEM_MAX": "27,7",
        "TEM_MIN": "27,3",
        "PTO_MAX": "23,2",
        "PTO_MIN": "22,9",
        "UMD_MAX": "78",
        "UMD_MIN": "76",
        "UMD_INS": "77",
        "VEN_DIR": "91",
        "VEN_RAJ": "4,4",
        "VEN_VEL": ",8",
    }


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig"])
def test_a_change_of_encoding_changes_nothing_but_the_bytes(encoding: str) -> None:
    text = archive("archive_to_2018.csv").decode("latin-1").replace("INVENTADO", "ÁGUAS")

    rows = inmet.parse_archive(text.encode(encoding), window="w")

    assert rows["DC_NOME"].to_pylist() == ["PORTO ÁGUAS"] * 3


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        (b"Z901", b"", "where a station code is due"),
        (b"VENTO, RAJADA", b"SOPRO", "lacks ['VEN_RAJ']"),
        (b";,8;", b";", "line 11 has 18 fields, the header 19"),
        (b"2023/03/01;0000", b"2023/02/30;0000", "row 1 has date '2023/02/30'"),
        (b"2023/03/01;0100 UTC", b"\r\n2023/03/01;0100 UTC", "line 12 has 1 fields"),
        (b"CODIGO (WMO)", b"CODE", "station lines with"),
    ],
)
def test_an_archive_of_another_layout_is_refused_with_what_was_seen(old: bytes, new: bytes, seen: str) -> None:
    body = archive("archive_from_2020.csv")
    assert old in body

    with pytest.raises(FeedContractError) as caught:
        inmet.parse_archive(body.replace(old, new, 1), window="file.csv", name="file.csv")

    assert seen in caught.value.seen
    assert "inmet/observations [file.csv]" in str(caught.value)
    assert caught.value.payload is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n",
        b"<!DOCTYPE html><html>",
        b'{"error":"x"}',
        "CHAVE INVÁLIDA!".encode(),
        b"version https://git-lfs.github.com",
    ],
    ids=["empty", "blank", "html", "error", "token", "lfs"],
)
def test_known_refusals_are_never_rows(body: bytes) -> None:
    for parse in (inmet.parse_archive, inmet.parse_observations, inmet.parse_stations):
        with pytest.raises(FeedContractError):
            parse(body, window="w")


def test_a_refused_token_is_told_from_other_refusals() -> None:
    with pytest.raises(FeedContractError, match="check INMET_TOKEN"):
        inmet.parse_observations("CHAVE INVÁLIDA!".encode(), window="w")


def test_observations_keep_null_zero_and_absent_apart() -> None:
    rows = inmet.parse_observations(observations(), window="w").to_pylist()

    assert [row["CHUVA"] for row in rows] == ["0.2", None, "0.2"]
    assert [row["TEN_BAT"] for row in rows] == ["12.9", None, "12.9"]
    assert [row["TEM_CPU"] for row in rows] == [None, None, None]


def test_a_window_without_observations_gives_no_rows() -> None:
    assert inmet.parse_observations(b"[]", window="w").num_rows == 0


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (observations(DT_MEDICAO="31/05/2024"), "row 0 has date '31/05/2024'"),
        (observations(DT_MEDICAO=None), "row 0 has date None"),
        (observations(CD_ESTACAO="../x"), "row 0 has station '../x'"),
        (observations(CHUVA=[1]), "element 0 has a list in 'CHUVA'"),  # type: ignore[arg-type]
        (observations().replace(b"CHUVA", b"RAIN"), "columns missing: ['CHUVA']"),
        (b'{"a": 1}', "a JSON dict where an array of objects is due"),
        (b"[1]", 'element 0 is "1", not an object with values'),
        (observations()[:-9], "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[{}]", "element 0 is {}, not an object with values"),
        (observations().replace(b"PORTO", rb"\ud800"), "text that cannot be stored"),
    ],
)
def test_malformed_observations_are_refused_with_what_was_seen(body: bytes, seen: str) -> None:
    with pytest.raises(FeedContractError) as caught:
        inmet.parse_observations(body, window="w")

    assert seen in str(caught.value)


def test_observations_are_cut_by_station_and_month() -> None:
    other = observations(CD_ESTACAO="Z902")
    rows = pa.concat_tables([inmet.parse_observations(body, window="w") for body in (observations(), other)])

    cut = [(part.dataset_id, part.day, part.rows.num_rows) for part in inmet.observation_batches(rows, "u")]

    assert cut == [
        ("Z901", date(2024, 5, 1), 2),
        ("Z901", date(2024, 6, 1), 1),
        ("Z902", date(2024, 5, 1), 2),
        ("Z902", date(2024, 6, 1), 1),
    ]


def test_stations_are_text_with_their_spaces() -> None:
    rows = inmet.parse_stations((FIXTURES / "stations.json").read_bytes()).to_pylist()

    assert [row["CD_ESTACAO"] for row in rows] == ["Z901", "Z902", "Z903"]
    assert rows[0]["CD_DISTRITO"] == " 04"
    assert rows[0]["DT_FIM_OPERACAO"] is None


def test_a_year_without_a_single_value_is_rows_and_not_an_outage_of_the_feed() -> None:
    header, *hours = archive("archive_from_2020.csv").decode("latin-1").splitlines()[inmet.METADATA_LINES :]
    top = archive("archive_from_2020.csv").decode("latin-1").splitlines()[: inmet.METADATA_LINES]
    silent = [";".join(hour.split(";")[:2]) + ";" * (header.count(";") - 1) for hour in hours]

    rows = inmet.parse_archive("\r\n".join([*top, header, *silent]).encode("latin-1"), window="w")

    assert rows.num_rows == len(hours)
    assert {value for name in inmet.MEASURES for value in rows[name].to_pylist()} == {""}


def test_coordinates_that_move_between_years_are_kept_as_each_file_has_them() -> None:
    surveyed = archive("archive_from_2020.csv").replace(b"-12,345678", b"-12,345912")

    latitudes = [
        inmet.parse_archive(body, window="w")["VL_LATITUDE"][0].as_py()
        for body in (archive("archive_2019.csv"), surveyed)
    ]

    assert latitudes == ["-12,345678", "-12,345912"]


def test_an_empty_catalogue_is_refused() -> None:
    with pytest.raises(FeedContractError, match="no station at all"):
        inmet.parse_stations(b"[]")


@given(first=st.dates(date(2000, 1, 1), date(2030, 1, 1)), length=st.integers(0, 3000))
def test_windows_cover_every_day_once_and_are_at_most_a_year(first: date, length: int) -> None:
    last = date.fromordinal(first.toordinal() + length)

    cut = list(inmet.windows(first, last))

    covered = [day for start, end in cut for day in range(start.toordinal(), end.toordinal() + 1)]
    assert covered == list(range(first.toordinal(), last.toordinal() + 1))
    assert all((end - start).days < 365 for start, end in cut)


@pytest.mark.parametrize(
    ("known", "first"),
    [
        (None, date(2020, 3, 1)),
        ((date(2020, 3, 1), date(2024, 6, 1)), date(2024, 5, 1)),
        ((date(2020, 3, 1), date(2023, 11, 1)), date(2023, 11, 1)),
    ],
    ids=["nothing known", "45 days back, from the first of that month", "after a long pause"],
)
def test_reading_starts_at_a_month_because_a_vintage_replaces_its_month(
    known: tuple[date, date] | None, first: date
) -> None:
    assert inmet.first_day_to_read(known, SETTINGS) == first


@settings(max_examples=150, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda name, cut, junk: archive(name)[:cut] + junk + archive(name)[cut:],
            st.sampled_from(["archive_to_2018.csv", "archive_2019.csv", "archive_from_2020.csv"]),
            st.integers(0, 1900),
            st.binary(min_size=1, max_size=4),
        ),
    )
)
def test_any_bytes_give_every_archive_row_or_a_contract_error(body: bytes) -> None:
    try:
        rows = inmet.parse_archive(body, window="w")
    except FeedContractError:
        return
    assert rows.num_rows == len(body.rstrip(b"\r\n").split(b"\n")) - 9


@settings(max_examples=60, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=10,
        ).map(lambda value: json.dumps(value).encode()),
        st.builds(
            lambda cut, junk: observations()[:cut] + junk + observations()[cut:],
            st.integers(0, 900),
            st.binary(max_size=3),
        ),
    )
)
def test_any_bytes_give_every_observation_or_a_contract_error(body: bytes) -> None:
    try:
        rows = inmet.parse_observations(body, window="w")
    except FeedContractError:
        return
    assert rows.num_rows == len(json.loads(body.decode("utf-8-sig", errors="replace")))


def zip_of(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in members:
            packed.writestr(name, body)
    return buffer.getvalue()


def test_an_archive_may_nest_folders_and_name_its_files_oddly(tmp_path: Path) -> None:
    path = tmp_path / "2019.zip"
    third = archive("archive_2019.csv").replace(b"Z901", b" 04")
    path.write_bytes(
        zip_of(
            ("2019/", b""),
            ("2019/a b/INMET (1).CSV", archive("archive_2019.csv")),
            ("2019/INMET_NE_BA_04.CSV", third),
            ("__MACOSX/._INMET.CSV", b"junk"),
            ("2019/leia-me.txt", b"junk"),
        )
    )

    every = {name: rows.num_rows for name, rows in inmet.read_archive(path, window="w")}
    some = list(inmet.read_archive(path, window="w", wanted={"04"}.__contains__))

    assert every == {"2019/a b/INMET (1).CSV": 2, "2019/INMET_NE_BA_04.CSV": 2}
    assert [(name, rows["CD_ESTACAO"][0].as_py()) for name, rows in some] == [("2019/INMET_NE_BA_04.CSV", " 04")]
    assert [batch.dataset_id for batch in inmet.observation_batches(some[0][1], "u")] == ["04"]


@pytest.mark.parametrize(
    ("archived", "spans"),
    [
        ({}, [(date(2022, 3, 1), date(2024, 6, 20))]),
        ({2022: date(2022, 12, 31), 2023: date(2023, 12, 31)}, [(date(2024, 1, 1), date(2024, 6, 20))]),
        ({2023: date(2023, 8, 31)}, [(date(2022, 3, 1), date(2022, 12, 31)), (date(2023, 9, 1), date(2024, 6, 20))]),
    ],
    ids=["no archive", "whole years", "a year is missing, another ends in August"],
)
def test_the_api_is_asked_for_what_the_archive_did_not_bring(
    archived: dict[int, date], spans: list[tuple[date, date]]
) -> None:
    assert list(inmet.uncovered(date(2022, 3, 1), date(2024, 6, 20), archived)) == spans


def test_only_years_that_change_no_more_come_from_the_archive() -> None:
    assert list(inmet.archive_years(SETTINGS)) == [2020, 2021, 2022, 2023]
    assert list(inmet.archive_years(replace(SETTINGS, today=date(2024, 2, 14)))) == [2020, 2021, 2022]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 1500), junk=st.binary(max_size=4), drop=st.integers(0, 3))
def test_any_bytes_give_every_member_or_a_contract_error(tmp_path: Path, cut: int, junk: bytes, drop: int) -> None:
    """A damaged ZIP never gives fewer rows: its checksums or its structure tell."""
    whole = zip_of(("a/one.csv", archive("archive_2019.csv")), ("two.csv", archive("archive_from_2020.csv")))
    path = tmp_path / "x.zip"
    path.write_bytes(whole[:cut] + junk + whole[cut + drop :])
    try:
        rows = [table.num_rows for _, table in inmet.read_archive(path, window="w")]
    except FeedContractError:
        return
    assert rows == [2, 3]


@settings(max_examples=150, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda cut, junk: CATALOGUE[:cut] + junk + CATALOGUE[cut:], st.integers(0, 170), st.binary(max_size=4)
        ),
    )
)
def test_any_bytes_give_every_station_or_a_contract_error(body: bytes) -> None:
    try:
        rows = inmet.parse_stations_csv(body, window="w")
    except FeedContractError:
        return
    assert rows.num_rows == len(body.rstrip(b"\r\n").split(b"\n")) - 1


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 1700), junk=st.binary(max_size=4), drop=st.integers(0, 3))
def test_any_bytes_give_every_station_of_the_api_or_a_contract_error(cut: int, junk: bytes, drop: int) -> None:
    whole = (FIXTURES / "stations.json").read_bytes()
    body = whole[:cut] + junk + whole[cut + drop :]
    try:
        rows = inmet.parse_stations(body)
    except FeedContractError:
        return
    assert rows.num_rows == len(json.loads(body.decode("utf-8-sig", errors="replace")))
