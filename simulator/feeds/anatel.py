"""ANATEL's open data: the ZIP of licensed mobile stations, one row per carrier and sector, and that of accesses."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.clock import day_of
from simulator.feeds import accesses
from simulator.feeds.licences import CARRIERS, TECHNOLOGIES, Station
from simulator.feeds.world import FeedWorld
from simulator.network import MUNICIPALITIES

HEADER = (
    *("Status.state", "NomeEntidade", "NumFistel", "NumServico", "NumAto", "NumEstacao", "EnderecoEstacao"),
    *("EndComplemento", "SiglaUf", "CodMunicipio", "DesignacaoEmissao", "Tecnologia", "tipoTecnologia", "meioAcesso"),
    *("FreqTxMHz", "FreqRxMHz", "Azimute", "CodTipoClasseEstacao", "ClassInfraFisica", "CompartilhamentoInfraFisica"),
    *("CodTipoAntena", "CodEquipamentoAntena", "GanhoAntena", "FrenteCostaAntena", "AnguloMeiaPotenciaAntena"),
    *("AnguloElevacao", "Polarizacao", "AlturaAntena", "CodEquipamentoTransmissor", "PotenciaTransmissorWatts"),
    *("Latitude", "Longitude", "CodDebitoTFI", "DataLicenciamento", "DataPrimeiroLicenciamento", "NumRede", "_id"),
    *("DataValidade", "NumFistelAssociado", "NomeEntidadeAssociado"),
)
FISTEL = ("50400000001", "50400000002", "50400000003", "50400000004")
EMISSION = ("200KG7W", "5M00G9W", "20M0G7W", "100MG7W")
FREQUENCIES = (("935", "890"), ("2112.5", "1922.5"), ("1820", "1725"), ("3450", "3450"))
AZIMUTHS = (30, 150, 270)
RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)")
ZIP_TYPE = "application/x-zip-compressed"


def routes(world: FeedWorld) -> list[Route]:
    """The routes under /anatel."""
    cache: dict[tuple[str, date], bytes] = {}

    def served(name: str, make: Callable[[FeedWorld, date], bytes]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            released = release_day(world.until)
            payload = cache.get((name, released)) or make(world, released)
            cache[name, released] = payload
            return file_response(request, payload, datetime.combine(released, time(21, 30), UTC))

        return answer

    folder = "/anatel/dadosabertos/paineis_de_dados"
    return [
        Route(f"{folder}/outorga_e_licenciamento/estacoes_smp.zip", served("stations", stations_zip)),
        Route(f"{folder}/acessos/acessos_telefonia_movel.zip", served("accesses", accesses_zip)),
    ]


def file_response(request: Request, payload: bytes, changed: datetime) -> Response:
    """A static file as web servers give it: whole, in one range, or not at all when the client has it already."""
    etag = f'"{hashlib.blake2b(payload, digest_size=8).hexdigest()}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(changed, usegmt=True), "Accept-Ranges": "bytes"}
    if request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers=headers)
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    is_this = request.headers.get("If-Range", etag) in {etag, headers["Last-Modified"]}
    if match is None or not (match["first"] or match["last"]) or not is_this:
        return Response(payload, media_type=ZIP_TYPE, headers=headers)
    size = len(payload)
    first = int(match["first"]) if match["first"] else max(0, size - int(match["last"]))
    last = min(int(match["last"]), size - 1) if match["first"] and match["last"] else size - 1
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(payload[first : last + 1], 206, media_type=ZIP_TYPE, headers=headers)


def accesses_zip(world: FeedWorld, released: date) -> bytes:
    """The archive of accesses of a release: one member per half-year, and others of other shapes."""
    payload = io.BytesIO()
    with zipfile.ZipFile(payload, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo("Acessos_Telefonia_Movel_Total.csv"), "Ano;Mês;Acessos\r\n2021;1;1\r\n")
        archive.writestr(zipfile.ZipInfo("Densidade_Telefonia_Movel.csv"), "Ano;Mês;UF;Densidade\r\n2021;1;BA;98,1\r\n")
        for start in accesses.half_years(released):
            member = zipfile.ZipInfo(accesses.member_name(start))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, accesses.half_year_csv(world.seed, start, released))
    return payload.getvalue()


def release_day(until: date) -> date:
    """The register is released monthly: what is served is as of the last month that is over."""
    return until.replace(day=1) - timedelta(days=1)


def stations_zip(world: FeedWorld, released: date) -> bytes:
    """The archive of a release with its one CSV member (UTF-8 with BOM, semicolons)."""
    lines = [";".join(HEADER)]
    for station, licensed in world.licences.at(released):
        lines.extend(_sectors(station, licensed))
    payload = io.BytesIO()
    with zipfile.ZipFile(payload, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        stamp = (released.year, released.month, released.day, 18, 30, 0)
        member = zipfile.ZipInfo("Estacoes_SMP.csv", date_time=stamp)
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, ("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))
    return payload.getvalue()


def _sectors(station: Station, licensed: int) -> list[str]:
    place = MUNICIPALITIES[station.municipality]
    technology, carrier = station.technology, station.carrier
    first = day_of(station.licensed[0]).isoformat()
    latest = day_of(licensed)
    transmit, receive = FREQUENCIES[technology]
    rows = []
    for sector, azimuth in enumerate(AZIMUTHS):
        number = station.number
        identity = f"{number:09x}{technology}{sector}"
        rows.append(
            ";".join(
                (
                    *(
                        "LIC-LIC-01",
                        CARRIERS[carrier],
                        FISTEL[carrier],
                        "010",
                        f"9{number % 10_000_000:07d}",
                        str(number),
                    ),
                    *(f"Rua Fictícia {number % 900 + 1}", "", "BA", place.code, EMISSION[technology]),
                    *(
                        TECHNOLOGIES[technology],
                        "SA-NSA" if technology == 3 else "",
                        "",
                        transmit,
                        receive,
                        str(azimuth),
                    ),
                    *("FB", ("Greenfield", "Rooftop", "")[number % 3], ("não", "sim", "")[number % 3], "760"),
                    *(
                        "000000000000",
                        "17.5",
                        "28",
                        "65",
                        str(-(number % 5)),
                        "X",
                        f"{25 + number % 30}",
                        "000000000000",
                    ),
                    *(
                        "40",
                        str(station.latitude),
                        str(station.longitude),
                        "G",
                        latest.isoformat(),
                        first,
                        "",
                        identity,
                    ),
                    *((latest + timedelta(days=3_650)).isoformat(), "", ""),
                )
            )
        )
    return rows
