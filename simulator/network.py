"""Where the company works: municipalities of Bahia, stocking locations, contracts and towers, and how they change.

Municipality codes and coordinates are IBGE's; clients are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from simulator.assumptions import PENALTY_INDEXATION, SLA_TIERS, TOWER_CHANGE_DAYS
from simulator.brazil_calendar import is_business_day
from simulator.clock import MICROSECONDS_A_DAY, MICROSECONDS_AN_HOUR, day_number, day_of, local_midnight
from simulator.setting import Setting
from simulator.streams import Ints, Stream, keyed
from simulator.weather import STATION_INDEX


@dataclass(frozen=True)
class Municipality:
    """A municipality of Bahia with the weather station that stands for it and its share of the towers."""

    code: str
    name: str
    latitude: float
    longitude: float
    weather_station: str
    tower_weight: float


MUNICIPALITIES: tuple[Municipality, ...] = (
    Municipality("2927408", "Salvador", -12.9718, -38.5011, "A401", 30),
    Municipality("2910800", "Feira de Santana", -12.2664, -38.9663, "A413", 10),
    Municipality("2933307", "Vitória da Conquista", -14.8615, -40.8442, "A414", 7),
    Municipality("2913606", "Ilhéus", -14.793, -39.046, "A410", 4),
    Municipality("2903201", "Barreiras", -12.1439, -44.9968, "A402", 4),
    Municipality("2918407", "Juazeiro", -9.41622, -40.5033, "A402", 4),
    Municipality("2925303", "Porto Seguro", -16.4435, -39.0643, "A410", 3),
    Municipality("2917508", "Jacobina", -11.1812, -40.5117, "A413", 2),
    Municipality("2911709", "Guanambi", -14.2231, -42.7799, "A414", 2),
    Municipality("2924009", "Paulo Afonso", -9.3983, -38.2216, "A413", 2),
    Municipality("2931350", "Teixeira de Freitas", -17.5399, -39.74, "A410", 3),
    Municipality("2905701", "Camaçari", -12.6996, -38.3263, "A401", 6),
    Municipality("2919207", "Lauro de Freitas", -12.8978, -38.321, "A401", 4),
    Municipality("2930709", "Simões Filho", -12.7866, -38.4029, "A401", 2),
    Municipality("2906501", "Candeias", -12.6716, -38.5472, "A401", 2),
    Municipality("2910057", "Dias d'Ávila", -12.6187, -38.2926, "A401", 2),
    Municipality("2900702", "Alagoinhas", -12.1335, -38.4208, "A413", 3),
    Municipality("2914802", "Itabuna", -14.7876, -39.2781, "A410", 4),
    Municipality("2918001", "Jequié", -13.8509, -40.0877, "A414", 3),
    Municipality("2928703", "Santo Antônio de Jesus", -12.9614, -39.2584, "A401", 2),
    Municipality("2932903", "Valença", -13.3669, -39.073, "A410", 2),
    Municipality("2910727", "Eunápolis", -16.3715, -39.5821, "A410", 2),
    Municipality("2914604", "Irecê", -11.3033, -41.8535, "A402", 2),
    Municipality("2914703", "Itaberaba", -12.5242, -40.3059, "A413", 1.5),
    Municipality("2916401", "Itapetinga", -15.2475, -40.2482, "A414", 1.5),
    Municipality("2919553", "Luís Eduardo Magalhães", -12.0956, -45.7866, "A402", 2),
    Municipality("2930105", "Senhor do Bonfim", -10.4594, -40.1865, "A413", 1.5),
    Municipality("2930501", "Serrinha", -11.6584, -39.01, "A413", 1.5),
    Municipality("2903904", "Bom Jesus da Lapa", -13.2506, -43.4108, "A402", 1.5),
    Municipality("2904605", "Brumado", -14.2021, -41.6696, "A414", 1.5),
    Municipality("2909802", "Cruz das Almas", -12.6675, -39.1008, "A413", 1.5),
    Municipality("2926608", "Ribeira do Pombal", -10.8373, -38.5382, "A413", 1),
)
# In the order in which a growing company opens them; the van belongs to the largest size only.
LOCATION_SITES: tuple[tuple[str, str], ...] = (
    ("central", "2927408"),
    ("regional", "2910800"),
    ("regional", "2933307"),
    ("regional", "2913606"),
    ("regional", "2903201"),
    ("regional", "2918407"),
    ("regional", "2925303"),
    ("regional", "2917508"),
    ("regional", "2911709"),
    ("regional", "2924009"),
    ("van", "2927408"),
    ("van", "2910800"),
)
LOCATION_CODE = {"central": "CD", "regional": "DR", "van": "UM"}
LOCATION_PREFIX = {"central": "CD", "regional": "DEPÓSITO REGIONAL", "van": "UNIDADE MÓVEL"}
CLIENTS = (
    *("TORRES FICTÍCIAS ALFA", "SITES FICTÍCIOS BRAVO", "OPERADORA FICTÍCIA CARCARÁ", "INFRA FICTÍCIA DENDÊ"),
    *("MASTROS FICTÍCIOS EMA", "REDE FICTÍCIA FAROL", "TORRES FICTÍCIAS GRAVIOLA", "OPERADORA FICTÍCIA HARPIA"),
)
FAR_DAY = 1_000_000
CHANGE_HOUR_OF_DAY_ZERO = local_midnight(0) + 11 * MICROSECONDS_AN_HOUR
REGISTERED_BEFORE_HISTORY_DAYS = 30
TOWER_TYPES = ("AUTOPORTANTE", "ESTAIADA", "POSTE METÁLICO", "ROOFTOP", "GREENFIELD")


@dataclass(frozen=True)
class TowerChanges:
    """Towers that passed to another contract, by tower and day."""

    tower: Ints
    day: Ints
    contract: Ints

    def latest(self, tower: Ints, day: Ints) -> Ints:
        """The row of the latest change of each tower up to a day, -1 when there was none."""
        row = np.searchsorted(self.tower * FAR_DAY + self.day, tower * FAR_DAY + day, side="right") - 1
        # Row -1 reads the appended element, which is no tower.
        return np.where(np.append(self.tower, -1)[row] == tower, row, -1)


@dataclass(frozen=True)
class Network:
    """Locations, contracts and towers as they stand at the end of the last day. Arrays are indexed alike."""

    location_ids: list[str]
    location_municipality: Ints
    location_station: Ints  # index of the weather station
    contract_ids: list[str]
    contract_tier: list[str]
    contract_starts_on: list[date]
    contract_penalty_brl: list[float]
    contract_updated: Ints
    tower_ids: list[str]
    tower_type: Ints
    tower_municipality: Ints
    tower_latitude: list[float]
    tower_longitude: list[float]
    tower_location: Ints
    tower_contract: Ints  # on the first day
    tower_commissioned_on: list[date]
    tower_changes: TowerChanges
    created: int
    towers_of_location: list[Ints] = field(default_factory=list)

    def contract_of(self, tower: Ints, day: Ints) -> Ints:
        """The contract of each tower on a day."""
        row = self.tower_changes.latest(tower, day)
        return np.where(row >= 0, np.append(self.tower_changes.contract, -1)[row], self.tower_contract[tower])

    def tower_updated(self, until: int) -> Ints:
        """The moment of each tower's latest change."""
        tower = np.arange(len(self.tower_ids))
        row = self.tower_changes.latest(tower, np.full(len(tower), until))
        changed = np.append(self.tower_changes.day, 0)[row] * MICROSECONDS_A_DAY + CHANGE_HOUR_OF_DAY_ZERO
        return np.where(row >= 0, changed, self.created)


def build_network(setting: Setting) -> Network:
    """The network at the end of the last day."""
    size, first_day, created = setting.size, setting.first_day, registered_at(setting)
    random = keyed(setting.seed, Stream.NETWORK)
    by_code = {municipality.code: index for index, municipality in enumerate(MUNICIPALITIES)}
    sites = LOCATION_SITES[: size.locations]
    location_municipality = np.array([by_code[code] for _, code in sites], dtype=np.int64)
    location_station = np.array(
        [STATION_INDEX[MUNICIPALITIES[m].weather_station] for m in location_municipality], dtype=np.int64
    )

    weights = np.array([municipality.tower_weight for municipality in MUNICIPALITIES])
    tower_municipality = random.choice(len(MUNICIPALITIES), size.towers, p=weights / weights.sum())
    # The first towers stand beside the locations, so that every location serves some.
    tower_municipality[: size.locations] = location_municipality
    tower_location = _nearest_location(location_municipality, sites, tower_municipality, random)
    tower_location[: size.locations] = np.arange(size.locations)
    spread = random.normal(0, 0.06, (size.towers, 2))
    latitude = np.array([MUNICIPALITIES[m].latitude for m in tower_municipality]) + spread[:, 0]
    longitude = np.array([MUNICIPALITIES[m].longitude for m in tower_municipality]) + spread[:, 1]
    commissioned = first_day - random.integers(200, 6_000, size.towers)
    tower_contract = random.integers(0, size.contracts, size.towers)

    tiers = list(SLA_TIERS)
    contract_tier = [tiers[int(i)] for i in random.choice(3, size.contracts, p=(0.25, 0.45, 0.30))]
    starts = [day_of(first_day - int(days)) for days in random.integers(60, 1_400, size.contracts)]
    penalty, contract_updated = _indexed_penalties(setting, contract_tier, starts)
    changes = _tower_changes(setting, tower_contract)
    return Network(
        location_ids=[f"{LOCATION_CODE[kind]}{i + 1:02d}" for i, (kind, _) in enumerate(sites)],
        location_municipality=location_municipality,
        location_station=location_station,
        contract_ids=[f"CT{i + 1:04d}" for i in range(size.contracts)],
        contract_tier=contract_tier,
        contract_starts_on=starts,
        contract_penalty_brl=penalty,
        contract_updated=contract_updated,
        tower_ids=[f"BA{i + 1:05d}" for i in range(size.towers)],
        tower_type=random.integers(0, len(TOWER_TYPES), size.towers),
        tower_municipality=tower_municipality,
        tower_latitude=[round(float(v), 6) for v in latitude],
        tower_longitude=[round(float(v), 6) for v in longitude],
        tower_location=tower_location,
        tower_contract=tower_contract,
        tower_commissioned_on=[day_of(int(d)) for d in commissioned],
        tower_changes=changes,
        created=created,
        towers_of_location=[np.flatnonzero(tower_location == i) for i in range(size.locations)],
    )


def registered_at(setting: Setting) -> int:
    """When the master data that exist from the start were entered (UTC microseconds)."""
    return local_midnight(setting.first_day - REGISTERED_BEFORE_HISTORY_DAYS) + 12 * MICROSECONDS_AN_HOUR


def location_type(index: int) -> str:
    """Central, regional or van."""
    return LOCATION_SITES[index][0]


def location_name(index: int) -> str:
    """The Portuguese name of a location."""
    kind, code = LOCATION_SITES[index]
    name = next(m.name for m in MUNICIPALITIES if m.code == code)
    return f"{LOCATION_PREFIX[kind]} {name}".upper()


def client_name(contract: int) -> str:
    """An invented client."""
    region = "" if contract < len(CLIENTS) else f" LOTE {contract // len(CLIENTS) + 1}"
    return f"{CLIENTS[contract % len(CLIENTS)]}{region} S.A."


def _nearest_location(
    location_municipality: Ints, sites: tuple[tuple[str, str], ...], towers: Ints, random: np.random.Generator
) -> Ints:
    """The closest warehouse by coordinates; vans take a fifth of the towers of their own municipality's warehouse."""
    here = np.array([(m.latitude, m.longitude) for m in MUNICIPALITIES])
    fixed = [i for i, (kind, _) in enumerate(sites) if kind != "van"]
    distance = np.linalg.norm(here[:, None, :] - here[location_municipality[fixed]][None, :, :], axis=2)
    nearest: Ints = np.array(fixed, dtype=np.int64)[distance.argmin(axis=1)][towers]
    for van in (i for i, (kind, _) in enumerate(sites) if kind == "van"):
        home = int(np.flatnonzero(location_municipality == location_municipality[van])[0])
        nearest[(nearest == home) & (random.random(len(towers)) < 0.2)] = van
    return nearest


def _indexed_penalties(setting: Setting, tiers: list[str], starts: list[date]) -> tuple[list[float], Ints]:
    penalties, updated = [], np.full(len(tiers), registered_at(setting), dtype=np.int64)
    for index, (tier, start) in enumerate(zip(tiers, starts, strict=True)):
        penalty = SLA_TIERS[tier][1]
        for year in range(1, 40):
            anniversary = day_number(start) + round(365.25 * year)
            if anniversary > setting.until:
                break
            if anniversary >= setting.first_day:
                penalty = round(penalty * PENALTY_INDEXATION, 2)
                updated[index] = local_midnight(anniversary) + 9 * MICROSECONDS_AN_HOUR
        penalties.append(penalty)
    return penalties, updated


def _tower_changes(setting: Setting, first_contract: Ints) -> TowerChanges:
    """Now and then a tower passes to another contract."""
    size, contract = setting.size, first_contract.copy()
    none = np.zeros(0, dtype=np.int64)
    towers, days, contracts = [none], [none], [none]
    for day in range(setting.first_day + 1, setting.until + 1):
        if is_business_day(day_of(day)):
            random = keyed(setting.seed, Stream.NETWORK_CHANGES, day)
            moving = np.flatnonzero(random.random(size.towers) < 1 / TOWER_CHANGE_DAYS)
            step = 1 + random.integers(0, size.contracts - 1, size.towers)[moving]
            contract[moving] = (contract[moving] + step) % size.contracts
            towers.append(moving)
            days.append(np.full(len(moving), day, dtype=np.int64))
            contracts.append(contract[moving])
    tower, when = np.concatenate(towers), np.concatenate(days)
    order = np.lexsort((when, tower))
    return TowerChanges(tower[order], when[order], np.concatenate(contracts)[order])
