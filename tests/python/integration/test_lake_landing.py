"""The whole way of a feed: over HTTP or from a file, through its parser, into the lake; twice brings nothing."""

from __future__ import annotations

import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from conftest import Installation

from extractors import anatel, bacen, inmet
from extractors.catalog import TABLES, extract
from extractors.http import FeedContractError
from extractors.lake import Lake, Landing
from extractors.landing import land_each, land_files
from extractors.settings import Settings
from orchestration.cli import main

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "feeds"
TOKEN = "t0ken"
TODAY = date(2024, 6, 20)


class Sources:
    """INMET, BACEN and ANATEL on loopback, as small as the tests need; `replies` overrules by path prefix."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.replies: dict[str, bytes] = {}
        self.rain = "0.2"
        self.ipca = "0.46"
        sources = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sources.asked.append(self.path)
                body = sources.reply(self.path)
                self.send_response(404 if body.startswith(b'{"erro"') else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def reply(self, path: str) -> bytes:
        for prefix, body in self.replies.items():
            if path.startswith(prefix):
                return body
        parts = urlsplit(unquote(path))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        answers: dict[str, Callable[[], bytes]] = {
            "/estacoes": (FIXTURES / "inmet" / "stations.json").read_bytes,
            "/token": lambda: self._hours(*parts.path.split("/")[3:7]),
            "/sgs": lambda: self._series(parts.path.split(".")[-1].split("/")[0], query),
            "/ptax": lambda: self._bulletins(query),
            "/anatel": self._stations_zip,
        }
        return answers["/" + parts.path.split("/")[1]]()

    def _hours(self, start: str, end: str, station: str, token: str) -> bytes:
        if token != TOKEN:
            return "CHAVE INVÁLIDA!".encode()
        record = json.loads((FIXTURES / "inmet" / "observations.json").read_text())[0]
        first, last = date.fromisoformat(start), min(date.fromisoformat(end), TODAY - timedelta(days=1))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        assert len(days) <= 365
        return json.dumps(
            [
                record
                | {"CD_ESTACAO": station, "DT_MEDICAO": day.isoformat(), "HR_MEDICAO": f"{hour}00", "CHUVA": self.rain}
                for day in days
                for hour in ("00", "12")
            ]
        ).encode()

    def _series(self, code: str, query: dict[str, str]) -> bytes:
        day, month, year = map(int, query["dataInicial"].split("/"))
        first = date(year, month, day)
        months = [date(2024, 4, 1), date(2024, 5, 1)]
        values = [
            {"data": f"{at:%d/%m/%Y}", "valor": self.ipca if code == "433" else "1.5"} for at in months if at >= first
        ]
        return (
            json.dumps(values).encode() if values else b'{"erro": {"statusCode": 404, "detail": "Value(s) not found"}}'
        )

    def _bulletins(self, query: dict[str, str]) -> bytes:
        body = (FIXTURES / "bacen" / "ptax_usd.json").read_bytes()
        if "@moeda" in query:
            assert query["@moeda"] == "'USD'"
            return body
        closing = json.loads(body)["value"][-1]
        names = ("cotacaoCompra", "cotacaoVenda", "dataHoraCotacao")
        return json.dumps({"value": [{name: closing[name] for name in names}]}).encode()

    def _stations_zip(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.write(FIXTURES / "anatel" / "Estacoes_SMP.csv", "Estacoes_SMP.csv")
        return buffer.getvalue()


@pytest.fixture
def sources() -> Iterator[Sources]:
    sources = Sources()
    thread = threading.Thread(target=sources.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield sources
    sources.server.shutdown()
    sources.server.server_close()
    thread.join()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def settings(sources: Sources, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {
            "LAKE_ROOT": str(tmp_path / "lake"),
            "NOVA_TODAY": TODAY.isoformat(),
            "NOVA_HISTORY_FROM": "2023-03-10",
            "INMET_BASE_URL": sources.url,
            "INMET_TOKEN": TOKEN,
            "BACEN_SGS_BASE_URL": f"{sources.url}/sgs",
            "BACEN_PTAX_BASE_URL": f"{sources.url}/ptax",
            "ANATEL_BASE_URL": f"{sources.url}/anatel",
        }
    )


def counts(landing: Landing) -> tuple[int, int, int]:
    return landing.rows_read, landing.rows_landed, landing.rows_unchanged


def test_observations_are_read_by_windows_and_then_by_look_back(
    sources: Sources, settings: Settings, lake: Lake
) -> None:
    first = extract(inmet.OBSERVATIONS, settings, lake, "r1")
    asked, sources.asked = sources.asked, []
    second = extract(inmet.OBSERVATIONS, settings, lake, "r2")

    days = (TODAY - date(2023, 3, 1)).days
    assert counts(first) == (2 * days, 2 * days, 0)
    assert (first.first_day, first.last_day) == (date(2023, 3, 1), date(2024, 6, 1))
    assert asked == [
        "/estacoes/T",
        f"/token/estacao/2023-03-01/2024-02-28/Z901/{TOKEN}",
        f"/token/estacao/2024-02-29/2024-06-20/Z901/{TOKEN}",
    ]
    assert sources.asked[1:] == [f"/token/estacao/2024-05-01/2024-06-20/Z901/{TOKEN}"]
    assert counts(second) == (2 * (31 + 19), 0, 2 * (31 + 19))


def test_a_month_across_two_windows_is_one_vintage(settings: Settings, lake: Lake) -> None:
    landing = extract(inmet.OBSERVATIONS, settings, lake, "r1")

    february = next(file for file in landing.files if "year=2024/month=02" in file)
    table = pq.read_table(february, partitioning=None)
    assert table.num_rows == 2 * 29
    assert len(table.column("_content_hash").unique()) == 1
    assert len(table.column("_source_uri").unique()) == 2


def test_a_revised_hour_adds_a_vintage_of_its_month(sources: Sources, settings: Settings, lake: Lake) -> None:
    extract(inmet.OBSERVATIONS, settings, lake, "r1")
    sources.rain = "0.4"

    landing = extract(inmet.OBSERVATIONS, settings, lake, "r2")

    assert (landing.first_day, landing.last_day, len(landing.files)) == (date(2024, 5, 1), date(2024, 6, 1), 2)
    folder = Path(landing.files[0]).parent
    assert len(list(folder.glob("*.parquet"))) == 2


def test_the_token_is_nowhere_in_the_lake(settings: Settings, lake: Lake, tmp_path: Path) -> None:
    extract(inmet.OBSERVATIONS, settings, lake, "r1")

    glob = f"{tmp_path}/lake/bronze/inmet/observations/**/*.parquet"
    uris = duckdb.sql(f"select distinct _source_uri from read_parquet('{glob}')").fetchall()
    assert all(uri.endswith("/Z901/***") for (uri,) in uris)


def test_a_refused_token_lands_nothing_and_is_kept_in_the_quarantine(
    settings: Settings, sources: Sources, lake: Lake
) -> None:
    sources.replies["/token"] = "CHAVE INVÁLIDA!".encode()

    with pytest.raises(
        FeedContractError, match=r"inmet/observations \[Z901 2023-03-01..2024-02-28\].*check INMET_TOKEN"
    ) as caught:
        extract(inmet.OBSERVATIONS, settings, lake, "r1")

    assert caught.value.kept_at is not None
    assert Path(caught.value.kept_at).read_text() == "CHAVE INVÁLIDA!"
    assert "check INMET_TOKEN" in json.loads(Path(f"{caught.value.kept_at}.reason.json").read_text())["reason"]
    assert lake.datasets(inmet.OBSERVATIONS) == {}


def test_an_html_page_with_200_in_the_middle_leaves_the_lake_as_it_was(
    sources: Sources, settings: Settings, lake: Lake
) -> None:
    sources.replies["/sgs/bcdata.sgs.11/"] = b"<html>Requisi\xe7\xe3o inv\xe1lida!</html>"

    with pytest.raises(FeedContractError, match=r"series 11 .*an HTML or XML page"):
        extract(bacen.SGS_OBSERVATIONS, settings, lake, "r1")

    assert lake.datasets(bacen.SGS_OBSERVATIONS) == {}
    assert sum("/sgs/bcdata.sgs.11/" in path for path in sources.asked) == 1, "a broken contract is not asked for again"


def test_series_land_by_month_and_a_revision_of_one_keeps_the_others(
    sources: Sources, settings: Settings, lake: Lake
) -> None:
    first = extract(bacen.SGS_OBSERVATIONS, settings, lake, "r1")
    second = extract(bacen.SGS_OBSERVATIONS, settings, lake, "r2")
    sources.ipca = "0.38"
    third = extract(bacen.SGS_OBSERVATIONS, settings, lake, "r3")

    assert counts(first) == (16, 16, 0)
    assert counts(second) == (16, 0, 16)
    assert counts(third) == (16, 2, 14)
    assert pq.read_table(third.files[0], partitioning=None).column("_dataset_id").to_pylist() == ["sgs.433"]


def test_a_series_without_any_value_is_refused(sources: Sources, settings: Settings, lake: Lake) -> None:
    sources.replies["/sgs/bcdata.sgs.189/"] = b'{"erro": {"statusCode": 404, "detail": "x Value(s) not found"}}'

    with pytest.raises(FeedContractError, match=r"series 189 .*no value in any window"):
        extract(bacen.SGS_OBSERVATIONS, settings, lake, "r1")


def test_bulletins_that_never_come_are_refused(sources: Sources, settings: Settings, lake: Lake) -> None:
    sources.replies["/ptax"] = b'{"value":[]}'

    with pytest.raises(FeedContractError, match="no bulletin in any window"):
        extract(bacen.PTAX_QUOTES, settings, lake, "r1")


def test_a_silent_station_is_passed_over_but_not_if_all_are_silent(
    sources: Sources, settings: Settings, lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    settings = replace(settings, inmet_stations=("Z901", "Z902"))
    sources.replies["/token/estacao/2023-03-01/2024-02-28/Z902"] = b"[]"
    sources.replies["/token/estacao/2024-02-29/2024-06-20/Z902"] = b"[]"

    extract(inmet.OBSERVATIONS, settings, lake, "r1")

    assert list(lake.datasets(inmet.OBSERVATIONS)) == ["Z901"]
    assert "station Z902 has no observation" in caplog.text

    sources.replies["/token"] = b"[]"
    with pytest.raises(FeedContractError, match="no observation of any station"):
        extract(inmet.OBSERVATIONS, settings, lake, "r2")


def test_bulletins_land_by_month(sources: Sources, settings: Settings, lake: Lake) -> None:
    first = extract(bacen.PTAX_QUOTES, settings, lake, "r1")

    # The little source answers both windows with the same three bulletins and the same closing.
    assert counts(first) == (8, 8, 0)
    assert sorted(lake.datasets(bacen.PTAX_QUOTES)) == ["ptax.USD", "ptax.USD.fechamento"]
    assert (first.first_day, len(first.files)) == (date(2024, 3, 1), 1)
    assert "@dataInicial='03-01-2023'&@dataFinalCotacao='02-28-2024'" in unquote(sources.asked[0])


def test_the_national_stations_land_from_their_zip(settings: Settings, lake: Lake) -> None:
    first = extract(anatel.SMP_STATIONS, settings, lake, "r1")
    second = extract(anatel.SMP_STATIONS, settings, lake, "r2")

    assert counts(first) == (2, 2, 0)
    assert first.last_day == date(2025, 8, 1)
    assert counts(second) == (2, 0, 2)


def test_a_web_page_instead_of_the_zip_is_kept_in_the_quarantine(
    sources: Sources, settings: Settings, lake: Lake
) -> None:
    sources.replies["/anatel"] = b"<html>Em manuten\xc3\xa7\xc3\xa3o</html>"

    with pytest.raises(FeedContractError, match="an HTML or XML page") as caught:
        extract(anatel.SMP_STATIONS, settings, lake, "r1")

    assert Path(caught.value.kept_at or "").read_bytes() == sources.replies["/anatel"]


def test_the_calendar_lands_by_year_and_only_once(settings: Settings, lake: Lake) -> None:
    calendar = next(table for table in TABLES if table.name == "calendar/holidays")

    assert len(extract(calendar, settings, lake, "r1").files) == 51
    assert extract(calendar, settings, lake, "r2").files == []


@pytest.mark.parametrize(
    ("source", "name", "rows", "dataset_id"),
    [
        ("inmet", "inmet/archive_to_2018.csv", 3, "Z901"),
        ("inmet", "inmet/archive_2019.csv", 2, "Z901"),
        ("inmet", "inmet/observations.json", 3, "Z901"),
        ("bacen", "bacen/bcdata.sgs.433.csv", 3, "sgs.433"),
        ("bacen", "bacen/sgs_11_2021.json", 2, "sgs.11"),
        ("bacen", "bacen/ptax_usd.json", 3, "ptax.USD"),
        ("anatel", "anatel/licenciamento_comma_latin1.csv", 2, "licenciamento.2999999"),
        ("anatel", "anatel/Estacoes_SMP.csv", 2, "estacoes_smp"),
    ],
)
def test_files_land_like_http_and_only_once(lake: Lake, source: str, name: str, rows: int, dataset_id: str) -> None:
    (first,) = land_files(source, [FIXTURES / name], lake, "r1")
    (second,) = land_files(source, [FIXTURES / name], lake, "r2")

    assert counts(first) == (rows, rows, 0)
    assert counts(second) == (rows, 0, rows)
    assert list(lake.datasets(first.table)) == [dataset_id]
    assert (
        pq.read_table(first.files[0], partitioning=None).column("_source_uri")[0].as_py() == f"file:{Path(name).name}"
    )


def test_a_broken_file_is_named_and_kept_and_the_files_around_it_land(lake: Lake, tmp_path: Path) -> None:
    broken = tmp_path / "bcdata.sgs.1.csv"
    broken.write_bytes(b"<html>")
    files = [FIXTURES / "bacen" / "bcdata.sgs.433.csv", broken, FIXTURES / "bacen" / "sgs_11_2021.json"]

    with pytest.raises(FeedContractError, match=r"bcdata\.sgs\.1\.csv.*The payload is kept in"):
        land_files("bacen", files, lake, "r1")
    again = list(land_each("bacen", files, lake, "r2"))

    assert sorted(lake.datasets(bacen.SGS_OBSERVATIONS)) == ["sgs.11", "sgs.433"]
    assert [len(outcome.landings) for outcome in again] == [1, 0, 1]
    assert "an HTML or XML page" in str(again[1].error)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def test_a_zip_stands_for_the_files_in_it(lake: Lake, tmp_path: Path) -> None:
    members = {
        f"Banco Central (2024)/{name}": (FIXTURES / "bacen" / name).read_bytes()
        for name in ("bcdata.sgs.433.csv", "sgs_11_2021.json", "ptax_usd.json")
    }
    path = zipped(tmp_path / "bacen.zip", {"Banco Central (2024)/": b"", **members, "__MACOSX/x.csv": b"\x00"})

    landings = land_files("bacen", [path], lake, "r1")

    assert {landing.table.table: counts(landing) for landing in landings} == {
        "sgs_observations": (5, 5, 0),
        "ptax_quotes": (3, 3, 0),
    }
    uri = pq.read_table(landings[1].files[0], partitioning=None).column("_source_uri")[0].as_py()
    assert uri == "file:bacen.zip/Banco Central (2024)/ptax_usd.json"


def test_a_zip_with_one_broken_file_lands_nothing_and_keeps_that_file(lake: Lake, tmp_path: Path) -> None:
    good = (FIXTURES / "bacen" / "bcdata.sgs.433.csv").read_bytes()
    ptax = (FIXTURES / "bacen" / "ptax_usd.json").read_bytes()

    for name, body in {"bcdata.sgs.1.csv": b"<html>", "Cotacao.json": ptax}.items():
        path = zipped(
            tmp_path / "mixed.zip", {name: body} if name.startswith("Co") else {"sgs_433.csv": good, name: body}
        )
        with pytest.raises(FeedContractError) as caught:
            land_files("bacen", [path], lake, "r1")
        assert Path(caught.value.kept_at or "").read_bytes() == body

    assert lake.datasets(bacen.SGS_OBSERVATIONS) == {}


@pytest.mark.parametrize("body", [b"PK\x03\x04", b"PK\x05\x06" + bytes(18)], ids=["cut", "empty"])
def test_a_zip_without_a_file_is_refused(lake: Lake, tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "sgs_433.zip"
    path.write_bytes(body)

    with pytest.raises(FeedContractError):
        land_files("bacen", [path], lake, "r1")


def test_the_command_says_what_became_of_each_file_and_fails_for_the_broken_one(tmp_path: Path) -> None:
    (tmp_path / "bcdata.sgs.1.csv").write_bytes(b"<html>")
    shutil.copy(FIXTURES / "bacen" / "bcdata.sgs.433.csv", tmp_path)
    environment = Installation.at(tmp_path / "data").environment

    def land(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["land", *arguments], env=environment)

    first, unknown, missing = (
        land("bacen", f"{tmp_path}/*.csv"),
        land("ibge", str(tmp_path / "bcdata.sgs.433.csv")),
        land("bacen", f"{tmp_path}/*.parquet"),
    )

    lines = [" ".join(line.split()) for line in first.output.splitlines()]
    assert first.exit_code == unknown.exit_code == missing.exit_code == 1
    assert lines[0] == "file table landed unchanged quarantined"
    assert "bcdata.sgs.433.csv bacen/sgs_observations 3 0 0" in lines
    assert "bcdata.sgs.1.csv bacen/sgs_observations 0 0 whole file" in lines
    assert "What to do:" in first.output
    assert "known feeds: inmet, bacen, anatel" in unknown.output
    assert "no such file" in missing.output


def test_quotes_of_an_unnamed_currency_are_refused(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "CotacaoMoedaPeriodo.json"
    path.write_bytes((FIXTURES / "bacen" / "ptax_usd.json").read_bytes())

    with pytest.raises(FeedContractError, match="a file name without the currency"):
        land_files("bacen", [path], lake, "r1")


def test_an_unknown_source_is_named(lake: Lake) -> None:
    with pytest.raises(ValueError, match="known feeds: inmet, bacen, anatel"):
        land_files("ibge", [], lake, "r1")
