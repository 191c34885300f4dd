"""From published gold to the people: which rows become conditions, what a run failed for, and the managers' week."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration import alerting
from orchestration.manifest import DBT_MANIFEST, refresh_manifest
from orchestration.platform import CHECKOUT, Platform
from orchestration.run import StepOutcome, causes
from publication import gold
from publication.alerts.conditions import EXCEPTION_NAMES, failure_conditions, published_conditions
from publication.alerts.ledger import Condition
from publication.alerts.outbox import send_pending
from publication.alerts.settings import OWNER_NAMES, AlertSettings, ChannelSettings, StockoutLimits
from publication.alerts.weekly import announce_week, weekly_message
from publication.store import GoldStore
from quality.history import EXPECTATIONS, EXPECTATIONS_SCHEMA

MORNING = datetime(2026, 6, 15, 11, 0, tzinfo=UTC)  # a Monday, 08:00 in Salvador
DAY = timedelta(days=1)
TODAY = MORNING.date()


def stockout(item: str = "BAT", **changes: Any) -> dict[str, Any]:
    row = {
        "item_id": item,
        "item_name": f"BATERIA {item}",
        "location_id": "CD01",
        "location_name": "CD SALVADOR",
        "criticality": "vital",
        "risk_state": "red",
        "on_hand_units": Decimal("4.000"),
        "on_order_units": Decimal("0.000"),
        "next_due_on": None,
        "days_until_stockout": 3,
        "stockout_probability": 0.9,
        "exposed_towers_count": 61,
    }
    return {**row, **changes}


def plan(item: str = "BAT", **changes: Any) -> dict[str, Any]:
    row = {
        "item_id": item,
        "location_id": "CD01",
        "criticality": "vital",
        "unit_code": "UN",
        "supplier_name": "FICTÍCIA LTDA.",
        "reorder_point_units": Decimal("12.000"),
        "is_below_reorder_point": True,
        "order_quantity_units": Decimal("20.000"),
        "order_value_brl": Decimal("5000.00"),
        "order_by_on": date(2026, 6, 18),
        "risk_brl": Decimal("1234.50"),
        "status": "order_now",
        "on_hand_units": Decimal("4.000"),
        "unit_cost_brl": Decimal("250.0000"),
        "demand_mean_units_per_day": 1.5,
    }
    return {**row, **changes}


def exception(**changes: Any) -> dict[str, Any]:
    row = {
        "exception_kind": "stale_feed",
        "entity_id": "inmet.observations",
        "severity": "high",
        "since_on": date(2026, 6, 10),
        "seen_text": "Último dado de 08/06/2026, há 6 dias.",
        "action_text": "Conferir a fonte e repetir a carga.",
        "owner_name": "TI",
    }
    return {**row, **changes}


SCHEMAS = {
    "rpt_stockout_risk": pa.schema(
        [
            *((name, pa.string()) for name in ("item_id", "item_name", "location_id", "location_name", "criticality")),
            ("risk_state", pa.string()),
            ("on_hand_units", pa.decimal128(18, 3)),
            ("on_order_units", pa.decimal128(18, 3)),
            ("next_due_on", pa.date32()),
            ("days_until_stockout", pa.int32()),
            ("stockout_probability", pa.float64()),
            ("exposed_towers_count", pa.int32()),
        ]
    ),
    "rpt_replenishment": pa.schema(
        [
            *((name, pa.string()) for name in ("item_id", "location_id", "criticality", "unit_code", "supplier_name")),
            ("reorder_point_units", pa.decimal128(18, 3)),
            ("is_below_reorder_point", pa.bool_()),
            ("order_quantity_units", pa.decimal128(18, 3)),
            ("order_value_brl", pa.decimal128(18, 2)),
            ("order_by_on", pa.date32()),
            ("risk_brl", pa.decimal128(18, 2)),
            ("status", pa.string()),
            ("on_hand_units", pa.decimal128(18, 3)),
            ("unit_cost_brl", pa.decimal128(18, 4)),
            ("demand_mean_units_per_day", pa.float64()),
        ]
    ),
    "rpt_exceptions": pa.schema(
        [
            *((name, pa.string()) for name in ("exception_kind", "entity_id", "severity")),
            ("since_on", pa.date32()),
            *((name, pa.string()) for name in ("seen_text", "action_text", "owner_name")),
        ]
    ),
    "rpt_data_freshness": pa.schema(
        [
            *((name, pa.string()) for name in ("source_name", "table_name", "source_label")),
            ("is_judged", pa.bool_()),
            ("latest_data_on", pa.date32()),
            ("row_count", pa.int64()),
            ("expected_age_days", pa.int32()),
        ]
    ),
    "rpt_excess": pa.schema([("excess_value_brl", pa.decimal128(18, 2))]),
    "fact_purchase_orders": pa.schema(
        [("is_overdue", pa.bool_()), ("open_units", pa.float64()), ("unit_price_brl", pa.float64())]
    ),
    "rpt_service_level": pa.schema(
        [("month_on", pa.date32()), ("lines_met_count", pa.int32()), ("demand_lines_count", pa.int32())]
    ),
    "rpt_sla": pa.schema([("month_on", pa.date32()), ("penalty_brl", pa.decimal128(18, 2))]),
}


@pytest.fixture
def place(tmp_path: Path) -> Platform:
    return Platform.from_environment({"NOVA_DATA": str(tmp_path)})


def judged(**changes: Any) -> dict[str, Any]:
    row = {
        "stage": "arrives",
        "table_name": "erp/suppliers",
        "table_title": "Fornecedores",
        "rule": "expect_column_values_to_match_regex",
        "claim_text": "O país é um código de duas letras (ISO 3166).",
        "severity": "warning",
        "status": "failed",
        "observed_text": "",
        "unexpected_count": 3,
        "element_count": 40,
        "cause_text": "Nome do país por extenso no cadastro.",
        "samples_text": "[]",
    }
    return {**row, **changes}


def source(**changes: Any) -> dict[str, Any]:
    row = {
        "source_name": "inmet",
        "table_name": "observations",
        "source_label": "INMET (clima)",
        "is_judged": True,
        "latest_data_on": TODAY - DAY,
        "row_count": 9,
        "expected_age_days": 3,
    }
    return {**row, **changes}


def publish(place: Platform, now: datetime, **tables: list[dict[str, Any]]) -> dict[str, Any]:
    """Publish a version of gold with these rows; tables that are not given are empty."""
    for name, schema in {**SCHEMAS, EXPECTATIONS: EXPECTATIONS_SCHEMA}.items():
        (place.candidate / name).mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist(tables.get(name, []), schema=schema)
        pq.write_table(table, place.candidate / name / "part-0.parquet")
    as_of = (now - DAY).date().isoformat()
    gold.publish(GoldStore(place.gold_root), place.candidate, facts={"as_of_on": as_of}, now=now)
    pointer = gold.current(GoldStore(place.gold_root))
    assert pointer is not None
    return pointer


def conditions(
    place: Platform, open_ids: list[str] | None = None, today: date = TODAY, **tables: list[dict[str, Any]]
) -> list[Condition]:
    pointer = publish(place, MORNING, **tables)
    return published_conditions(place.gold_root, pointer, StockoutLimits(), open_ids=open_ids or [], today=today)


def messages(place: Platform) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(place.alerts.glob("*.txt"))]


# Conditions -----------------------------------------------------------------------------------------------------------


def test_a_part_that_runs_out_says_what_was_seen_and_what_to_buy(place: Platform) -> None:
    (found,) = conditions(place, rpt_stockout_risk=[stockout()], rpt_replenishment=[plan()])
    assert (found.condition_id, found.owner, found.severity) == ("stockout:BAT@CD01", "compras", "critical")
    assert found.title == "BATERIA BAT (BAT) em CD SALVADOR: acaba em 3 dias"
    assert found.detail.replace("\u00a0", " ") == (
        "Em estoque 4 UN; 0 UN a caminho; ponto de pedido 12 UN; chance de faltar antes da reposição 90 %; "
        "61 torres usam; risco de R$ 1.234,50."
    )
    assert found.action == "Comprar 20 UN de FICTÍCIA LTDA. até 18/06/2026."
    assert found.page == "item/?item=BAT&local=CD01"
    assert found.weight == 1234.5


@pytest.mark.parametrize(
    ("risk", "order", "severity", "said"),
    [
        ({"on_hand_units": Decimal(0), "days_until_stockout": 0}, {}, "critical", ("sem estoque", "Comprar 20 UN")),
        ({"criticality": "essential"}, {}, "warning", ("acaba em 3 dias", "Comprar")),
        ({"days_until_stockout": 8}, {}, "warning", ("acaba em 8 dias", "Comprar")),
        ({"days_until_stockout": 1}, {}, "critical", ("acaba amanhã", "Comprar")),
        ({"days_until_stockout": None}, {}, "warning", ("pode faltar antes da próxima entrega", "Comprar")),
        (
            {"on_order_units": Decimal(9), "next_due_on": date(2026, 7, 1)},
            {"is_below_reorder_point": False},
            "critical",
            ("acaba em 3 dias", "Cobrar a entrega"),
        ),
        ({}, {"order_quantity_units": None}, "critical", ("acaba em 3 dias", "Conferir o item")),
        ({}, {"supplier_name": None, "order_by_on": None}, "critical", ("acaba em 3 dias", "Comprar 20 UN.")),
    ],
)
def test_severity_and_action_follow_what_the_row_says(
    place: Platform, risk: dict[str, Any], order: dict[str, Any], severity: str, said: tuple[str, str]
) -> None:
    title, action = said
    (found,) = conditions(place, rpt_stockout_risk=[stockout(**risk)], rpt_replenishment=[plan(**order)])
    assert found.severity == severity
    assert found.title.endswith(f": {title}")
    assert found.action.startswith(action)


def test_only_red_parts_that_are_likely_to_run_out_are_told_and_none_daily_at_the_limit(place: Platform) -> None:
    rows = [
        stockout("LIKELY", stockout_probability=0.5),
        stockout("BETWEEN", stockout_probability=0.31),
        stockout("UNLIKELY", stockout_probability=0.29),
        stockout("AMBER", risk_state="amber", stockout_probability=0.99),
    ]
    tables = {"rpt_stockout_risk": rows, "rpt_replenishment": [plan(row["item_id"]) for row in rows]}
    assert [found.condition_id for found in conditions(place, **tables)] == ["stockout:LIKELY@CD01"]
    told_before = ["stockout:BETWEEN@CD01", "stockout:UNLIKELY@CD01"]
    assert {found.condition_id for found in conditions(place, told_before, **tables)} == {
        "stockout:LIKELY@CD01",
        "stockout:BETWEEN@CD01",
    }


def test_an_exception_goes_to_its_owner_and_links_to_the_item_it_is_about(place: Platform) -> None:
    orphan, negative = conditions(
        place,
        rpt_exceptions=[
            exception(exception_kind="movement_without_item", entity_id="BAT 1", owner_name="Cadastro"),
            exception(exception_kind="negative_stock", entity_id="BAT 1 / CD01", owner_name="Almoxarifado"),
        ],
    )
    assert (orphan.owner, orphan.severity, orphan.page) == ("cadastro", "warning", "")
    assert orphan.detail == "Último dado de 08/06/2026, há 6 dias. Desde 10/06/2026."
    assert (negative.owner, negative.page) == ("almoxarifado", "item/?item=BAT+1&local=CD01")
    assert negative.title == "Estoque negativo: BAT 1 / CD01"


def test_every_kind_and_owner_of_an_exception_has_its_name() -> None:
    sql = (CHECKOUT / "models/marts/planning/rpt_exceptions.sql").read_text()
    kinds = set(re.findall(r"'(\w+)' as exception_kind", sql))
    owners = set(re.findall(r"'([^']+)' as owner_name", sql))
    assert len(kinds) >= 6
    assert kinds <= set(EXCEPTION_NAMES)
    assert owners <= set(OWNER_NAMES.values())


def test_every_page_that_an_alert_links_to_is_a_page_of_the_report(place: Platform) -> None:
    pages = {path.stem for path in (CHECKOUT / "reports/pages").glob("*.md")}
    found = conditions(place, rpt_stockout_risk=[stockout()], rpt_replenishment=[plan()], rpt_exceptions=[exception()])
    for condition in [*found, *failure_conditions({"inmet": "x"}, data_to=None)]:
        assert (condition.page.partition("/")[0] or "index") in pages


def test_broken_expectations_that_stop_nothing_are_told_by_table_with_what_was_seen(place: Platform) -> None:
    rows = [
        judged(),
        judged(stage="leaves", rule="expect_a", claim_text="", observed_text="lead_time_ratio 1.5", cause_text=""),
        judged(
            table_name="fact_demand", table_title="", stage="built", rule="assert_x", element_count=0, cause_text=""
        ),
        judged(table_name="erp/items", status="passed"),
        judged(table_name="erp/items", status="not_judged"),
        judged(table_name="erp/items", severity="blocking"),
    ]
    suppliers, demand = conditions(place, quality_expectations=rows)
    assert (suppliers.condition_id, suppliers.owner, suppliers.severity) == ("quality:erp/suppliers", "ti", "info")
    assert suppliers.title == "Qualidade dos dados: Fornecedores (erp/suppliers)"
    assert suppliers.detail == (
        "O país é um código de duas letras (ISO 3166): 3 de 40 linhas. expect_a: lead_time_ratio 1.5."
    )
    assert suppliers.action == "Conferir na fonte. Nome do país por extenso no cadastro."
    assert demand.title == "Qualidade dos dados: fact_demand (fact_demand)"
    assert demand.detail == "O país é um código de duas letras (ISO 3166): 3 linhas."
    worse = conditions(place, quality_expectations=[*rows, judged(rule="expect_b")])[0]
    same = conditions(place, quality_expectations=[judged(unexpected_count=4), rows[1]])[0]
    assert worse.state != suppliers.state == same.state


def test_a_source_is_told_from_the_day_on_which_it_is_older_than_it_promises_and_once_for_its_tables(
    place: Platform,
) -> None:
    rows = [
        source(),
        source(table_name="stations", is_judged=False, latest_data_on=TODAY - 90 * DAY),
        source(source_name="uploads", table_name="purchase_lines", expected_age_days=None),
        source(source_name="erp", table_name="inventory", source_label="ERP", expected_age_days=1),
        source(source_name="erp", table_name="requisitions", source_label="ERP", is_judged=False),
    ]
    assert conditions(place, rpt_data_freshness=rows) == []
    assert conditions(place, today=TODAY + DAY, rpt_data_freshness=rows) == []
    (stock,) = conditions(place, today=TODAY + 2 * DAY, rpt_data_freshness=rows)
    assert (stock.condition_id, stock.owner, stock.severity) == ("freshness:erp", "ti", "warning")
    assert stock.title == "Dados atrasados: ERP"
    assert stock.detail == "inventory: último dado de 14/06/2026, há 2 dias; o normal é até 1 dia."
    told_by_gold = [exception(entity_id="erp.requisitions"), exception(entity_id="inmet.stations")]
    erp, inmet = conditions(place, today=TODAY + 2 * DAY, rpt_data_freshness=rows, rpt_exceptions=told_by_gold)
    assert (erp.condition_id, erp.state) == ("freshness:erp", "inventory requisitions")
    assert inmet.detail == "stations: último dado de 17/03/2026, há 91 dias."


def test_a_source_that_never_sent_anything_is_told_as_such(place: Platform) -> None:
    empty = source(latest_data_on=None, row_count=0)
    (told,) = conditions(place, rpt_data_freshness=[empty], rpt_exceptions=[exception()])
    assert told.detail == "observations: nenhum dado recebido."


# Told once ------------------------------------------------------------------------------------------------------------


def test_without_settings_alerts_are_files_in_the_data_folder_and_told_once(place: Platform) -> None:
    settings = alerting.alert_settings(place, {})
    rows: dict[str, Any] = {"rpt_stockout_risk": [stockout()], "rpt_replenishment": [plan()]}
    publish(place, MORNING, **rows)
    events, message = alerting.preview(place, settings, MORNING, today=TODAY)
    assert len(events) == 1
    assert message is not None
    assert not place.alerts.exists()

    alerting.tell_publication(place, settings, MORNING, today=TODAY)
    assert alerting.preview(place, settings, MORNING, today=TODAY) == ([], None)
    alerting.tell_publication(place, settings, MORNING + DAY, today=TODAY)
    (text,) = messages(place)
    assert "http://127.0.0.1:8080/item/?item=BAT&local=CD01" in text

    publish(place, MORNING + DAY)
    alerting.tell_publication(place, settings, MORNING + DAY, today=TODAY)
    assert "[Resolvido, crítico] BATERIA BAT" in messages(place)[-1]
    assert "O que fazer" not in messages(place)[-1]


def test_data_that_grow_old_are_told_though_nothing_is_published_anew(place: Platform) -> None:
    settings = alerting.alert_settings(place, {})
    assert not alerting.is_telling_due(place, settings, MORNING, today=TODAY)
    publish(place, MORNING, rpt_data_freshness=[source()], quality_expectations=[judged()])
    alerting.tell_publication(place, settings, MORNING, today=TODAY)
    assert not alerting.is_telling_due(place, settings, MORNING + 3 * DAY, today=TODAY + 3 * DAY)
    assert alerting.is_telling_due(place, settings, MORNING + 4 * DAY, today=TODAY + 4 * DAY)
    alerting.tell_publication(place, settings, MORNING + 4 * DAY, today=TODAY + 4 * DAY)
    assert not alerting.is_telling_due(place, settings, MORNING + 4 * DAY, today=TODAY + 4 * DAY)
    publish(place, MORNING + 5 * DAY, rpt_data_freshness=[source(latest_data_on=TODAY + 4 * DAY)])
    told = alerting.tell_publication(place, settings, MORNING + 5 * DAY, today=TODAY + 5 * DAY)
    assert [(event.change.value, event.condition.condition_id) for event in told.events] == [
        ("cleared", "freshness:inmet"),
        ("cleared", "quality:erp/suppliers"),
    ]


def test_nothing_published_is_an_error_and_not_an_all_clear(place: Platform) -> None:
    with pytest.raises(gold.PublicationError, match="nothing is published"):
        alerting.tell_publication(place, AlertSettings(), MORNING, today=TODAY)


# Runs that fail -------------------------------------------------------------------------------------------------------

DOWN = (
    "inmet/observations [2026-06-14, station A401] is unavailable: no answer within 30 s. What to do: run again later."
)


def outcome(error: str | None = None) -> StepOutcome:
    return StepOutcome(error=error)


def test_two_tables_of_a_source_that_is_down_are_one_cause() -> None:
    steps = {
        "erp": outcome("column unit_cost is gone"),
        "inmet__observations": outcome(DOWN),
        "inmet__stations": outcome(DOWN.replace("observations", "stations")),
        "bacen__ptax_quotes": outcome(),
    }
    told = {"erp": "column unit_cost is gone", "inmet": f"{DOWN}\nLikewise inmet/stations."}
    assert causes(steps) == (told, {"bacen"})


def test_two_tables_of_a_source_that_fail_for_different_reasons_are_both_told() -> None:
    steps = {"inmet__observations": outcome(DOWN), "inmet__stations": outcome("a column is gone")}
    assert causes(steps) == ({"inmet": f"{DOWN}\na column is gone"}, set())


def test_a_failed_run_tells_each_cause_once_until_it_is_mended(place: Platform) -> None:
    settings = alerting.alert_settings(place, {})
    publish(place, MORNING - DAY)
    failed = {"inmet": DOWN, "erp": "column unit_cost is gone"}
    alerting.tell_run(place, settings, MORNING, failed=failed, succeeded={"bacen"})
    (text,) = messages(place)
    assert text.count("Carga diária parada") == 2
    assert "Carga diária parada: INMET" in text
    assert DOWN in text
    assert "segue publicada a versão com dados até 13/06/2026" in text

    later = {"inmet": DOWN.replace("2026-06-14", "2026-06-15")}
    told = alerting.tell_run(place, settings, MORNING + DAY, failed=later, succeeded=set())
    assert told.events == []  # the same trouble; the run did not come to the ERP, which stays open

    told = alerting.tell_run(place, settings, MORNING + DAY, failed={"inmet": "INMET sent HTML"}, succeeded={"erp"})
    assert [(event.change.value, event.condition.condition_id) for event in told.events] == [
        ("changed", "run:inmet:failed"),
        ("cleared", "run:erp:failed"),
    ]
    assert alerting.tell_publication(place, settings, MORNING + DAY, today=TODAY).events == []
    told = alerting.tell_run(place, settings, MORNING + DAY, failed={}, succeeded={"inmet", "erp", "warehouse"})
    assert [event.change.value for event in told.events] == ["cleared"]


def test_a_run_leaves_stockouts_open_and_a_publication_leaves_other_failures(place: Platform) -> None:
    settings = alerting.alert_settings(place, {})
    publish(place, MORNING, rpt_stockout_risk=[stockout()], rpt_replenishment=[plan()])
    alerting.tell_publication(place, settings, MORNING, today=TODAY)
    told = alerting.tell_run(place, settings, MORNING, failed={"report": "npm failed"}, succeeded={"gold"})
    assert [event.condition.condition_id for event in told.events] == ["run:report:failed"]
    assert alerting.tell_publication(place, settings, MORNING, today=TODAY).events == []


# The managers' week ---------------------------------------------------------------------------------------------------

OWNERS_OF_CHANNELS: list[tuple[str, tuple[str, ...]]] = [
    ("todos", ()),
    ("gerentes", ("diretoria", "compras")),
    ("compradores", ("compras",)),
]
WEEK = {
    "rpt_replenishment": [
        plan(on_hand_units=Decimal(0)),
        plan("CABO", criticality="essential", order_value_brl=Decimal("2500.00")),
        plan("FUSIVEL", status="ok", order_value_brl=None),
    ],
    "rpt_excess": [{"excess_value_brl": Decimal("700.00")}],
    "fact_purchase_orders": [
        {"is_overdue": True, "open_units": 3.0, "unit_price_brl": 100.0},
        {"is_overdue": True, "open_units": 0.0, "unit_price_brl": 100.0},
        {"is_overdue": False, "open_units": 5.0, "unit_price_brl": 100.0},
    ],
    "rpt_service_level": [
        {"month_on": date(2026, 4, 1), "lines_met_count": 1, "demand_lines_count": 100},
        {"month_on": date(2026, 5, 1), "lines_met_count": 90, "demand_lines_count": 100},
        {"month_on": date(2026, 5, 1), "lines_met_count": 60, "demand_lines_count": 100},
        {"month_on": date(2026, 6, 1), "lines_met_count": 0, "demand_lines_count": 100},
    ],
    "rpt_sla": [
        {"month_on": date(2026, 5, 1), "penalty_brl": Decimal("1500.00")},
        {"month_on": date(2026, 6, 1), "penalty_brl": Decimal("9999.00")},
    ],
    "rpt_exceptions": [exception()],
}


def test_the_week_sums_up_gold_beside_the_week_before_and_goes_out_once(place: Platform) -> None:
    settings = alerting.alert_settings(place, {})
    publish(place, MORNING - 8 * DAY, rpt_replenishment=[plan()])
    publish(place, MORNING - 3 * DAY, rpt_replenishment=[plan(), plan("X")])
    publish(place, MORNING, **WEEK)
    message = weekly_message(GoldStore(place.gold_root), report_url="http://r")
    report = place.data / message.attachments[0]
    report.write_text("<!doctype html>")
    alerts = GoldStore(place.alerts_root)

    assert announce_week(alerts, settings, message, MORNING, report=report) == ["file"]
    assert announce_week(alerts, settings, message, MORNING + DAY, report=report) == []
    assert len(send_pending(alerts, settings, MORNING).sent) == 1
    assert announce_week(alerts, settings, message, MORNING + 6 * DAY, report=report) == []
    (text,) = messages(place)
    assert "dados até 14/06/2026 (entre parênteses, até 06/06/2026)" in text
    text = text.replace("\u00a0", " ")
    for line in (
        "Itens a comprar: 2 (1)",
        "Valor das compras sugeridas: R$ 7.500,00 (R$ 5.000,00)",
        "Itens sem estoque: 1 (0)",
        "… dos quais vitais: 1 (0)",
        "Linhas de pedido em atraso: 1 (0)",
        "Valor em atraso: R$ 300,00 (R$ 0,00)",
        "Valor em estoque: R$ 2.000,00 (R$ 1.000,00)",
        "… do qual em excesso: R$ 700,00 (R$ 0,00)",
        "Requisições atendidas na hora, último mês fechado: 75 % (–)",
        "Multas de SLA, último mês fechado: R$ 1.500,00 (–)",
        "Exceções a resolver: 1 (0)",
        "vai anexado em nova-corrente-2026-06-14.html",
    ):
        assert line in text
    assert [path.read_text() for path in place.alerts.glob("*-nova-corrente-2026-06-14.html")] == ["<!doctype html>"]
    assert announce_week(alerts, settings, message, MORNING + 7 * DAY, report=report) == ["file"]


def test_the_week_goes_to_the_channels_that_managers_read(place: Platform) -> None:
    publish(place, MORNING, **WEEK)
    channels = [ChannelSettings("slack", name, owners, {"url": "http://x"}) for name, owners in OWNERS_OF_CHANNELS]
    message = weekly_message(GoldStore(place.gold_root), report_url="")
    report = place.data / message.attachments[0]
    report.write_text("<!doctype html>")
    told = announce_week(GoldStore(place.alerts_root), AlertSettings(tuple(channels)), message, MORNING, report=report)
    assert told == ["todos", "gerentes"]
    assert "http" not in message.text


def test_the_week_of_gold_without_a_closed_day_is_refused(place: Platform) -> None:
    publish(place, MORNING)
    pointer_file = Path(place.gold_root) / "current.json"
    pointer_file.write_text(json.dumps({**json.loads(pointer_file.read_text()), "as_of_on": None}))
    with pytest.raises(gold.PublicationError, match="no closed day"):
        alerting.tell_week(place, AlertSettings(), MORNING)


def test_gold_of_earlier_models_is_named(place: Platform) -> None:
    pointer = publish(place, MORNING)
    del pointer["tables"]["rpt_exceptions"]
    with pytest.raises(gold.PublicationError, match="has no table rpt_exceptions"):
        published_conditions(place.gold_root, pointer, StockoutLimits(), open_ids=[], today=TODAY)


def test_the_columns_of_these_samples_are_columns_of_the_marts(place: Platform) -> None:
    refresh_manifest(place)
    manifest = json.loads(DBT_MANIFEST.read_text())
    for name, schema in SCHEMAS.items():
        columns = manifest["nodes"][f"model.nova_corrente.{name}"]["columns"]
        assert set(schema.names) <= set(columns), name
