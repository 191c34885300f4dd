"""Every assumption about the demonstration company, with its unit, in one place.

They are assumptions, never facts about a real company: change them here and the whole company changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SizeName = Literal["ci", "demo", "full"]


@dataclass(frozen=True)
class Size:
    """How large a company is. `history_days` counts the days before `create(until)`, that day included."""

    towers: int
    items: int
    suppliers: int
    locations: int
    contracts: int
    history_days: int
    licensing_scale: float  # share of the real number of licensed mobile stations that the ANATEL file holds
    truth_draws: int  # Monte Carlo draws per item and location


SIZES: dict[str, Size] = {
    "ci": Size(40, 60, 12, 2, 4, 548, 0.04, 2_000),
    "demo": Size(300, 900, 120, 3, 8, 1_461, 0.25, 1_000),
    "full": Size(18_000, 2_000, 450, 12, 24, 1_461, 1.0, 250),
}


@dataclass(frozen=True)
class Category:
    """A category of parts. Lead times are the supplier's, without the buyer's own processing."""

    name: str
    share: float  # of the items
    cost_median_brl: float
    lead_time_days: float  # mean
    lead_time_cv: float
    import_share: float
    rain_beta: float  # log demand per 20 mm of rain
    storm_factor: float  # demand of a storm day
    rollout_beta: float  # log demand at full 5G roll-out
    vital_share: float
    essential_share: float


CATEGORIES: tuple[Category, ...] = (
    Category("CONECTORES E JUMPERS RF", 0.13, 180, 38, 0.45, 0.65, 0.10, 1.0, 0.9, 0.25, 0.50),
    Category("MÓDULOS RF E ANTENAS", 0.04, 9_000, 60, 0.45, 0.90, 0.00, 2.0, 1.2, 0.60, 0.35),
    Category("BATERIAS E RETIFICADORES", 0.09, 2_600, 30, 0.50, 0.50, 0.10, 2.5, 0.2, 0.60, 0.35),
    Category("CABOS COAXIAIS E FIBRA", 0.12, 60, 18, 0.40, 0.30, 0.15, 1.2, 0.8, 0.20, 0.55),
    Category("ATERRAMENTO, SPDA E DPS", 0.10, 140, 15, 0.40, 0.10, 0.20, 5.0, 0.0, 0.35, 0.45),
    Category("MATERIAL ELÉTRICO", 0.16, 45, 9, 0.40, 0.05, 0.25, 2.0, 0.1, 0.15, 0.50),
    Category("ESTRUTURA METÁLICA E FIXAÇÃO", 0.10, 120, 22, 0.45, 0.00, 0.25, 1.0, 0.2, 0.10, 0.50),
    Category("CLIMATIZAÇÃO", 0.05, 900, 14, 0.40, 0.15, 0.05, 1.5, 0.0, 0.40, 0.45),
    Category("BALIZAMENTO NOTURNO", 0.04, 380, 16, 0.40, 0.10, 0.15, 3.0, 0.0, 0.45, 0.45),
    Category("EPI E FERRAMENTAS", 0.10, 70, 7, 0.35, 0.02, 0.05, 1.0, 0.1, 0.05, 0.35),
    Category("PINTURA E DIVERSOS", 0.07, 55, 6, 0.35, 0.00, 0.15, 1.0, 0.0, 0.00, 0.25),
)
COST_LOG_SD = 0.8
SERVICE_CATEGORY = "SERVIÇOS"
SERVICE_SHARE = 0.02  # service codes per item of goods

# Demand of one item at one location
LAMBDA_LOG10_MEAN = -1.55  # lines per day
LAMBDA_LOG10_SD = 0.62
SEASON_MAX_AMPLITUDE = 0.30
BURST_SHAPE = 3.0  # monthly Gamma(shape, 1/shape): mean 1
RAIN_SCALE_MM = 20.0
RAIN_CAP = 2.0  # rain beyond RAIN_CAP x RAIN_SCALE_MM adds nothing
PREVENTIVE_SHARE = 0.30  # of the items: weekdays only, none at Carnaval
WORKING_SHARE = 5 / 7  # of the days on which preventive items are asked for
STARTING_SHARE = 0.06  # of the items start mid-history
ENDING_SHARE = 0.06  # of the items end mid-history

# Size of one demand line: shares of the items
UNIT_SIZE_SHARE = 0.40
GEOMETRIC_SIZE_SHARE = 0.48  # the rest is lognormal
GEOMETRIC_SUCCESS = (0.08, 0.40)  # uniform: means of 2.5 to 12.5 units
LOGNORMAL_MEDIAN_UNITS = (10.0, 80.0)  # log-uniform
LOGNORMAL_SIZE_SD = 1.2
LINES_PER_VISIT = 2.2
SERVICE_LINE_SHARE = 0.03  # services per line of goods, when the dirt is on

# Roll-out of 5G: logistic in time, shared by demand and by the licensing file
ROLLOUT_MIDDLE = "2024-07-01"
ROLLOUT_SCALE_DAYS = 330.0

# Buying without a policy: a review on the first day of each month
REVIEW_WINDOW_DAYS = 90
REVIEW_MIN_COVER_DAYS = 30
REVIEW_MAX_COVER_DAYS = 90
OPENING_COVER_DAYS = (45.0, 110.0)  # uniform, of expected demand
LAUNCH_COVER_DAYS = 60  # first order for an item that starts mid-history
PROCESSING_LOG_MEAN_DAYS = 3.0  # median days from request to order
PROCESSING_LOG_SD = 0.8
IMPORT_LEAD_TIME_FACTOR = 1.25
IMPORT_CURRENCY_EFFECT = 1.0  # relative lengthening per relative fall of BRL over 90 days
PROMISE_RATIO = (0.75, 0.95)  # promised / true mean of the supplier
SPLIT_RECEIPT_SHARE = 0.08
CANCELLED_ORDER_SHARE = 0.01
SUPPLIER_MEAN_LOG_SD = 0.20
SUPPLIER_CONCENTRATION = 1.1  # exponent of a supplier's rank within its category: the first take most items

# Master data that changes
COST_CHANGE_DAYS = 250.0  # mean business days between two changes of an item's cost
LEAD_TIME_CHANGE_DAYS = 1_500.0
PROMISE_CHANGE_DAYS = 500.0
TOWER_CHANGE_DAYS = 3_000.0
PENALTY_INDEXATION = 1.045  # yearly, on the contract's anniversary

# Outages: only an urgent call (p1) is one. Batteries carry the site first, and what waits for a part is bridged.
BATTERY_MINUTES = (120, 480)  # uniform
TEMPORARY_REPAIR_MINUTES = 480  # from the answer to a generator or a borrowed part

SLA_TIERS: dict[str, tuple[float, float]] = {  # target in percent, penalty in BRL per hour: configuration
    "ouro": (99.5, 1_800.0),
    "prata": (99.0, 900.0),
    "bronze": (98.0, 400.0),
}


@dataclass(frozen=True)
class Dirt:
    """Rates of what is wrong in the source data. `Dirt.none()` gives a clean company."""

    no_location: float = 0.19  # of requisition lines
    no_location_no_tower: float = 0.003  # part of the above: not even the tower is known
    no_required_date: float = 0.86  # of purchase order lines
    inverted_date: float = 0.06  # of purchase order lines: ordered before requested
    inverted_date_max_days: int = 941
    duplicate: float = 0.005  # of requisition lines
    service: float = SERVICE_LINE_SHARE
    returned: float = 0.005
    cancelled: float = 0.01
    unknown_item: float = 0.0005
    revised: float = 0.20  # of the months of a revisable series
    sensor_gap: float = 0.004  # of the weather hours arrive with nulls
    late_entry: float = 0.004  # of requisition lines reach the ERP days after their date, and their issue with them
    no_change_date: float = 0.002  # of requisition lines carry no date of their last change
    vanishing_supplier: float = 0.005  # of the suppliers a day leave the ERP, to return after some days

    @classmethod
    def none(cls) -> Dirt:
        """A company without dirt."""
        return cls(0.0, 0.0, 0.0, 0.0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
