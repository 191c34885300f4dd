"""The feed servers over real loopback HTTP: formats and error bodies of the true hosts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest
import requests

from simulator.assumptions import Dirt
from simulator.feeds.server import FeedServer
from simulator.feeds.world import FeedWorld
from simulator.weather import STATION_INDEX

SEED = 11
UNTIL = date(2026, 6, 14)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
HOURS_OF_A_DAY = 24


@pytest.fixture(scope="module")
def world() -> FeedWorld:
    return FeedWorld("ci", SEED, UNTIL, Dirt())


@pytest.fixture(scope="module")
def address(world: FeedWorld) -> Iterator[str]:
    with FeedServer(world).running() as address:
        yield address


def fetch(url: str) -> requests.Response:
    return requests.get(url, headers=BROWSER, timeout=30)


def window(address: str, start: str, end: str, station: str = "A401", token: str = FeedWorld.inmet_token) -> str:
    return f"{address}/inmet/token/estacao/{start}/{end}/{station}/{token}"


def sgs(address: str, code: int, start: str, end: str) -> str:
    return f"{address}/bacen/dados/serie/bcdata.sgs.{code}/dados?formato=json&dataInicial={start}&dataFinal={end}"


def test_inmet_lists_stations_as_text_with_one_out_of_order(address: str) -> None:
    stations = fetch(f"{address}/inmet/estacoes/T").json()
    bahia = [station for station in stations if station["SG_ESTADO"] == "BA"]
    assert len(bahia) >= 5
    assert {station["CD_SITUACAO"] for station in bahia} == {"Operante", "Pane"}
    assert all(isinstance(value, str) or value is None for station in stations for value in station.values())
    assert bahia[0]["CD_DISTRITO"] == " 04"


def test_inmet_gives_hours_as_text_or_null(address: str) -> None:
    answer = fetch(window(address, "2026-01-01", "2026-01-31"))
    rows = answer.json()
    assert len(rows) == 31 * HOURS_OF_A_DAY
    assert rows[0]["DT_MEDICAO"] == "2026-01-01"
    assert [row["HR_MEDICAO"] for row in rows[:3]] == ["0000", "0100", "0200"]
    assert len(rows[0]) == 27
    values = [value for row in rows for value in row.values()]
    assert all(isinstance(value, str) or value is None for value in values)
    assert all(row["RAD_GLO"] is None for row in rows if row["HR_MEDICAO"] == "0300")
    assert sum(row["CHUVA"] is None for row in rows) < len(rows) * 0.02


def test_inmet_rain_of_a_local_day_is_the_rain_that_drives_demand(address: str) -> None:
    clean = FeedWorld("ci", SEED, UNTIL, Dirt.none())
    with FeedServer(clean).running() as clean_address:
        rows = fetch(window(clean_address, "2026-04-01", "2026-04-30")).json()
    daily = clean.weather.daily(STATION_INDEX["A401"], 2026).rain_mm
    for day in range(1, 30):
        local = [
            row
            for row in rows
            if (row["DT_MEDICAO"] == f"2026-04-{day:02d}" and row["HR_MEDICAO"] >= "0300")
            or (row["DT_MEDICAO"] == f"2026-04-{day + 1:02d}" and row["HR_MEDICAO"] <= "0200")
        ]
        assert len(local) == HOURS_OF_A_DAY
        index = (date(2026, 4, day) - date(2026, 1, 1)).days
        assert sum(float(row["CHUVA"]) for row in local) == pytest.approx(daily[index])


def test_inmet_stops_at_the_end_of_the_last_local_day(address: str) -> None:
    rows = fetch(window(address, "2026-06-14", "2026-06-16")).json()
    assert (rows[-1]["DT_MEDICAO"], rows[-1]["HR_MEDICAO"]) == ("2026-06-15", "0200")
    assert fetch(window(address, "2026-07-01", "2026-07-02")).status_code == 204


def test_inmet_refuses_as_the_real_host_does(address: str) -> None:
    agent = {"User-Agent": "python-requests"}
    assert requests.get(f"{address}/inmet/estacoes/T", headers=agent, timeout=30).status_code == 403
    wrong = fetch(window(address, "2026-01-01", "2026-01-02", token="wrong"))
    assert (wrong.status_code, wrong.text) == (200, "CHAVE INVÁLIDA!")
    bare = fetch(f"{address}/inmet/estacao/2026-01-01/2026-01-02/A401")
    assert bare.status_code == 404
    assert "E_ROUTE_NOT_FOUND" in bare.text
    assert fetch(window(address, "2025-01-01", "2026-01-02")).status_code == 400
    assert fetch(window(address, "2025-01-02", "2026-01-02")).status_code == 200
    dead = fetch(window(address, "2026-01-01", "2026-01-02", station="A422"))
    assert (dead.status_code, dead.content) == (204, b"")


def test_inmet_gives_one_hour_of_all_stations(address: str, world: FeedWorld) -> None:
    rows = fetch(f"{address}/inmet/token/estacao/dados/2026-05-02/1200/{world.inmet_token}").json()
    assert {row["HR_MEDICAO"] for row in rows} == {"1200"}
    assert len({row["CD_ESTACAO"] for row in rows}) == len(rows) >= 5


def test_inmet_archive_has_the_layout_of_2020_and_later(address: str) -> None:
    answer = fetch(f"{address}/inmet/uploads/dadoshistoricos/2025.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        members = archive.namelist()
        name = next(name for name in members if "A401" in name)
        raw = archive.read(name)
    assert name.endswith("INMET_NE_BA_A401_SALVADOR_01-01-2025_A_31-12-2025.CSV")
    assert len(members) >= 6
    lines = raw.decode("latin-1").splitlines()
    assert lines[0] == "REGIAO:;NE"
    assert lines[2] == "ESTACAO:;SALVADOR"
    assert lines[7].startswith("DATA DE FUNDACAO:;13/05/00")
    assert lines[8].startswith("Data;Hora UTC;PRECIPITAÇÃO TOTAL, HORÁRIO (mm);")
    assert len(lines) == 9 + 365 * HOURS_OF_A_DAY
    fields = lines[9].split(";")
    assert (fields[0], fields[1], fields[-1], len(fields)) == ("2025/01/01", "0000 UTC", "", 20)
    assert any(";,2;" in line for line in lines)
    assert not any(";0," in line for line in lines)
    assert fetch(f"{address}/inmet/uploads/dadoshistoricos/2027.zip").status_code == 404


@pytest.mark.parametrize("code", [433, 432, 11, 1, 189, 24369, 10813, 4380])
def test_sgs_series_are_text_with_a_decimal_point(address: str, code: int) -> None:
    rows = fetch(sgs(address, code, "01/01/2024", "31/12/2025")).json()
    assert set(rows[0]) == {"data", "valor"}
    assert len(rows) > 20
    assert all("," not in row["valor"] and float(row["valor"]) is not None for row in rows)
    assert rows[0]["data"].endswith("/01/2024")


def test_sgs_policy_rate_holds_weekends_and_future_days(address: str) -> None:
    rows = fetch(sgs(address, 432, "01/06/2026", "31/12/2026")).json()
    days = [date(*map(int, reversed(row["data"].split("/")))) for row in rows]
    assert max(days) > UNTIL
    assert any(day.weekday() == 6 for day in days)
    overnight = fetch(sgs(address, 11, "01/06/2026", "31/12/2026")).json()
    assert overnight[-1]["data"] == "12/06/2026"  # the last business day before Sunday, 14 June


def test_sgs_errors_have_the_real_bodies(address: str) -> None:
    long = fetch(sgs(address, 11, "01/01/2015", "02/01/2025"))
    assert long.status_code == 406
    assert long.json()["error"].startswith("O sistema aceita uma janela de consulta de, no máximo, 10 anos")
    assert fetch(sgs(address, 11, "05/01/2016", "05/01/2026")).status_code == 200
    assert fetch(sgs(address, 433, "01/01/2015", "01/05/2026")).status_code == 200
    empty = fetch(sgs(address, 433, "01/06/2030", "01/07/2030"))
    assert empty.status_code == 404
    assert empty.json()["erro"]["detail"].endswith("Value(s) not found")
    many = fetch(f"{address}/bacen/dados/serie/bcdata.sgs.433/dados/ultimos/21?formato=json")
    assert (many.status_code, many.json()["erro"]["statusCode"]) == (400, 400)
    broken = fetch(sgs(address, 433, "2026-01-01", "2026-02-01"))
    assert "Requisição inválida!" in broken.text


def test_sgs_gives_the_latest_values_and_csv(address: str) -> None:
    base = f"{address}/bacen/dados/serie/bcdata.sgs.1/dados/ultimos/3"
    assert len(fetch(f"{base}?formato=json").json()) == 3
    lines = fetch(f"{base}?formato=csv").text.splitlines()
    assert lines[0] == '"data";"valor"'
    assert "," in lines[1].split(";")[1]


def ptax(address: str, call: str, options: str) -> requests.Response:
    return fetch(f"{address}/bacen/olinda/servico/PTAX/versao/v1/odata/{call}?{options}&$format=json")


def test_ptax_gives_closing_rates_that_agree_with_the_series(address: str) -> None:
    call = "CotacaoDolarPeriodo(dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao)"
    options = "@dataInicial='05-01-2026'&@dataFinalCotacao='05-31-2026'&$top=10000"
    quotes = ptax(address, call, options).json()["value"]
    series = fetch(sgs(address, 1, "01/05/2026", "31/05/2026")).json()
    assert [quote["cotacaoVenda"] for quote in quotes] == [float(row["valor"]) for row in series]
    assert set(quotes[0]) == {"cotacaoCompra", "cotacaoVenda", "dataHoraCotacao"}
    assert len({len(quote["dataHoraCotacao"].split(".")[1]) for quote in quotes}) > 1
    weekend = "@dataInicial='05-02-2026'&@dataFinalCotacao='05-03-2026'"
    assert ptax(address, call, weekend).json() == {"value": []}


def test_ptax_bulletins_end_with_the_close_of_the_day(address: str) -> None:
    call = "CotacaoMoedaPeriodo(moeda=@moeda,dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao)"
    options = "@moeda='USD'&@dataInicial='05-04-2026'&@dataFinalCotacao='05-04-2026'&$top=100"
    bulletins = ptax(address, call, options).json()["value"]
    assert [b["tipoBoletim"] for b in bulletins] == ["Abertura", *["Intermediário"] * 3, "Fechamento"]
    assert bulletins[-1]["dataHoraCotacao"] > bulletins[-2]["dataHoraCotacao"]
    day = ptax(address, "CotacaoDolarDia(dataCotacao=@dataCotacao)", "@dataCotacao='05-04-2026'").json()["value"]
    assert day[0]["cotacaoVenda"] == bulletins[-1]["cotacaoVenda"]


def test_ptax_refuses_a_malformed_date(address: str) -> None:
    call = "CotacaoDolarPeriodo(dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao)"
    assert ptax(address, call, "@dataInicial='2026-05-01'&@dataFinalCotacao='05-31-2026'").status_code == 400


def test_a_plus_is_no_space_for_focus_and_ptax(address: str) -> None:
    focus = f"{address}/bacen/olinda/servico/Expectativas/versao/v1/odata/ExpectativasMercadoAnuais?$top=1&$format=json"
    spelt = {space: fetch(f"{focus}&$filter=Indicador{space}eq{space}'IPCA'") for space in ("%20", "+")}
    call = "CotacaoDolarPeriodo(dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao)"

    assert {space: reply.status_code for space, reply in spelt.items()} == {"%20": 200, "+": 400}
    assert ptax(address, call, "@dataInicial='05-01-2026+'&@dataFinalCotacao='05-31-2026'").status_code == 400


def test_anatel_archive_is_one_csv_with_a_row_per_sector(address: str) -> None:
    folder = f"{address}/anatel/dadosabertos/paineis_de_dados/outorga_e_licenciamento"
    answer = fetch(f"{folder}/estacoes_smp.zip")
    assert answer.headers["Last-Modified"] == "Sun, 31 May 2026 21:30:00 GMT"  # released monthly
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["Estacoes_SMP.csv"]
        raw = archive.read("Estacoes_SMP.csv")
    assert raw.startswith(b"\xef\xbb\xbfStatus.state;NomeEntidade;")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert {row["Tecnologia"] for row in rows} == {"GSM", "WCDMA", "LTE", "NR"}
    assert {len(row["CodMunicipio"]) for row in rows} == {7}
    assert len({row["CodMunicipio"] for row in rows}) > 20
    assert max(row["DataLicenciamento"] for row in rows) <= "2026-05-31"
    assert all(row["DataPrimeiroLicenciamento"] <= row["DataLicenciamento"] for row in rows)
    assert len({row["_id"] for row in rows}) == len(rows)
    sectors = {(row["NomeEntidade"], row["NumEstacao"], row["Tecnologia"]) for row in rows}
    assert len(rows) == 3 * len(sectors)


def test_anatel_serves_its_files_in_parts_and_says_when_they_are_unchanged(address: str) -> None:
    url = f"{address}/anatel/dadosabertos/paineis_de_dados/acessos/acessos_telefonia_movel.zip"
    whole = fetch(url)
    etag = whole.headers["ETag"]

    def ask(**headers: str) -> requests.Response:
        return requests.get(url, headers=BROWSER | headers, timeout=30)

    part, tail = ask(Range="bytes=10-19"), ask(Range="bytes=-7")
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.content)}"
    assert tail.content == whole.content[-7:]
    assert ask(Range="bytes=10-19", **{"If-Range": '"other"'}).content == whole.content
    assert ask(**{"If-None-Match": etag}).status_code == 304
    assert ask(Range=f"bytes={len(whole.content)}-").status_code == 416


def test_anatel_accesses_have_the_quirks_of_their_years(address: str) -> None:
    answer = fetch(f"{address}/anatel/dadosabertos/paineis_de_dados/acessos/acessos_telefonia_movel.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"Acessos_Telefonia_Movel_Total.csv", "Densidade_Telefonia_Movel.csv"} < set(archive.namelist())
        old, new = (archive.read(f"Acessos_Telefonia_Movel_{half}.csv") for half in ("2022_2S", "2026_1S"))
    assert new.startswith("\ufeffAno;Mês;Grupo Econômico;Empresa".encode())
    assert old.startswith("Ano;Mês".encode())
    rows = {
        name: list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
        for name, raw in (("old", old), ("new", new))
    }
    assert {len(row["Código IBGE Município"]) for row in rows["old"]} == {6}
    assert {len(row["Código IBGE Município"]) for row in rows["new"]} == {7}
    assert {row["Mês"] for row in rows["new"]} == {"1", "2", "3", "4", "5"}  # released monthly
    assert all(row["Acessos"].endswith(".0") for row in rows["new"])
    assert not any("." in row["Acessos"] for row in rows["old"])
    assert {row["UF"] for row in rows["new"]} == {"BA", "SE", "RN"}
    assert all(row["Município"].endswith(f" - {row['UF']}") for row in rows["new"])
    assert {row["Empresa"] for row in rows["old"]} & {row["Empresa"] for row in rows["new"]} == set()
    names = {(row["Município"].split(" - ")[0], row["UF"]) for row in rows["new"]}
    assert ("Bom Jesus", "RN") in names
