"""The ERP's tables as they stand at the end of a day, as Arrow tables in the column order of schema.sql.

A row exists once it is created; its status, moments and `updated_at` follow from the events before the end of the day.
Nothing that happens later may show.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simulator.assumptions import CATEGORIES, SLA_TIERS, TEMPORARY_REPAIR_MINUTES
from simulator.catalogue import category_name
from simulator.clock import MICROSECONDS_A_MINUTE, NEVER, day_of, local_days, local_midnight
from simulator.demand import CANCELLED, CORRECTIVE, DUPLICATE, NORMAL, RETURN, SERVICE, UNKNOWN, URGENT, Lines
from simulator.entry import enter_lines, missing_suppliers
from simulator.history import History
from simulator.network import (
    MUNICIPALITIES,
    TOWER_TYPES,
    client_name,
    location_name,
    location_type,
)
from simulator.streams import Bools, Ints
from simulator.supply import HANDLING, Supply

TIMESTAMP = pa.timestamp("us", tz="UTC")
MOVEMENT_NAMES = ("opening", "receipt", "issue", "return")


def erp_tables(history: History) -> dict[str, pa.Table]:
    """All tables of the ERP, in the order in which they are loaded."""
    return {
        "items": _items(history),
        "suppliers": _suppliers(history),
        "contracts": _contracts(history),
        "locations": _locations(history),
        "towers": _towers(history),
        "requisitions": _requisitions(history),
        "stock_movements": _stock_movements(history),
        "inventory": _inventory(history),
        "purchase_orders": _purchase_orders(history),
        "receipts": _receipts(history),
        "work_orders": _work_orders(history),
    }


def _texts(values: list[str], rows: Ints, valid: Bools | None = None) -> pa.Array:
    """Pick texts by row number; null where not valid or the row number is negative."""
    known = rows >= 0 if valid is None else valid & (rows >= 0)
    picked = pa.array(np.where(known, rows, 0), mask=~known)
    return pa.array(values, pa.string()).take(picked)


def _numbered(prefix: str, numbers: Ints, width: int, valid: Bools | None = None) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    joined = pc.binary_join_element_wise(pa.scalar(prefix), digits, "")
    return joined if valid is None else pc.if_else(pa.array(valid), joined, pa.scalar(None, pa.string()))


def _moments(values: Ints, end: int | None = None) -> pa.Array:
    """UTC microseconds as timestamps; null when at or after the end."""
    mask = None if end is None else values >= end
    return pa.array(values, pa.int64(), mask=mask).cast(TIMESTAMP)


def _dates(days: Ints, valid: Bools) -> pa.Array:
    return pa.array(np.where(valid, days, 0).astype(np.int32), pa.int32(), mask=~valid).cast(pa.date32())


def _integers(values: Ints, valid: Bools | None = None) -> pa.Array:
    return pa.array(values, pa.int64(), mask=None if valid is None else ~valid)


def _floats(values: npt.NDArray[Any], digits: int) -> pa.Array:
    return pa.array(np.round(np.asarray(values, dtype=np.float64), digits))


def _items(history: History) -> pa.Table:
    """Goods, then services; only what is created before the end."""
    items, suppliers, end = history.items, history.suppliers, history.setting.end
    goods = np.flatnonzero(items.created < end)
    services = len(items.service_ids)
    first = int(items.created.min())
    cost = np.concatenate([items.cost_by_day[-1][goods], items.service_costs])
    nothing = np.zeros(services, dtype=np.int64)
    columns = {
        "item_id": pa.array([items.ids[i] for i in goods] + items.service_ids),
        "item_name": pa.array([items.names[i] for i in goods] + items.service_names),
        "category": pa.array(
            [category_name(int(items.category[i])) for i in goods] + [category_name(len(CATEGORIES))] * services
        ),
        "family": pa.array([items.families[i] for i in goods] + ["SERVIÇOS DE CAMPO"] * services),
        "unit": pa.array([items.units[i] for i in goods] + ["SR"] * services),
        "supplier_id": pa.array([suppliers.ids[items.supplier[i]] for i in goods] + [None] * services, pa.string()),
        "cost": _floats(cost, 4),
        "lead_time_days": pa.array(np.concatenate([items.lead_time_by_day[-1][goods], nothing])),
        "min_order_quantity": pa.array(np.concatenate([items.minimum[goods], nothing + 1])),
        "pack_size": pa.array(np.concatenate([items.pack[goods], nothing + 1])),
        "criticality": pa.array([items.criticality[i] for i in goods] + ["desirable"] * services),
        "is_service": pa.array([False] * len(goods) + [True] * services),
        "is_active": pa.array(list(items.ends[goods] > history.setting.until) + [True] * services),
        "created_at": _moments(np.concatenate([items.created[goods], nothing + first])),
        "updated_at": _moments(np.concatenate([items.updated[goods], nothing + first])),
    }
    return pa.table(columns)


def _suppliers(history: History) -> pa.Table:
    """The suppliers that the ERP holds. Tax numbers are impossible on purpose (root of zeros)."""
    suppliers, created = history.suppliers, history.network.created
    count = len(suppliers.ids)
    return pa.table(
        {
            "supplier_id": pa.array(suppliers.ids),
            "supplier_name": pa.array(suppliers.names),
            "tax_id": pa.array([f"00.000.{i + 1:03d}/0001-00" for i in range(count)]),
            "city": pa.array([place[0] for place in suppliers.places]),
            "state": pa.array([place[1] for place in suppliers.places]),
            "country": pa.array([place[2] for place in suppliers.places]),
            "promised_lead_time_days": pa.array(suppliers.promised_days),
            "is_active": pa.array([True] * count),
            "created_at": _moments(np.full(count, created)),
            "updated_at": _moments(suppliers.updated),
        }
    ).filter(pa.array(~missing_suppliers(history.setting, count)))


def _contracts(history: History) -> pa.Table:
    """Contracts with the penalty in force."""
    network, until = history.network, day_of(history.setting.until)
    count = len(network.contract_ids)
    ends = [date(start.year + 6, start.month, min(start.day, 28)) for start in network.contract_starts_on]
    return pa.table(
        {
            "contract_id": pa.array(network.contract_ids),
            "client_name": pa.array([client_name(i) for i in range(count)]),
            "sla_tier": pa.array(network.contract_tier),
            "sla_target_pct": pa.array([SLA_TIERS[tier][0] for tier in network.contract_tier]),
            "hourly_penalty_brl": pa.array(network.contract_penalty_brl),
            "starts_on": pa.array(network.contract_starts_on, pa.date32()),
            "ends_on": pa.array(ends, pa.date32()),
            "is_active": pa.array([end > until for end in ends]),
            "created_at": _moments(np.full(count, network.created)),
            "updated_at": _moments(network.contract_updated),
        }
    )


def _locations(history: History) -> pa.Table:
    """Stocking locations."""
    network = history.network
    places = [MUNICIPALITIES[i] for i in network.location_municipality]
    count = len(places)
    return pa.table(
        {
            "location_id": pa.array(network.location_ids),
            "location_name": pa.array([location_name(i) for i in range(count)]),
            "location_type": pa.array([location_type(i) for i in range(count)]),
            "municipality_code": pa.array([place.code for place in places]),
            "municipality_name": pa.array([place.name for place in places]),
            "state": pa.array(["BA"] * count),
            "latitude": pa.array([place.latitude for place in places]),
            "longitude": pa.array([place.longitude for place in places]),
            "is_active": pa.array([True] * count),
            "created_at": _moments(np.full(count, network.created)),
            "updated_at": _moments(np.full(count, network.created)),
        }
    )


def _towers(history: History) -> pa.Table:
    """Towers with the contract in force and the location that serves them."""
    network = history.network
    count = len(network.tower_ids)
    places = [MUNICIPALITIES[i] for i in network.tower_municipality]
    return pa.table(
        {
            "tower_id": pa.array(network.tower_ids),
            "tower_name": pa.array([f"TORRE {p.name.upper()} {i + 1:05d}" for i, p in enumerate(places)]),
            "tower_type": _texts(list(TOWER_TYPES), network.tower_type),
            "municipality_code": pa.array([place.code for place in places]),
            "municipality_name": pa.array([place.name for place in places]),
            "state": pa.array(["BA"] * count),
            "latitude": pa.array(network.tower_latitude),
            "longitude": pa.array(network.tower_longitude),
            "contract_id": _texts(
                network.contract_ids, network.contract_of(np.arange(count), np.full(count, history.setting.until))
            ),
            "location_id": _texts(network.location_ids, network.tower_location),
            "commissioned_on": pa.array(network.tower_commissioned_on, pa.date32()),
            "is_active": pa.array([True] * count),
            "created_at": _moments(np.full(count, network.created)),
            "updated_at": _moments(network.tower_updated(history.setting.until)),
        }
    )


def _requisitions(history: History) -> pa.Table:
    """Requisition lines that were entered, with what became of each by the end."""
    lines, items, network = history.lines, history.items, history.network
    end, locations = history.setting.end, history.setting.locations
    fulfilled, cancelled = _fates(lines, history.supply)
    done, dropped = fulfilled < end, cancelled < end
    codes = items.ids + items.service_ids + [f"9{n:05d}" for n in range(50)]
    goods = len(items.ids)
    item = np.where(lines.series >= 0, lines.series // locations, goods + lines.service)
    unknown = lines.kind == UNKNOWN
    origin_unknown = (lines.kind == DUPLICATE) & unknown[np.maximum(lines.origin, 0)]
    is_unknown = unknown | origin_unknown
    item = np.where(is_unknown, goods + len(items.service_ids) + lines.series % 50, item)
    units = [*items.units, *["SR"] * len(items.service_ids), *["UN"] * 50]
    keeps_tower = lines.hides_location < 2
    entry = enter_lines(history.setting, lines)
    updated = np.maximum(entry.entered, np.where(done, fulfilled, np.where(dropped, cancelled, 0)))
    required = lines.required_in_days >= 0
    return pa.table(
        {
            "requisition_line_id": pa.array(np.arange(1, len(lines.day) + 1)),
            "requisition_id": _numbered("RQ", lines.requisition + 1, 8),
            "line_number": pa.array(lines.line_number),
            "item_id": _texts(codes, item),
            "location_id": _texts(network.location_ids, lines.location, lines.hides_location == 0),
            "tower_id": _texts(network.tower_ids, lines.tower, keeps_tower),
            "work_order_id": _numbered("OS", lines.visit + 1, 8, keeps_tower & (lines.visit >= 0)),
            "quantity": pa.array(lines.quantity),
            "unit": _texts(units, item),
            "requested_at": _moments(lines.requested),
            "required_on": _dates(lines.day + lines.required_in_days, required),
            "fulfilled_at": _moments(fulfilled, end),
            "status": _texts(["open", "fulfilled", "cancelled"], np.where(done, 1, np.where(dropped, 2, 0))),
            "created_at": _moments(entry.entered),
            "updated_at": pa.array(updated, pa.int64(), mask=entry.has_no_change_date).cast(TIMESTAMP),
        }
    ).filter(pa.array(entry.entered < end))


def _fates(lines: Lines, supply: Supply) -> tuple[Ints, Ints]:
    """When each line is fulfilled and when it is cancelled (NEVER when not); duplicates mirror their original."""
    never = np.full(len(lines.day), NEVER, dtype=np.int64)
    fulfilled = np.select(
        [lines.kind == NORMAL, lines.kind == RETURN, (lines.kind == SERVICE) | (lines.kind == UNKNOWN)],
        [supply.issued, lines.requested, lines.settled],
        never,
    )
    cancelled = np.where(lines.kind == CANCELLED, lines.settled, never)
    twice = np.flatnonzero(lines.kind == DUPLICATE)
    fulfilled[twice], cancelled[twice] = fulfilled[lines.origin[twice]], cancelled[lines.origin[twice]]
    return fulfilled, cancelled


def _arrivals(history: History) -> tuple[Ints, Ints, Ints]:
    """Order row, moment and units of every receipt before the end, in the order of their ids."""
    orders, end = history.supply.orders, history.setting.end
    rows = np.arange(len(orders.series))
    split = rows[orders.first_quantity < orders.quantity]
    row = np.concatenate([rows, split])
    moment = np.concatenate([orders.first_receipt, orders.last_receipt[split]])
    units = np.concatenate([orders.first_quantity, (orders.quantity - orders.first_quantity)[split]])
    came = np.flatnonzero(moment < end)
    came = came[np.lexsort((row[came], moment[came]))]
    return row[came], moment[came], units[came]


def _purchase_orders(history: History) -> pa.Table:
    """Purchase order lines with their state at the end."""
    items, suppliers, network, orders = history.items, history.suppliers, history.network, history.supply.orders
    end, locations = history.setting.end, history.setting.locations
    is_ordered, is_cancelled = orders.ordered < end, orders.cancelled < end
    first, last = orders.first_receipt < end, orders.last_receipt < end
    status = np.where(is_cancelled, 4, np.where(last, 3, np.where(first, 2, np.where(is_ordered, 1, 0))))
    updated = orders.requested.copy()
    for moment in (orders.ordered, orders.cancelled, orders.first_receipt, orders.last_receipt):
        updated = np.where(moment < end, np.maximum(updated, moment), updated)
    return pa.table(
        {
            "purchase_order_line_id": pa.array(np.arange(1, len(orders.series) + 1)),
            "purchase_order_id": _numbered("PC", orders.purchase_order + 1, 7),
            "line_number": pa.array(orders.line_number),
            "supplier_id": _texts(suppliers.ids, orders.supplier),
            "item_id": _texts(items.ids, orders.series // locations),
            "location_id": _texts(network.location_ids, orders.series % locations),
            "quantity": pa.array(orders.quantity),
            "unit_price": _floats(orders.unit_price, 4),
            "requested_at": _moments(orders.requested),
            "ordered_at": pa.array(orders.recorded_order, pa.int64(), mask=~is_ordered).cast(TIMESTAMP),
            "promised_on": _dates(orders.promised_day, is_ordered),
            "required_on": _dates(orders.required_day, orders.required_day >= 0),
            "status": _texts(["requested", "open", "partially_received", "received", "cancelled"], status),
            "created_at": _moments(orders.requested),
            "updated_at": _moments(updated),
        }
    )


def _receipts(history: History) -> pa.Table:
    """Receipts of goods."""
    row, moment, units = _arrivals(history)
    return pa.table(
        {
            "receipt_id": pa.array(np.arange(1, len(row) + 1)),
            "purchase_order_line_id": pa.array(row + 1),
            "received_at": _moments(moment),
            "quantity": pa.array(units),
            "created_at": _moments(moment),
            "updated_at": _moments(moment),
        }
    )


def _stock_movements(history: History) -> pa.Table:
    """Openings, receipts, issues and returns that were booked before the end, numbered as they were booked."""
    lines, supply, items, network = history.lines, history.supply, history.items, history.network
    end, first_day, locations = history.setting.end, history.setting.first_day, history.setting.locations
    stocked = np.flatnonzero(supply.opening > 0)
    row, moment, units = _arrivals(history)
    booked = _booked(history)
    issued = np.flatnonzero(booked < end)
    returned = np.flatnonzero(lines.kind == RETURN)
    sizes = [len(stocked), len(row), len(issued), len(returned)]
    kind = np.repeat(np.arange(4), sizes)
    series = np.concatenate([stocked, supply.orders.series[row], lines.series[issued], lines.series[returned]])
    moved = np.concatenate(
        [
            np.full(len(stocked), local_midnight(first_day)),
            moment,
            supply.issued[issued],
            lines.requested[returned],
        ]
    )
    quantity = np.concatenate([supply.opening[stocked], units, -lines.quantity[issued], -lines.quantity[returned]])
    entered = moved.copy()
    entered[len(stocked) + len(row) :][: len(issued)] = booked[issued]
    line = np.concatenate([np.full(len(stocked) + len(row), -1), issued, returned])
    order = np.concatenate([np.full(len(stocked), -1), row, np.full(len(issued) + len(returned), -1)])
    history_day = np.clip(local_days(moved) - first_day, 0, len(items.cost_by_day) - 1)
    cost = items.cost_by_day[history_day, series // locations]
    cost = np.where(
        order >= 0, supply.orders.unit_price[np.maximum(order, 0)] if len(supply.orders.series) else 0, cost
    )

    in_time = np.lexsort((order, line, series, kind, entered))
    kind, series, moved, entered, quantity, line, order, cost = (
        a[in_time] for a in (kind, series, moved, entered, quantity, line, order, cost)
    )
    return pa.table(
        {
            "movement_id": pa.array(np.arange(1, len(kind) + 1)),
            "item_id": _texts(items.ids, series // locations),
            "location_id": _texts(network.location_ids, series % locations),
            "movement_type": _texts(list(MOVEMENT_NAMES), kind),
            "quantity": pa.array(quantity),
            "unit_cost": _floats(cost, 4),
            "requisition_line_id": _integers(line + 1, line >= 0),
            "purchase_order_line_id": _integers(order + 1, order >= 0),
            "moved_at": _moments(moved),
            "created_at": _moments(entered),
            "updated_at": _moments(entered),
        }
    )


def _booked(history: History) -> Ints:
    """When the issue of each line is in the books: not before the line is."""
    return np.maximum(history.supply.issued, enter_lines(history.setting, history.lines).entered)


def _inventory(history: History) -> pa.Table:
    """The position of every item at every location: the sum of its movements, and the buyers' own limits."""
    lines, supply, items, network = history.lines, history.supply, history.items, history.network
    end, until, locations = history.setting.end, history.setting.until, history.setting.locations
    total = len(supply.opening)
    row, moment, units = _arrivals(history)
    booked = _booked(history)
    issued = np.flatnonzero(booked < end)
    returned = np.flatnonzero(lines.kind == RETURN)
    series = np.concatenate([supply.orders.series[row], lines.series[issued], lines.series[returned]])
    moved = np.concatenate([moment, booked[issued], lines.requested[returned]])
    quantity = np.concatenate([units, -lines.quantity[issued], -lines.quantity[returned]])
    stock = supply.opening + np.bincount(series, quantity, minlength=total).astype(np.int64)
    last = supply.reviewed.copy()
    np.maximum.at(last, series, moved)
    shown = np.flatnonzero(np.repeat(items.created, locations) < end)
    return pa.table(
        {
            "item_id": _texts(items.ids, shown // locations),
            "location_id": _texts(network.location_ids, shown % locations),
            "current_stock": pa.array(stock[shown]),
            "min_stock": _floats(np.ceil(supply.buyer_minimum[shown]), 3),
            "max_stock": _floats(np.ceil(supply.buyer_maximum[shown]), 3),
            "reorder_point": _floats(np.ceil(supply.buyer_minimum[shown]), 3),
            "date": pa.array(np.full(len(shown), until, dtype=np.int32)).cast(pa.date32()),
            "last_updated": _moments(last[shown]),
        }
    )


def _work_orders(history: History) -> pa.Table:
    """Work orders, open until the vital parts they waited for are fitted.

    An urgent call puts its tower off the air once the batteries are empty; the repair, or a temporary one, ends that.
    """
    lines, visits, network, end = history.lines, history.visits, history.network, history.setting.end
    minute = MICROSECONDS_A_MINUTE
    responded = visits.opened + visits.response_minutes * minute
    parts = np.zeros(len(visits.day), dtype=np.int64)
    is_vital = np.array([value == "vital" for value in history.items.criticality])
    normal = np.flatnonzero(lines.kind == NORMAL)
    waited = history.supply.issued[normal] > lines.requested[normal] + HANDLING
    missing = normal[waited & is_vital[lines.series[normal] // history.setting.locations]]
    np.maximum.at(parts, lines.visit[missing], history.supply.issued[missing])
    fitted = parts + visits.travel_minutes * minute
    closed = np.maximum(responded + visits.repair_minutes * minute, np.where(parts > 0, fitted, 0))
    restored = np.minimum(closed, responded + TEMPORARY_REPAIR_MINUTES * minute)
    outage = (restored - visits.opened) // minute - visits.battery_minutes
    downtime = np.where(visits.priority == URGENT, np.maximum(outage, 0), 0)
    is_closed, is_corrective = closed < end, visits.kind == CORRECTIVE
    updated = visits.opened.copy()
    for moment in (responded, closed):
        updated = np.where(moment < end, np.maximum(updated, moment), updated)
    return pa.table(
        {
            "work_order_id": _numbered("OS", np.arange(1, len(visits.day) + 1), 8),
            "tower_id": _texts(network.tower_ids, visits.tower),
            "contract_id": _texts(network.contract_ids, network.contract_of(visits.tower, visits.day)),
            "kind": _texts(["preventive", "corrective"], visits.kind),
            "priority": _texts(["p1", "p2", "p3"], visits.priority - 1),
            "opened_at": _moments(visits.opened),
            "responded_at": _moments(responded, end),
            "closed_at": _moments(closed, end),
            "downtime_minutes": _integers(downtime, is_closed & is_corrective),
            "status": _texts(["open", "closed"], is_closed.astype(np.int64)),
            "created_at": _moments(visits.opened),
            "updated_at": _moments(updated),
        }
    )
