"""ANATEL's licensing exports: two layouts, three delimiters, two encodings, plain and in a ZIP."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import anatel
from extractors.http import FeedContractError
from extractors.lake import conform

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "feeds" / "anatel"
COMMA = (FIXTURES / "licenciamento_comma_latin1.csv").read_bytes()
NATIONAL = (FIXTURES / "Estacoes_SMP.csv").read_bytes()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(folder: Path, body: bytes) -> tuple[anatel.Export, pa.Table]:
    path = folder / "export.bin"
    path.write_bytes(body)
    export = anatel.read_export(path, window="w")
    return export, conform(anatel.SMP_STATIONS, pa.concat_tables(export.tables()), window="w")


def test_a_latin_1_export_with_commas_keeps_its_values_as_sent(tmp_path: Path) -> None:
    export, rows = read(tmp_path, COMMA)

    first, second = rows.to_pylist()
    assert (export.rows, export.month, export.dataset_id) == (2, date(2024, 2, 1), "licenciamento.2999999")
    assert rows.column_names == anatel.EXPORT_COLUMNS
    assert first["NomeEntidade"] == "OPERADORA TELEFÔNICA FICTÍCIA"
    assert first["EnderecoEstacao"] == "Rua da Praia, 10"
    assert (first["CompartilhamentoInfraFisica"], first["NumRede"]) == ("não", "")
    assert (first["_id"], second["_id"]) == ("f00d1", "f00d2")


def test_both_kinds_of_dates_in_one_file_are_read_and_stay_as_sent(tmp_path: Path) -> None:
    export, rows = read(tmp_path, COMMA.replace(b"2024-02-11", b"11/03/2024"))

    assert export.month == date(2024, 3, 1)
    assert rows["DataLicenciamento"].to_pylist() == ["2023-10-24", "11/03/2024"]


def test_a_utf_8_export_with_bars_and_brazilian_dates_reads_the_same(tmp_path: Path) -> None:
    export, rows = read(tmp_path, (FIXTURES / "licenciamento_pipe_utf8.csv").read_bytes())

    assert (export.rows, export.month, export.dataset_id) == (2, date(2024, 3, 1), "estacoes_smp")
    assert rows["NomeEntidade"].to_pylist() == ["OPERADORA TELEFÔNICA FICTÍCIA"] * 2


@pytest.mark.parametrize(
    "members",
    [
        {"Estacoes_SMP.csv": NATIONAL},
        {"pasta/": b"", "pasta/Estacoes_SMP.CSV": NATIONAL, "leia-me.csv": b"x"},
        {"export.csv": NATIONAL, "leia-me.txt": b"x"},
    ],
    ids=["alone", "in a folder, beside another", "under another name"],
)
def test_the_national_file_inside_its_zip_gets_the_headings_of_the_export(
    tmp_path: Path, members: dict[str, bytes]
) -> None:
    export, rows = read(tmp_path, zipped(members))

    first = rows.to_pylist()[0]
    assert (export.rows, export.month, export.dataset_id) == (2, date(2025, 8, 1), "estacoes_smp")
    assert first["NumEstacao"] == "900000001"
    assert (first["CodMunicipio"], first["SiglaUf"], first["tipoTecnologia"]) == ("2999999", "BA", "SA")
    assert (first["Latitude"], first["Latitude GMS"]) == ("-12.98", "12S584800")
    assert (first["DataLicenciamento"], first["Geração"], first["NumRede"]) == ("2025-07-30", "5G", None)


def test_an_encoding_that_breaks_late_in_the_file_is_seen(tmp_path: Path) -> None:
    lines = COMMA.decode("latin-1").replace("Ô", "O").replace("Í", "I").replace("não", "sim").splitlines()
    body = "\n".join([lines[0], *[lines[1]] * 3000, lines[2].replace("FICTICIA", "FICTÍCIA")]).encode("latin-1")

    _, rows = read(tmp_path, body)

    assert rows["NomeEntidade"][3000].as_py() == "OPERADORA TELEFONICA FICTÍCIA"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"", "an empty body"),
        (b"<html>manuten\xe7\xe3o</html>", "an HTML or XML page"),
        (b'{"error": "x"}', "an error object"),
        (b"version https://git-lfs.github.com/spec/v1", "a git-lfs pointer"),
        (COMMA.replace(b"NumEstacao", b"Estacao"), "columns missing: ['NumEstacao']"),
        (COMMA.replace(b"NumRede", b"Azimute"), "a header that repeats a column"),
        (COMMA.replace(b",f00d1,", b",f00d1,,"), "a row that does not fit the header of 40 columns"),
        (COMMA.replace(b",f00d1,", b""), "a row that does not fit the header of 40 columns"),
        (COMMA.splitlines()[0] + b"\n", "no readable DataLicenciamento in 0 rows"),
        (COMMA.replace(b"2023-10-24", b"-").replace(b"2024-02-11", b"?"), "no readable DataLicenciamento in 2 rows"),
        (zipped({"a.txt": b"x"}), "0 CSV members"),
        (zipped({"a.csv": NATIONAL, "b.csv": NATIONAL}), "2 CSV members"),
        (zipped({"Estacoes_SMP.csv": NATIONAL})[:-40], "columns missing"),
    ],
)
def test_anything_else_is_refused_with_what_was_seen(tmp_path: Path, body: bytes, seen: str) -> None:
    with pytest.raises(FeedContractError) as caught:
        read(tmp_path, body)

    assert seen in caught.value.seen
    assert caught.value.payload == tmp_path / "export.bin"


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    body = bytearray(zipped({"Estacoes_SMP.csv": NATIONAL}))
    body[120:160] = bytes(40)

    with pytest.raises(FeedContractError, match="cannot be unpacked"):
        read(tmp_path, bytes(body))


def test_a_quotation_mark_that_swallows_lines_is_refused(tmp_path: Path) -> None:
    body = COMMA.replace(b'"Rua da Praia, 10"', b"Rua").replace(b",900000001,", b',"900000001,')
    body = body.replace(b",900000002,", b',900000002",')

    with pytest.raises(FeedContractError, match="1 rows in 2 lines: quotation marks that span lines"):
        read(tmp_path, body)


@settings(max_examples=150, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda body, cut, junk: body[:cut] + junk + body[cut:],
            st.sampled_from([COMMA, NATIONAL, zipped({"Estacoes_SMP.csv": NATIONAL})]),
            st.integers(0, 1500),
            st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b"\r", b"\n", b"\x00", b"\xef\xbb\xbf", b'"\n"'])),
        ),
    )
)
def test_any_bytes_give_every_row_or_a_contract_error(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            export, rows = read(Path(folder), body)
        except FeedContractError:
            return
    assert export.rows == rows.num_rows
    if b"PK" not in body:
        assert rows.num_rows == sum(1 for line in body.split(b"\n") if line.strip(b"\r")) - 1
