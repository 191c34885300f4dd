"""BACEN's parsers: SGS in JSON and CSV, PTAX, windows, and refusals."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import bacen
from extractors.http import FeedContractError
from extractors.settings import Settings, years_before

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "feeds" / "bacen"
NO_VALUES = b'{"erro": {"statusCode": 404, "detail": "br.gov.bcb.x.SGSNegocioException: Value(s) not found"}}'
TOO_LONG = '{"error":"O sistema aceita uma janela de consulta de, no máximo, 10 anos","message":"…"}'.encode()
SETTINGS = Settings(lake_root="/lake", today=date(2024, 6, 20), history_from=date(2020, 3, 15))
PTAX = (FIXTURES / "ptax_usd.json").read_bytes()
SGS_CSV = (FIXTURES / "bcdata.sgs.433.csv").read_bytes()


def test_values_of_a_json_reply_stay_as_sent() -> None:
    rows = bacen.parse_sgs_json((FIXTURES / "sgs_11_2021.json").read_bytes(), window="w")

    assert rows.to_pylist() == [
        {"data": "29/01/2021", "valor": "0.007111", "datafim": None},
        {"data": "01/02/2021", "valor": "0.007222", "datafim": None},
    ]


def test_a_number_and_a_null_in_json_are_text_and_null() -> None:
    rows = bacen.parse_sgs_json(
        b'[{"data":"01/01/2020","valor":5.10,"datafim":"31/01/2020"},{"data":"02/01/2020","valor":null}]', window="w"
    )

    assert rows["valor"].to_pylist() == ["5.10", None]
    assert rows["datafim"].to_pylist() == ["31/01/2020", None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_csv_keeps_its_decimal_comma(encoding: str, line_end: str) -> None:
    body = SGS_CSV.decode().replace("\r\n", line_end).encode(encoding)

    rows = bacen.parse_sgs_csv(body, window="w").to_pylist()

    assert [(row["data"], row["valor"]) for row in rows] == [
        ("01/01/2020", "0,31"),
        ("01/02/2020", "-0,07"),
        ("01/03/2020", "1,02"),
    ]


def test_value_not_found_means_no_data_in_that_window() -> None:
    assert bacen.parse_sgs_json(NO_VALUES, window="w").num_rows == 0


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (TOO_LONG, "an error object"),
        (b'{"erro": {"statusCode": 400, "detail": "A quantidade"}}', "an error object"),
        (b"<html>Requisi\xe7\xe3o inv\xe1lida!", "an HTML or XML page"),
        (b"", "an empty body"),
        (b'[{"date":"01/01/2020","valor":"1"}]', "columns missing: ['data']"),
        (b'[{"data":"2020-01-01","valor":"1"}]', "row 0 has data '2020-01-01'"),
        (b'[{"data":"31/02/2020","valor":"1"}]', "row 0 has data '31/02/2020'"),
        (b'[{"data":"01/01/2020","valor":"1"', "no JSON"),
        (b'[{"data":"01/01/2020","valor":NaN}]', "no JSON"),
        (b'[{"data":"01/01/2020","valor":true}]', "element 0 has a bool in 'valor'"),
    ],
)
def test_malformed_json_is_refused_with_what_was_seen(body: bytes, seen: str) -> None:
    with pytest.raises(FeedContractError) as caught:
        bacen.parse_sgs_json(body, window="series 433 2020-01-01..2020-12-31", name="r.json")

    assert seen in caught.value.seen
    assert "bacen/sgs_observations [series 433 2020-01-01..2020-12-31]" in str(caught.value)
    assert caught.value.payload == body


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        (b'"valor"', b'"value"', "a header"),
        (b'"0,31"', b'"0,31";"x"', "line 2 has 3 fields, the header 2"),
        (b'\r\n"01/02', b'\r\n\r\n"01/02', "line 3 has 1 fields"),
        (b"01/02/2020", b"2020-02-01", "row 1 has data"),
    ],
)
def test_a_csv_of_another_layout_is_refused(old: bytes, new: bytes, seen: str) -> None:
    with pytest.raises(FeedContractError) as caught:
        bacen.parse_sgs_csv(SGS_CSV.replace(old, new, 1), window="w")

    assert seen in caught.value.seen


def test_ptax_numbers_keep_the_spelling_of_the_reply() -> None:
    rows = bacen.parse_ptax(PTAX, window="w").to_pylist()

    assert [row["tipoBoletim"] for row in rows] == ["Abertura", "Intermediário", "Fechamento"]
    assert [row["cotacaoCompra"] for row in rows] == ["5.12340", "5.10", "5.10"]
    assert [row["paridadeCompra"] for row in rows] == ["1.0"] * 3
    assert [row["dataHoraCotacao"][10:] for row in rows] == [" 10:08:11.5212", " 13:04:26.31", " 13:04:26.313"]


def test_the_closing_only_reply_lacks_parities_and_bulletins() -> None:
    rows = bacen.parse_ptax(
        b'{"value":[{"cotacaoCompra":5.1,"cotacaoVenda":5.2,"dataHoraCotacao":"2026-06-05 13:03:38.3"}]}', window="w"
    )

    assert rows.to_pylist()[0]["tipoBoletim"] is None


def test_a_weekend_has_no_bulletins() -> None:
    assert bacen.parse_ptax(b'{"value":[]}', window="w").num_rows == 0


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"[]", "no 'value' in the reply"),
        (b'{"valor":[]}', "no 'value' in the reply"),
        (b'{"value":{}}', "a JSON dict where an array of objects is due"),
        (PTAX.replace(b"2024-03-28 10:08", b"28/03/2024 10:08"), "row 0 has dataHoraCotacao"),
        (PTAX.replace(b"cotacaoVenda", b"venda"), "columns missing: ['cotacaoVenda']"),
        (json.dumps({"value": [{"cotacaoCompra": 1}] * bacen.PTAX_PAGE_ROWS}).encode(), "the page is full"),
    ],
)
def test_malformed_bulletins_are_refused(body: bytes, seen: str) -> None:
    with pytest.raises(FeedContractError) as caught:
        bacen.parse_ptax(body, window="w")

    assert seen in caught.value.seen


def test_observations_are_cut_by_month() -> None:
    rows = bacen.parse_sgs_json((FIXTURES / "sgs_11_2021.json").read_bytes(), window="w")

    cut = [(part.dataset_id, part.day, part.rows.num_rows) for part in bacen.sgs_batches(rows, "sgs.11", "u")]

    assert cut == [("sgs.11", date(2021, 1, 1), 1), ("sgs.11", date(2021, 2, 1), 1)]


@given(first=st.dates(date(1986, 1, 1), date(2030, 1, 1)), length=st.integers(0, 15_000))
def test_sgs_windows_cover_every_day_once_and_are_at_most_ten_years(first: date, length: int) -> None:
    last = first + timedelta(days=length)

    cut = list(bacen.sgs_windows(first, last))

    assert (cut[0][0], cut[-1][1]) == (first, last)
    assert all(end < years_before(start, -10) for start, end in cut)
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(cut))


@given(first=st.dates(date(1986, 1, 1), date(2030, 1, 1)), length=st.integers(0, 5_000))
def test_ptax_windows_cover_every_day_once_and_fit_a_page(first: date, length: int) -> None:
    last = first + timedelta(days=length)

    cut = list(bacen.ptax_windows(first, last))

    assert sum((end - start).days + 1 for start, end in cut) == length + 1
    assert all((end - start).days < 365 for start, end in cut)


def test_monthly_series_are_read_whole_and_daily_ones_from_the_look_back() -> None:
    known = (date(2020, 3, 1), date(2024, 8, 1))

    assert bacen.first_day_to_read(known, SETTINGS, whole=True) == date(2020, 3, 1)
    assert bacen.first_day_to_read(known, SETTINGS, whole=False) == date(2024, 4, 1)
    assert bacen.first_day_to_read(None, SETTINGS, whole=False) == date(2020, 3, 1)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bcdata.sgs.433.csv", 433),
        ("transcribed_bcdata.sgs.189 (1).csv", 189),
        ("sgs_1_usd_venda_2020-2024.json", 1),
        ("SGS-24369.json", 24369),
    ],
)
def test_the_file_name_tells_the_series(name: str, code: int) -> None:
    assert bacen.series_of_file(Path(name)) == code


def test_a_file_name_without_a_series_is_refused() -> None:
    with pytest.raises(FeedContractError, match="rename the file"):
        bacen.series_of_file(Path("ipca 2024.csv"))


@settings(max_examples=200, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.builds(lambda cut, junk: SGS_CSV[:cut] + junk + SGS_CSV[cut:], st.integers(0, 80), st.binary(max_size=4)),
    )
)
def test_any_bytes_give_every_csv_row_or_a_contract_error(body: bytes) -> None:
    try:
        rows = bacen.parse_sgs_csv(body, window="w")
    except FeedContractError:
        return
    assert rows.num_rows == len(body.rstrip(b"\r\n").split(b"\n")) - 1


@settings(max_examples=200, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.builds(lambda cut, junk: PTAX[:cut] + junk + PTAX[cut:], st.integers(0, 600), st.binary(max_size=4)),
    )
)
def test_any_bytes_give_every_bulletin_or_a_contract_error(body: bytes) -> None:
    for parse in (bacen.parse_ptax, bacen.parse_sgs_json):
        try:
            rows = parse(body, window="w")
        except FeedContractError:
            continue
        sent = json.loads(body.decode("utf-8-sig", errors="replace"))
        assert rows.num_rows == len(sent["value"] if isinstance(sent, dict) else sent)


def focus(*rows: dict[str, object]) -> bytes:
    names = ("Media", "Mediana", "DesvioPadrao", "Minimo", "Maximo")
    full = {"Indicador": "PIB Total", "Data": "2026-01-02", "DataReferencia": "2026", "baseCalculo": 0}
    return json.dumps({"value": [full | dict.fromkeys(names, 1.5) | row for row in rows]}).encode()


def test_the_two_bases_of_an_expectation_are_two_rows_and_a_key_never_comes_twice() -> None:
    rows = bacen.parse_focus(focus({}, {"baseCalculo": 1}), window="w")

    assert rows["baseCalculo"].to_pylist() == ["0", "1"]
    assert [batch.dataset_id for batch in bacen.focus_batches(rows, "u")] == ["focus.pib-total"]
    with pytest.raises(FeedContractError, match="twice"):
        bacen.parse_focus(focus({}, {}), window="w")


def test_the_registry_names_expectations_as_bronze_does() -> None:
    assert all(bacen.focus_dataset_id(series.code) == series.dataset_id for series in bacen.registry("focus"))
    assert all(bacen.sgs_dataset_id(int(series.code)) == series.dataset_id for series in bacen.registry("sgs"))


FOCUS = focus({}, {"baseCalculo": 1})


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, 400), junk=st.binary(max_size=4))
def test_any_bytes_give_every_expectation_or_a_contract_error(cut: int, junk: bytes) -> None:
    body = FOCUS[:cut] + junk + FOCUS[cut:]
    try:
        rows = bacen.parse_focus(body, window="w")
    except FeedContractError:
        return
    assert rows.num_rows == len(json.loads(body.decode("utf-8-sig", errors="replace"))["value"])
