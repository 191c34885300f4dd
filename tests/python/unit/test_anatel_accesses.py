"""Mobile accesses: half-years of a large archive, by state and month, with the quirks of their years."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import anatel
from extractors.http import FeedContractError
from extractors.lake import Lake
from extractors.landing import land_files

HEADER = (
    "Ano;Mês;Grupo Econômico;Empresa;CNPJ;Porte da Prestadora;UF;Município;Código IBGE Município;Código Nacional;"
    "Modalidade de Cobrança;Tecnologia;Tecnologia Geração;Tipo de Pessoa;Tipo de Produto;Acessos"
)


def row(
    month: str = "2025;1", state: str = "BA", place: str = "Salvador", code: str = "2927408", count: str = "1.0"
) -> str:
    return (
        f"{month};TELEFÔNICA;VIVO;00000000000202;Grande Porte;{state};{place};{code};71;Pós-pago;NR;5G;"
        f"Pessoa Física;VOZ+DADOS;{count}"
    )


def csv_of(*rows: str, header: str = HEADER) -> bytes:
    return ("\r\n".join([header, *rows]) + "\r\n").encode()


def read(folder: Path, body: bytes, states: tuple[str, ...] = ()) -> list[tuple[str, date, list[dict[str, str]]]]:
    path = folder / "accesses.csv"
    path.write_bytes(body)
    export = anatel.read_accesses(path, window="w", states=states)
    batches = [(batch.dataset_id, batch.day, batch.rows.to_pylist()) for batch in export.batches("u")]
    if not states:
        assert sum(len(rows) for _, _, rows in batches) == export.rows
    return batches


def test_rows_are_told_apart_by_state_and_month_and_values_stay_as_sent(tmp_path: Path) -> None:
    body = b"\xef\xbb\xbf" + csv_of(row(), row("2025;02"), row(state="ba", count="12"), row(state="SE", code="2800308"))

    batches = read(tmp_path, body)

    assert sorted((state, day, len(rows)) for state, day, rows in batches) == [
        ("BA", date(2025, 1, 1), 2),
        ("BA", date(2025, 2, 1), 1),
        ("SE", date(2025, 1, 1), 1),
    ]
    bahia = next(rows for state, day, rows in batches if (state, day.month) == ("BA", 1))
    assert [(entry["UF"], entry["Acessos"]) for entry in bahia] == [("BA", "1.0"), ("ba", "12")]
    assert list(bahia[0]) == HEADER.split(";")


def test_only_the_wanted_states_are_kept(tmp_path: Path) -> None:
    batches = read(tmp_path, csv_of(row(), row(state="SE"), row(state="RN")), ("BA", "SE"))

    assert sorted(state for state, _, _ in batches) == ["BA", "SE"]


def test_a_row_without_a_state_is_landed_apart_and_not_dropped(tmp_path: Path) -> None:
    assert [state for state, _, _ in read(tmp_path, csv_of(row(state="")))] == [anatel.NO_STATE]


@pytest.mark.parametrize(
    ("body", "states", "seen"),
    [
        (b"", (), "an empty body"),
        (b"<html>", (), "an HTML or XML page"),
        (csv_of(), (), "a header without any row"),
        (csv_of(row(), header=HEADER.replace("Acessos", "Total")), (), "columns missing: ['Acessos']"),
        (csv_of(row("2025;13")), (), "rows of the months ['2025-13']"),
        (csv_of(row("25;1")), (), "rows of the months ['25-1']"),
        (csv_of(row() + ";x"), (), "a row that does not fit the header of 16 columns"),
        (csv_of(row()), ("BAHIA",), "no row of the states ['BAHIA'] (ANATEL_UFS)"),
        (csv_of(row(), row().replace("VIVO", '"VIVO'), row().replace("VIVO", 'VIVO"')), (), "quotation marks"),
    ],
)
def test_anything_else_is_refused_with_what_was_seen(
    tmp_path: Path, body: bytes, states: tuple[str, ...], seen: str
) -> None:
    with pytest.raises(FeedContractError) as caught:
        read(tmp_path, body, states)

    assert seen in caught.value.seen


def archive_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def test_members_are_chosen_by_name_newest_first_and_other_shapes_are_left_alone(tmp_path: Path) -> None:
    path = archive_of(
        tmp_path / "a.zip",
        {
            "Acessos_Telefonia_Movel_2024_2S.csv": b"",
            "pasta/": b"",
            "pasta/Acessos_Telefonia_Movel_2025_1S.csv": b"",
            "Acessos_Telefonia_Movel_2026_3S.csv": b"",
            "Acessos_Telefonia_Movel_200902-201812.csv": b"",
            "Acessos_Telefonia_Movel_Total.csv": b"",
            "Densidade_Telefonia_Movel.csv": b"",
        },
    )
    with zipfile.ZipFile(path) as archive:
        members = anatel.accesses_members(archive)

    assert [(info.filename, start) for info, start in members.items()] == [
        ("pasta/Acessos_Telefonia_Movel_2025_1S.csv", date(2025, 1, 1)),
        ("Acessos_Telefonia_Movel_2024_2S.csv", date(2024, 7, 1)),
    ]


def test_a_member_with_the_name_but_another_shape_is_refused_and_the_one_before_it_stays(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    good, other = csv_of(row("2025;1")), b"Ano;M\xc3\xaas;Total\r\n2024;7;1\r\n"
    path = archive_of(
        tmp_path / "acessos.zip",
        {"Acessos_Telefonia_Movel_2024_2S.csv": other, "Acessos_Telefonia_Movel_2025_1S.csv": good},
    )

    with pytest.raises(FeedContractError, match=r"Acessos_Telefonia_Movel_2024_2S\.csv\].*columns missing") as caught:
        land_files("anatel", [path], lake, "r1")

    assert Path(caught.value.kept_at or "").read_bytes() == other
    assert "/quarantine/anatel/mobile_accesses/" in (caught.value.kept_at or "")
    assert lake.datasets(anatel.MOBILE_ACCESSES) == {"BA": (date(2025, 1, 1), date(2025, 1, 1))}


def test_a_shrunken_month_is_a_new_vintage_and_a_missing_month_leaves_the_old_one(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))

    def land(*rows: str) -> tuple[int, int, int]:
        path = archive_of(tmp_path / "acessos.zip", {"Acessos_Telefonia_Movel_2025_1S.csv": csv_of(*rows)})
        (landing,) = land_files("anatel", [path], lake, "r")
        return landing.rows_read, landing.rows_landed, landing.rows_unchanged

    january, february = row("2025;1"), row("2025;2")
    first = land(january, january.replace("71;", "75;"), february)
    shrunken = land(january)
    same = land(january)

    assert (first, shrunken, same) == ((3, 3, 0), (1, 1, 0), (1, 0, 1))
    files = sorted(path.parent.parent.name for path in (tmp_path / "lake").rglob("year=2025/**/*.parquet"))
    assert files == ["month=01", "month=01", "month=02"]


def test_a_plain_file_is_told_by_its_header_whatever_its_name(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    accesses, counts = tmp_path / "dados (1).csv", tmp_path / "erbs_2025-04.csv"
    accesses.write_bytes(csv_of(row()))
    counts.write_text("UF,COD_IBGE,PRESTADORA,TCN_2G,TCN_3G,TCN_4G,TCN_5G\nBahia,292740,TIM,311,235,null,404\n")

    landings = land_files("anatel", [accesses, counts], lake, "r1")

    assert [(landing.table.table, landing.rows_landed) for landing in landings] == [
        ("mobile_accesses", 1),
        ("station_counts", 1),
    ]
    assert landings[1].first_day == date(2025, 4, 1)


@settings(max_examples=150, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda cut, junk: (body := csv_of(row(), row("2025;2", "SE")))[:cut] + junk + body[cut:],
            st.integers(0, 600),
            st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b"\r", b"\n", b"\x00", b"\xef\xbb\xbf", b'"\n"'])),
        ),
    )
)
def test_any_bytes_give_every_row_or_a_contract_error(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            batches = read(Path(folder), body)
        except FeedContractError:
            return
    assert sum(len(rows) for _, _, rows in batches) == sum(1 for line in body.split(b"\n") if line.strip(b"\r")) - 1


COUNTS = (
    b"UF,COD_IBGE,PRESTADORA,TCN_2G,TCN_3G,TCN_4G,TCN_5G\r\n"
    b"Bahia,292740,TIM,311,235,null,404\r\nBahia,292740,OI,,,,\r\n"
)


@settings(max_examples=100, deadline=None)
@given(
    cut=st.integers(0, len(COUNTS)),
    junk=st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b"\r", b"\n", b"\x00", b'"\n"'])),
)
def test_any_bytes_give_every_count_or_a_contract_error(cut: int, junk: bytes) -> None:
    body = COUNTS[:cut] + junk + COUNTS[cut:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "erbs_2025-04.csv"
        path.write_bytes(body)
        try:
            export = anatel.read_file(path)
            rows = sum(batch.rows.num_rows for batch in export.batches("u"))
        except FeedContractError:
            return
    assert rows == export.rows == sum(1 for line in body.split(b"\n") if line.strip(b"\r")) - 1


def test_a_member_whose_name_is_damaged_is_refused_and_not_taken_for_another_shape(tmp_path: Path) -> None:
    path = archive_of(
        tmp_path / "acessos.zip",
        {
            "Acessos_Telefonia_Movel_2025_1S.csv": csv_of(row()),
            "Acessos_Telefonia_Movel_2024_2S.csv": csv_of(row("2024;7")),
        },
    )
    body = path.read_bytes()
    place = body.rindex(b"Acessos_Telefonia_Movel_2024_2S")
    path.write_bytes(body[:place] + b"X" + body[place + 1 :])

    with pytest.raises(FeedContractError, match="differ"):
        land_files("anatel", [path], Lake(str(tmp_path / "lake")), "r1")


@settings(max_examples=20, deadline=None)
@given(cut=st.integers(0, 900), junk=st.binary(max_size=6))
def test_a_damaged_archive_gives_every_row_or_a_contract_error(cut: int, junk: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Acessos_Telefonia_Movel_2025_1S.csv", csv_of(row(), row("2025;2")))
        archive.writestr("Acessos_Telefonia_Movel_2024_2S.csv", csv_of(row("2024;7")))
    body = bytearray(buffer.getvalue())
    body[cut : cut + len(junk)] = junk
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "acessos.zip"
        path.write_bytes(body)
        try:
            (landing,) = land_files("anatel", [path], Lake(f"{folder}/lake"), "r1")
        except FeedContractError:
            return
    assert landing.rows_read == 3
