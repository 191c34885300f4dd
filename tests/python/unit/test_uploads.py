"""Buyers' workbooks: what is read, what is sent back and with which words, and what is refused as a whole."""

from __future__ import annotations

import csv
import os
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from purchase_workbooks import HEADER, change_sheet, line, repack, share_strings, write_csv, write_xlsx

from extractors import uploads
from extractors.http import FeedContractError
from extractors.inbox import Inbox
from extractors.lake import Lake, Landing
from extractors.landing import land_each
from extractors.settings import Settings
from extractors.uploads import COLUMNS, PURCHASE_LINES, REQUIRED, StillChangingError, dataset_id, land_file
from extractors.workbooks import Limits

MACROS = Path(__file__).parents[3] / "macros" / "parsing"
REAL_FILES = Path(__file__).resolve().parents[4] / "shared" / "feeds" / "uploads"
TODAY = date(2024, 6, 20)
REQUESTED_AT = datetime(2024, 3, 1)  # noqa: DTZ001 - a cell of a workbook has no time zone
PURCHASED_AT = datetime(2024, 3, 5, 14, 30)  # noqa: DTZ001 - the same


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def landed(landing: Landing) -> list[dict[str, Any]]:
    """The rows of what was landed, without bronze's metadata."""
    assert len(landing.files) == 1
    rows = pq.read_table(landing.files[0], partitioning=None).to_pylist()
    return [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]


def quarantined(tmp_path: Path) -> list[Path]:
    """The files of lines to be mended, the newest last."""
    found = (tmp_path / "lake" / "quarantine" / "uploads" / "purchase_lines").glob("*.rejeitadas.csv")
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def sent_back(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def refusal_of(path: Path, lake: Lake, **options: Any) -> FeedContractError:
    with pytest.raises(FeedContractError) as caught:
        land_file(path, lake, "r1", **options)
    assert lake.datasets(PURCHASE_LINES) == {}
    return caught.value


def one_reason(tmp_path: Path, lake: Lake, row: tuple[Any, ...]) -> str:
    landing = land_file(write_csv(tmp_path / "compras.csv", [row]), lake, "r1")
    assert (landing.rows_landed, landing.rows_quarantined) == (0, 1)
    return sent_back(quarantined(tmp_path)[-1])[0]["MOTIVO"]


# Where the lines are ---------------------------------------------------------------------------------------------


def test_sheet_is_found_by_its_headers_behind_pivots_and_lookups_and_below_a_title(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "Compras 2024.xlsx",
        [line()],
        header=[title.lower().replace("ç", "c").replace("á", "a") for title in HEADER],
        before={"Dinâmica": [("Rótulos", "Soma de QUANTIDADE"), ("CABOS", 3)], "Apoio": [("U.M.", "MATERIAL")]},
        above=[("Relatório de compras",), (), ("emitido em", PURCHASED_AT)],
    )

    landing = land_file(path, lake, "r1")

    assert landed(landing) == [
        {
            "linha": 5,
            "deposito": None,
            "produto_servico": "000123",
            "material": "CABO COAXIAL",
            "familia": "CABOS",
            "nome_fornec": "FORNECEDOR FICTÍCIO LTDA.",
            "quantidade": "2",
            "um": "M³",
            "data_requisitada": None,
            "solicitacao": "77",
            "data_solicitado": "01/03/2024",
            "data_de_compra": "05/03/2024",
            "codigo_numerico": False,
        }
    ]
    assert list(lake.datasets(PURCHASE_LINES)) == ["compras_2024"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_csv_is_read_in_every_delimiter_and_encoding(lake: Lake, tmp_path: Path, delimiter: str, encoding: str) -> None:
    row = line(um="M³", material='CABO 1/2" "RF"; de 2,5 m\te conector', quantidade="1.234,56")
    path = write_csv(tmp_path / "compras.csv", [row, row], delimiter=delimiter, encoding=encoding)

    landing = land_file(path, lake, "r1")

    rows = landed(landing)
    assert [row["linha"] for row in rows] == [2, 3], "equal lines are two lines"
    assert rows[0]["material"] == 'CABO 1/2" "RF"; de 2,5 m\te conector'
    assert (rows[0]["um"], rows[0]["quantidade"]) == ("M³", "1.234,56")
    assert rows[0]["nome_fornec"] == "FORNECEDOR FICTÍCIO LTDA."


def test_columns_that_may_be_missing_are_null_and_unknown_ones_do_not_matter(lake: Lake, tmp_path: Path) -> None:
    header = [COLUMNS[name] for name in REQUIRED] + ["COMPRADOR"]
    cells = dict(zip(COLUMNS, line(), strict=True))
    path = write_csv(tmp_path / "c.csv", [[*(cells[name] for name in REQUIRED), "ANA"]], header=header)

    row = landed(land_file(path, lake, "r1"))[0]

    assert (row["deposito"], row["familia"], row["solicitacao"]) == (None, None, None)
    assert row["material"] == "CABO COAXIAL"


def test_refusal_of_another_kind_of_file_names_the_columns_that_are_missing(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "outra.xlsx", [("x", 1)], header=("Material", "Quantidade"))

    error = refusal_of(path, lake)

    assert "faltam as colunas: PRODUTO/SERVIÇO, NOME FORNEC., U.M., DATA SOLICITADO, DATA DE COMPRA" in error.seen
    assert error.kept_at is not None
    assert Path(error.kept_at).read_bytes() == path.read_bytes()


def test_two_sheets_of_lines_are_refused_because_one_of_them_would_be_lost(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line()], before={"Maio": [HEADER, line()]}, title="Junho")

    assert "mais de uma aba tem linhas de compra: 'Maio', 'Junho'" in refusal_of(path, lake).seen


def test_repeated_column_is_refused(lake: Lake, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", [(*line(), "3")], header=(*HEADER, "Quantidade"))

    assert "há mais de uma coluna QUANTIDADE" in refusal_of(path, lake).seen


def test_file_without_lines_is_refused(lake: Lake, tmp_path: Path) -> None:
    assert "não há linhas de compra" in refusal_of(write_csv(tmp_path / "c.csv", [()]), lake).seen


def test_shared_texts_of_excel_are_read(lake: Lake, tmp_path: Path) -> None:
    row = landed(land_file(share_strings(write_xlsx(tmp_path / "c.xlsx", [line()])), lake, "r1"))[0]

    assert (row["produto_servico"], row["um"], row["codigo_numerico"]) == ("000123", "M³", False)


# Cells -----------------------------------------------------------------------------------------------------------


def test_typed_cells_become_text_and_a_numeric_code_is_told(lake: Lake, tmp_path: Path) -> None:
    rows = [
        line(produto_servico=123, quantidade=1234.5, data_solicitado=REQUESTED_AT, data_de_compra=45356),
        line(produto_servico="000123", quantidade=-3, data_solicitado="2024-03-01", data_de_compra=45356.75),
        line(quantidade=1.234, solicitacao=8801, data_de_compra=PURCHASED_AT),
    ]

    cells = landed(land_file(write_xlsx(tmp_path / "c.xlsx", rows), lake, "r1"))

    assert [row["produto_servico"] for row in cells] == ["123", "000123", "000123"]
    assert [row["codigo_numerico"] for row in cells] == [True, False, False]
    assert [row["quantidade"] for row in cells] == ["1234,5", "-3", "1,234"]
    assert [row["data_solicitado"] for row in cells] == ["2024-03-01", "2024-03-01", "01/03/2024"]
    assert [row["data_de_compra"] for row in cells] == ["45356", "45356,75", "2024-03-05 14:30:00"]
    assert cells[2]["solicitacao"] == "8801"


def test_serial_dates_of_a_macintosh_workbook_mean_the_same_days(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line(data_de_compra=45356 - 1462)])
    repack(
        path,
        lambda name, body: (
            body.replace(b"<workbookPr ", b'<workbookPr date1904="1" ') if "workbook.xml" in name else body
        ),
    )

    assert landed(land_file(path, lake, "r1"))[0]["data_de_compra"] == "45356"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"produto_servico": "-", "material": "NA"}, "sem código (PRODUTO/SERVIÇO) e sem MATERIAL"),
        ({"quantidade": ""}, "QUANTIDADE em branco"),
        ({"quantidade": "#N/A"}, "QUANTIDADE em branco"),
        ({"quantidade": "dois"}, "QUANTIDADE 'dois' não é um número"),
        ({"quantidade": "-2,197,972,221"}, "QUANTIDADE '-2,197,972,221' não é um número"),
        ({"quantidade": "1E+05"}, "QUANTIDADE '1E+05' não é um número"),
        ({"quantidade": "1.234"}, "QUANTIDADE '1.234' é ambígua: escreva 1234 ou 1,234"),
        ({"data_de_compra": "31/02/2024"}, "DATA DE COMPRA '31/02/2024' não é uma data: escreva dd/mm/aaaa"),
        ({"data_de_compra": "03/25/2024"}, "DATA DE COMPRA '03/25/2024' não é uma data: escreva dd/mm/aaaa"),
        ({"data_solicitado": "01/03/24"}, "DATA SOLICITADO '01/03/24' não é uma data: escreva dd/mm/aaaa"),
        ({"data_requisitada": "urgente"}, "DATA REQUISITADA 'urgente' não é uma data: escreva dd/mm/aaaa"),
    ],
)
def test_line_that_cannot_be_read_is_sent_back_with_its_reason(
    lake: Lake, tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    assert one_reason(tmp_path, lake, line(**cells)) == reason


def test_all_faults_of_a_line_are_told_at_once(lake: Lake, tmp_path: Path) -> None:
    assert one_reason(tmp_path, lake, line(quantidade="x", data_de_compra="y")).count("; ") == 1


@pytest.mark.parametrize(
    "cells",
    [
        {"produto_servico": ""},
        {"material": "#N/D"},
        {"quantidade": "0"},
        {"quantidade": "-5"},
        {"data_solicitado": "01/03/2024", "data_de_compra": "03/08/2021"},
        {"data_de_compra": "-"},
        {"deposito": "", "um": "TONEL"},
    ],
    ids=["no code", "no material", "zero", "return", "941 days backwards", "not bought yet", "unknown unit"],
)
def test_line_that_is_merely_odd_lands(lake: Lake, tmp_path: Path, cells: dict[str, str]) -> None:
    landing = land_file(write_csv(tmp_path / "c.csv", [line(**cells)]), lake, "r1")

    assert (landing.rows_landed, landing.rows_quarantined) == (1, 0)


def test_formula_is_read_by_its_calculated_value_and_sent_back_without_one(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line(quantidade="=1+1"), line(quantidade="=2+2"), line()])
    change_sheet(path, rb"<f>1\+1</f><v ?/>|<f>1\+1</f><v></v>", b"<f>1+1</f><v>2</v>")

    landing = land_file(path, lake, "r1")

    assert [row["quantidade"] for row in landed(landing)] == ["2", "2"]
    (mend,) = sent_back(quarantined(tmp_path)[0])
    assert mend["MOTIVO"] == "QUANTIDADE tem uma fórmula sem valor calculado: abra no Excel, recalcule e salve"
    assert mend["LINHA"] == "3"


@pytest.mark.parametrize("fields", [(*line(), "a mais"), line()[:-1]], ids=["too many", "too few"])
def test_record_with_other_fields_than_the_header_is_sent_back(
    lake: Lake, tmp_path: Path, fields: tuple[Any, ...]
) -> None:
    reason = one_reason(tmp_path, lake, fields)

    assert reason == f"a linha tem {len(fields)} campos e o cabeçalho 11: confira os separadores"


# The round trip --------------------------------------------------------------------------------------------------


def test_lines_sent_back_can_be_mended_and_sent_again(lake: Lake, tmp_path: Path) -> None:
    rows = [line(), line(quantidade="dois", material="=HYPERLINK(1)", deposito="'+55"), line(data_de_compra="?")]
    first = land_file(write_csv(tmp_path / "Compras Março.csv", rows, encoding="latin-1"), lake, "r1")
    (mend,) = quarantined(tmp_path)
    raw = mend.read_bytes()
    mended = tmp_path / mend.name
    mended.write_bytes(raw.replace(b"dois", b"2"))

    second = land_file(mended, lake, "r2")
    again = sent_back(quarantined(tmp_path)[-1])

    assert (first.rows_landed, first.rows_quarantined) == (1, 2)
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").splitlines()[0] == ";".join((*HEADER, "LINHA", "MOTIVO"))
    assert [row["LINHA"] for row in sent_back(mend)] == ["3", "4"]
    assert (second.rows_landed, second.rows_quarantined) == (1, 1)
    (row,) = landed(second)
    assert (row["material"], row["deposito"], row["quantidade"]) == ("=HYPERLINK(1)", "'+55", "2")
    assert list(again[0]) == [*HEADER, "LINHA", "MOTIVO"], "the columns are not added twice"
    assert sorted(lake.datasets(PURCHASE_LINES)) == ["compras_marco", f"compras_marco#{mend.name[:12]}"]


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@SUM(1)", "'=1", "''-x", "-"])
def test_no_cell_of_a_file_to_be_mended_is_run_as_a_formula(cell: str) -> None:
    written = uploads.neutralized(cell)

    assert written.startswith("'")
    assert uploads.restored(written) == cell


@given(cell=st.text(max_size=12))
def test_neutralising_is_undone_for_every_text(cell: str) -> None:
    written = uploads.neutralized(cell)

    assert uploads.restored(written) == cell or uploads.PLAIN_NUMBER.fullmatch(cell)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r")) or uploads.PLAIN_NUMBER.fullmatch(written)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Compras Março (2).XLSX", "compras_marco_2"),
        ("0123456789ab-compras_marco.rejeitadas.csv", "compras_marco#0123456789ab"),
        ("0123456789ab-Compras Março.rejeitadas.csv", "compras_marco#0123456789ab"),
        ("compras.v2.csv", "compras_v2"),
        ("???.csv", "sem_nome"),
        ("sem ponto", "sem_ponto"),
    ],
)
def test_dataset_is_named_after_the_file_and_mended_lines_after_their_workbook(name: str, expected: str) -> None:
    assert dataset_id(name) == expected


def test_same_file_twice_is_unchanged_also_after_an_older_one(lake: Lake, tmp_path: Path) -> None:
    old = write_csv(tmp_path / "compras.csv", [line()])
    first = land_file(old, lake, "r1")
    second = land_file(old, lake, "r2")
    more = write_xlsx(tmp_path / "compras.xlsx", [line(), line(data_de_compra="01/02/2023")])
    third = land_file(more, lake, "r3")
    fourth = land_file(old, lake, "r4")

    assert (first.first_day, first.rows_landed) == (date(2024, 3, 5), 1)
    assert (second.rows_landed, second.rows_unchanged, second.files) == (0, 1, [])
    assert (third.first_day, third.rows_landed) == (date(2024, 3, 5), 2), "a workbook keeps its partition"
    assert fourth.rows_landed == 1, "sending the older one again makes it the newest"


# Files that are meant ill, or came to harm -----------------------------------------------------------------------


def test_xml_entities_and_document_types_are_refused(lake: Lake, tmp_path: Path) -> None:
    assert openpyxl.DEFUSEDXML
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"):
        path = share_strings(write_xlsx(tmp_path / "c.xlsx", [line()]))

        def poison(name: str, body: bytes, part: str = part) -> bytes:
            start = body.index(b"?>") + 2 if body.startswith(b"<?xml") else 0
            return body[:start] + bomb + body[start:] if name == part else body

        assert "danificado" in refusal_of(repack(path, poison), lake).seen


@pytest.mark.parametrize(
    "limits",
    [
        Limits(unpacked_bytes=3_000),
        Limits(loaded_bytes=1_000),
        Limits(parts=3),
        Limits(ratio=2, ratio_from_bytes=1_000),
    ],
    ids=["unpacked", "held in memory", "parts", "ratio"],
)
def test_zip_bombs_are_refused_before_anything_is_unpacked(lake: Lake, tmp_path: Path, limits: Limits) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line()] * 20)

    assert "grande demais" in refusal_of(path, lake, limits=limits).seen


def test_real_bomb_of_a_gigabyte_is_refused_at_once(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line()])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w") as part,
    ):
        for _ in range(16):
            part.write(bytes(1 << 20))

    assert "grande demais" in refusal_of(path, lake).seen


def test_file_above_the_limit_is_refused_unread(lake: Lake, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", [line()])

    assert "o limite é 0 MB" in refusal_of(path, lake, limits=Limits(file_bytes=10)).seen


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "protegido por senha ou é do formato antigo .xls"),
        (b"", "vazio"),
        (b"<html>login</html>", "página da internet"),
        (b"%PDF-1.7 \x00\x01", "faltam as colunas"),
        (b"PK\x03\x04" + bytes(100), "danificado ou incompleto"),
        ('DEPÓSITO;MATERIAL\n"a;b\n'.encode(), "faltam as colunas"),
    ],
    ids=["encrypted or .xls", "empty", "html", "pdf", "no zip", "stray quote"],
)
def test_other_files_are_refused_in_portuguese(lake: Lake, tmp_path: Path, body: bytes, seen: str) -> None:
    path = tmp_path / "compras.xlsx"
    path.write_bytes(body)

    error = refusal_of(path, lake)

    assert seen in error.seen
    assert "envie" in error.advice or "use o modelo" in error.advice


def test_other_zips_are_refused(lake: Lake, tmp_path: Path) -> None:
    for member in ("mimetype", "xl/workbook.bin"):
        path = tmp_path / "c.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, "x")
        assert "não é uma pasta de trabalho .xlsx" in refusal_of(path, lake).seen


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_truncated_workbook_is_refused(lake: Lake, tmp_path: Path, share: float) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line()] * 50)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    assert "danificado" in refusal_of(path, lake).seen


def test_unclosed_quote_does_not_swallow_the_lines_after_it(lake: Lake, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", [line()] * 5)
    body = path.read_text(encoding="utf-8")
    path.write_text(body.replace("CABO COAXIAL", '"CABO COAXIAL', 1), encoding="utf-8")

    error = refusal_of(path, lake)

    assert "aspas sem par ou arquivo cortado" in error.seen


def test_truncated_csv_sends_its_last_line_back(lake: Lake, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", [line()] * 3)
    path.write_bytes(path.read_bytes()[:-20])

    landing = land_file(path, lake, "r1")

    assert (landing.rows_landed, landing.rows_quarantined) == (2, 1)


def test_rows_out_of_order_are_refused_and_not_dropped(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line(), line()])
    change_sheet(path, rb'<row r="3"', b'<row r="2"')

    assert "fora de ordem" in refusal_of(path, lake).seen


def test_row_number_beyond_a_sheet_is_refused_and_not_counted_up_to(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "c.xlsx", [line(), line()])
    change_sheet(path, rb'<row r="3"', b'<row r="999999999999"')

    assert "fora de ordem" in refusal_of(path, lake).seen


def test_wrong_dimension_of_a_sheet_hides_no_line(lake: Lake, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADER, line(), line()):
        sheet.append(row)
    book.save(tmp_path / "c.xlsx")
    path = change_sheet(tmp_path / "c.xlsx", rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"')

    assert land_file(path, lake, "r1").rows_landed == 2


def test_macros_are_neither_needed_nor_run(lake: Lake, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "c.xlsm", [line()])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not a macro")

    assert land_file(path, lake, "r1").rows_landed == 1


# The inbox -------------------------------------------------------------------------------------------------------


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "uploads", settle_seconds=0.05)


def extract(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    monkeypatch.setattr("extractors.inbox.SETTLE_SECONDS", 0.0)
    known = Settings("/lake", TODAY, date(2020, 1, 1), uploads_path=str(tmp_path / "uploads"))
    return uploads.extract(PURCHASE_LINES, known, lake, "r1", tmp_path)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def old(path: Path) -> Path:
    """A file that nobody has touched for a while."""
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_inbox_is_emptied_into_done_and_rejected_and_nothing_is_lost(
    lake: Lake, tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    old(write_csv(inbox.inbox / "compras.csv", [line(), line(quantidade="?")]))
    old(write_csv(inbox.inbox / "foto.csv", [("x",)], header=("y",)))
    first = extract(lake, tmp_path, monkeypatch)
    old(write_csv(inbox.inbox / "compras.csv", [line()]))
    second = extract(lake, tmp_path, monkeypatch)
    old(write_csv(inbox.inbox / "compras.csv", [line()]))
    third = extract(lake, tmp_path, monkeypatch)

    assert (first.rows_landed, first.rows_quarantined) == (1, 1)
    assert (second.rows_landed, third.rows_landed) == (0, 0), "the line that can be read is the same"
    assert (second.rows_unchanged, third.rows_unchanged) == (1, 1)
    assert files(inbox.inbox) == []
    assert len(files(inbox.done)) == 2, "another content of the same name is kept beside it"
    mend = quarantined(tmp_path)[0].name
    assert files(inbox.rejected) == sorted([mend, "foto.csv", "foto.csv.motivo.txt"])
    reason = (inbox.rejected / "foto.csv.motivo.txt").read_text(encoding="utf-8-sig")
    assert reason.startswith("foto.csv: Nenhuma aba tem o cabeçalho")
    assert "O que fazer: use o modelo" in reason


def test_files_that_are_open_unfinished_or_links_stay_in_the_inbox(tmp_path: Path, inbox: Inbox) -> None:
    outside = tmp_path / "segredo.csv"
    outside.write_text("x")
    for name in ("aberto.xlsx", "~$aberto.xlsx", "calc.csv", ".~lock.calc.csv#", "baixando.xlsx.part", ".oculto"):
        old(inbox.inbox / name) if (inbox.inbox / name).write_text("x") else None
    (inbox.inbox / "atalho.csv").symlink_to(outside)
    (inbox.inbox / "pasta").mkdir()
    old(write_csv(inbox.inbox / "pronto.csv", []))

    assert [path.name for path in inbox.finished_files()] == ["pronto.csv"]


def test_file_that_still_grows_waits(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    growing, still = inbox.inbox / "a.csv", inbox.inbox / "b.csv"
    growing.write_text("x")
    still.write_text("x")
    monkeypatch.setattr("extractors.inbox.time.sleep", lambda _: growing.write_text("xx"))

    assert inbox.finished_files() == [still]


def test_oldest_file_comes_first_so_that_the_newest_wins(inbox: Inbox) -> None:
    for place, name in enumerate(("b.csv", "a.csv")):
        (inbox.inbox / name).write_text("x")
        os.utime(inbox.inbox / name, (1_700_000_000 + place, 1_700_000_000 + place))

    assert [path.name for path in inbox.finished_files()] == ["b.csv", "a.csv"]


def test_file_that_changes_while_it_is_read_lands_nothing(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old(write_csv(tmp_path / "c.csv", [line()]))
    whole = uploads.faults
    monkeypatch.setattr(uploads, "faults", lambda cells: [path.write_text("x"), *whole(cells)][1:])

    with pytest.raises(StillChangingError):
        land_file(path, lake, "r1")

    assert lake.datasets(PURCHASE_LINES) == {}


def test_command_lands_uploads_like_any_feed(lake: Lake, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "compras.csv", [line(), line(quantidade="?")])

    (outcome,) = land_each("uploads", [path], lake, "r1")

    assert (outcome.landings[0].rows_landed, outcome.landings[0].rows_quarantined) == (1, 1)


# The extractor and the warehouse read alike ----------------------------------------------------------------------

NUMBERS = st.from_regex(r"[+-]?[0-9]{0,4}([.,][0-9]{1,4}){0,4}", fullmatch=True) | st.sampled_from(
    ["1.234,56", "1234.56", "1,234.56", ",8", "-,8", "+5", "0", "1.234", "0.123", "-2,197,972,221", "1.234.567", "٣"]
)
DAYS = st.from_regex(r"[0-9]{1,4}([-/.][0-9]{1,4}){0,2}( 10:00)?", fullmatch=True) | st.one_of(
    st.dates(date(1950, 1, 1), date(2100, 12, 31)).map(lambda day: f"{day:%d/%m/%Y}"),
    st.dates(date(1950, 1, 1), date(2100, 12, 31)).map(date.isoformat),
    st.sampled_from(
        ["1/3/2024", "01.03.2024", "1-3-2024", "2024/03/01", "45352", "45352,5", "29/02/2023", "2024-03/01"]
    ),
)


def by_macro(call: str, texts: list[str]) -> list[Any]:
    """What a macro makes of texts bound to the column `sample`."""
    macro = (MACROS / f"{call.partition('(')[0]}.sql").read_text(encoding="utf-8")
    query = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(macro + "{{ " + call + " }}").render()
    with duckdb.connect() as connection:
        rows = connection.execute(f"select {query} from (select unnest(?::varchar[]) as sample)", [texts]).fetchall()
    return [value for (value,) in rows]


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(NUMBERS.filter(bool), min_size=20, max_size=60))
def test_warehouse_reads_every_quantity_that_the_extractor_takes_and_no_other(texts: list[str]) -> None:
    values = by_macro("decimal_from_workbook_text('sample')", texts)

    assert {text: uploads.fault_of_quantity(text) is None for text in texts} == {
        text: value is not None for text, value in zip(texts, values, strict=True)
    }


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(DAYS.filter(bool), min_size=20, max_size=60))
def test_warehouse_reads_every_date_as_the_extractor_does(texts: list[str]) -> None:
    for text, value in zip(texts, by_macro("date_from_workbook_text('sample')", texts), strict=True):
        assert uploads.day_of(text) == (value if value is None or value.year in uploads.YEARS else None), text


# Whatever comes --------------------------------------------------------------------------------------------------

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8) | st.sampled_from(
    ["", "2", "1.234", "=1", "'", '"', "a;b", "a\nb", "\t", "01/03/2024", "x,y", "-"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(*[CELLS] * len(HEADER)), min_size=1, max_size=6), delimiter=st.sampled_from(";,\t"))
def test_every_line_is_landed_or_sent_back(tmp_path: Path, rows: list[tuple[str, ...]], delimiter: str) -> None:
    lake = Lake(str(tmp_path / "lake"))
    path = write_csv(tmp_path / "c.csv", rows, delimiter=delimiter)
    filled = [row for row in rows if any(cell.strip() for cell in row)]

    try:
        landing = land_file(path, lake, "r1")
    except FeedContractError as error:
        assert not filled
        assert "não há linhas" in error.seen
        return

    assert landing.rows_read + landing.rows_quarantined == len(filled)
    if landing.rows_quarantined:
        mend = quarantined(tmp_path)[-1]
        assert land_file(mend, lake, "r2").rows_quarantined == landing.rows_quarantined, "unmended lines come back"


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("good")
    return [
        write_xlsx(folder / "c.xlsx", [line()] * 3).read_bytes(),
        write_csv(folder / "c.csv", [line()] * 3).read_bytes(),
    ]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_give_rows_or_a_contract_error(tmp_path: Path, good_files: list[bytes], data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(good_files))
    cut = data.draw(st.integers(0, len(good)))
    length = data.draw(st.integers(0, 40))
    body = data.draw(
        st.binary(max_size=200) | st.binary(max_size=8).map(lambda junk: good[:cut] + junk + good[cut + length :])
    )
    path = tmp_path / "c.xlsx"
    path.write_bytes(body)

    try:
        landing = land_file(path, Lake(str(tmp_path / "lake")), "r1")
    except FeedContractError as error:
        assert error.seen
        return
    assert landing.rows_read + landing.rows_quarantined > 0


def test_real_workbook_lands_whole(lake: Lake) -> None:
    found = sorted(REAL_FILES.glob("*.xls*")) if REAL_FILES.is_dir() else []
    if not found:
        pytest.skip(f"no workbook of the buyers in {REAL_FILES}; it may not be published with the project")
    for path in found:
        landing = land_file(path, lake, "r1")
        assert landing.rows_landed > 20 * landing.rows_quarantined
