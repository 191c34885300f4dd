"""The report as a reader meets it: built once from gold, opened in a real Chromium with the network cut off.

Two sites are read by the same tests: one built from look-alike gold (see ``gold_sample``), which has what real data
rarely have, and the one that the first daily run of this session built from what it published (see ``conftest``).
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from .gold_sample import HOSTILE_NAME, lead_time_demand_quantile, write_sample_gold
from .site import REPORTS, Site, build, page_addresses

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What gold says of the headline figures of a page, by the name that the figure has on it.
HEADLINES = {
    "/ruptura/": """
        select count(*) filter (where risk_state = 'red') as red_lines,
               count(*) filter (where risk_state = 'red' and is_soon) as red_soon_lines,
               count(*) filter (where risk_state = 'amber') as amber_lines,
               count(*) filter (where risk_state = 'green') as green_lines,
               (select count(*) from {rpt_tower_exposure} where soon_vital_items_count > 0) as exposed_towers,
               (select count(distinct contract_id) from {rpt_tower_exposure} where soon_vital_items_count > 0)
                   as exposed_contracts
        from {rpt_stockout_risk}""",
    "/excesso/": """
        select sum(excess_value_brl) as excess_value_brl,
               sum(stock_value_brl) filter (where is_obsolete) as obsolete_value_brl,
               sum(transfer_value_brl) filter (where transfer_units > 0) as transfer_value_brl,
               sum(on_order_value_brl) filter (where on_order_units > 0) as on_order_value_brl,
               (select sum(saving_brl) from {rpt_pooling}) as pooling_saving_brl
        from {rpt_excess}""",
    "/fornecedores/": """
        select sum(kept_lines_count) / sum(judged_lines_count) as kept_share,
               sum(bias_days * received_lines_count) / sum(received_lines_count) as bias_days,
               sum(published_p85_coverage * published_lines_count) / sum(published_lines_count) as p85_coverage,
               sum(overdue_lines_count) as overdue_lines, max(longest_overdue_days) as longest_overdue_days
        from {rpt_supplier_performance}""",
    "/previsao/": """
        select forecast_value_added, wape, bias, coverage_q95, forecasts_count
        from {rpt_forecast_accuracy} where level_name = 'total' and not is_challenger
        order by forecast_value_added desc nulls last, forecast_source, forecast_model_version limit 1""",
}

# The first table of a page under filters: its address, two columns of its files, and the same rows asked of gold.
DOWNLOADS = {
    "/ruptura/?estado=red&criticidade=vital": (
        ("Código", "Código do local"),
        """
        select item_id, location_id from {rpt_stockout_risk} where risk_state = 'red' and criticality = 'vital'
        order by days_until_stockout nulls last, stockout_probability desc nulls last, item_id, location_id""",
    ),
    "/excesso/?acao=move": (
        ("Código", "Código do local"),
        """
        select item_id, location_id from {rpt_excess} where transfer_units > 0 and on_order_units = 0
        order by excess_value_brl desc nulls last, stock_value_brl desc nulls last, item_id, location_id""",
    ),
    "/fornecedores/?situacao=overdue": (
        ("Código",),
        """
        select supplier_id from {rpt_supplier_performance} where overdue_lines_count > 0
        order by overdue_value_brl desc, bias_days desc nulls last, supplier_id""",
    ),
    "/previsao/": (
        ("Fonte", "Versão"),
        """
        select forecast_source, forecast_model_version from {rpt_forecast_accuracy} where level_name = 'total'
        order by is_challenger, forecast_value_added desc nulls last, forecast_source, forecast_model_version""",
    ),
}


def home(pages: list[dict[str, Any]]) -> dict[str, Any]:
    """The home page as seen at a desk."""
    return next(page for page in pages if page["page"] == "/" and page["width"] == 1440)


def test_no_page_reports_an_error(pages: list[dict[str, Any]]) -> None:
    for page in pages:
        assert page["consoleErrors"] == [], page["address"]
        assert page["failedAnswers"] == [], page["address"]


def test_no_page_asks_anything_outside_this_machine(pages: list[dict[str, Any]]) -> None:
    for page in pages:
        assert page["blockedRequests"] == [], page["address"]


def test_pages_are_portuguese_and_fit_their_width(pages: list[dict[str, Any]]) -> None:
    for page in pages:
        assert page["lang"] == "pt-BR"
        assert page["overflow"] <= 0, f"{page['address']} is wider than {page['width']} pixels"
        for english in ("Search", "Download", "Loading", "Page Not Found", "undefined", "NaN", "null", "[object"):
            assert english not in page["text"], f"{english!r} on {page['address']}"


def test_screenshots_are_kept(pages: list[dict[str, Any]]) -> None:
    assert len(pages) == 2 * (len(page_addresses()) + 1)
    for page in pages:
        assert Path(page["screenshot"]).stat().st_size > 10_000


def test_headline_numbers_equal_those_of_gold(site: Site, pages: list[dict[str, Any]]) -> None:
    ((order_items, order_value, out, in_7, in_30),) = site.ask(
        """
        select count(distinct case when status = 'order_now' then item_id end),
               coalesce(sum(case when status = 'order_now' then order_value_brl end), 0),
               count(distinct case when on_hand_units <= 0 and demand_mean_units_per_day > 0 then item_id end),
               count(distinct case when on_hand_units > 0 and stockout_on - planning_on <= 7 then item_id end),
               count(distinct case when on_hand_units > 0 and stockout_on - planning_on <= 30 then item_id end)
        from {rpt_replenishment}
        """
    )
    ((overdue,),) = site.ask("select count(*) from {fact_purchase_orders} where is_overdue and open_units > 0")
    figures = home(pages)["figures"]
    # the banner of stale sources has a test of its own
    numbers = {name: figure["value"] for name, figure in figures.items() if name != "stale_sources"}
    shown = {name: float(value) for name, value in numbers.items() if value is not None}
    assert shown == {
        "order_items": order_items,
        "order_value_brl": pytest.approx(float(order_value), abs=0.005),
        "out_items": out,
        "out_in_7_items": in_7,
        "out_in_30_items": in_30,
        "overdue_lines": overdue,
    }
    # What is read is the number that was compared, written the Brazilian way.
    assert figures["order_items"]["text"] == f"{order_items:,}".replace(",", ".")
    assert figures["order_value_brl"]["text"].startswith("R$")


def test_a_banner_on_every_page_names_stale_sources_and_no_others(site: Site, pages: list[dict[str, Any]]) -> None:
    """The look-alike has a source that stopped and one that nobody uses; an installation of today has none."""
    rows = site.ask(
        """
        select source_label, max(as_of_on - age_days + expected_age_days + 1), max(as_of_on - age_days)
        from {rpt_data_freshness} where is_judged and age_days > expected_age_days group by source_label
        """
    )
    assert [label for label, *_ in rows] == (["INMET (clima)"] if site.shots.name == "sample" else [])
    for page in pages:
        if not rows:
            assert "stale_sources" not in page["figures"], page["address"]
            continue
        ((label, since, latest),) = rows
        banner = page["figures"]["stale_sources"]
        assert banner["value"] == "1", page["address"]
        assert label in banner["text"]
        assert f"atrasada desde {since:%d/%m/%Y}, com dados até {latest:%d/%m/%Y}" in banner["text"]
        assert "As compras não dependem do clima" in banner["text"]


@pytest.mark.parametrize("address", HEADLINES)
def test_headline_of_each_page_is_that_of_gold(site: Site, pages: list[dict[str, Any]], address: str) -> None:
    names, rows = site.ask_named(HEADLINES[address])
    if not rows:
        pytest.skip("this gold has nothing that the headline could show")
    for page in (page for page in pages if page["page"] == address):
        shown = {name: page["figures"][name]["value"] for name in names}
        assert {name: value if value is None else float(value) for name, value in shown.items()} == {
            name: value if value is None else pytest.approx(float(value), abs=0.005)
            for name, value in zip(names, rows[0], strict=True)
        }


@pytest.mark.parametrize("address", DOWNLOADS)
def test_downloads_of_each_page_are_complete_and_harmless(site: Site, chromium: None, address: str) -> None:
    """CSV and XLSX hold every row of the filtered table in its order, and no text that a spreadsheet would compute."""
    names, query = DOWNLOADS[address]
    rows = [tuple(map(str, row)) for row in site.ask(query)]
    if not rows:
        pytest.skip("no such row in this gold, so there is no file to compare")
    (page,) = site.inspect("--download", "--workbook", address)
    table = list(csv.DictReader(io.StringIO(page["download"].lstrip("\ufeff")), delimiter=";"))
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(page["workbook"]))).active
    header, *lines = sheet.iter_rows()
    book = [{str(head.value): cell for head, cell in zip(header, line, strict=True)} for line in lines]
    assert [tuple(line[name] for name in names) for line in table] == rows
    assert [tuple(str(line[name].value) for name in names) for line in book] == rows
    cells = [cell for line in table for cell in line.values()]
    assert not [cell for cell in cells if re.match(r"[=+@]|-(?![\d,e-]+$)", cell)]
    assert not [cell.coordinate for line in book for cell in line.values() if cell.data_type == "f"]
    assert page["tableRows"][0] == min(len(rows), 15)
    assert page["consoleErrors"] == []


def test_home_says_which_data_it_shows(site: Site, pages: list[dict[str, Any]]) -> None:
    ((as_of_on,),) = site.ask("select max(as_of_on) from {rpt_replenishment}")
    assert home(pages)["figures"]["as_of_on"]["text"] == f"{as_of_on:%d/%m/%Y}"
    assert site.version in home(pages)["text"]


def test_first_item_of_the_buy_list_opens_its_page(site: Site, chromium: None) -> None:
    rows = site.ask("select count(*) from {rpt_replenishment} where status = 'order_now'")
    if rows == [(0,)]:
        pytest.skip("nothing to order in this gold, so the home page links to no item")
    (page,) = site.inspect("--click", "main table tbody a", "/")
    match = re.search(r"/item/\?item=([^&]+)&local=([^&]+)$", page["address"])
    assert match, page["address"]
    assert page["consoleErrors"] == []
    ((name, quantity, safety),) = site.ask(
        "select item_name, order_quantity_units, safety_stock_units from {rpt_replenishment} "
        f"where item_id = '{match[1]}' and location_id = '{match[2]}'"
    )
    assert name in page["title"]
    assert float(page["figures"]["order_quantity_units"]["value"]) == float(quantity)
    shown = page["figures"]["safety_stock_units"]["text"].split()[0].replace(".", "").replace(",", ".")
    assert float(shown) == pytest.approx(float(safety), abs=0.06)


def test_arithmetic_of_an_item_is_that_of_gold(site: Site, chromium: None) -> None:
    """Every figure is gold's, and the reorder point is the quantile that the page says it is."""
    ((item, location, *known),) = site.ask(
        """
        select item_id, location_id, protection_mean_units, protection_variance_units, service_level,
               computed_reorder_point_units, safety_stock_units, risk_brl, holding_rate_per_year, unit_cost_brl,
               economic_order_quantity_units, units_per_line, annual_demand_units, stocked_out_line_cost_brl,
               criticality_weight
        from {rpt_replenishment}
        where policy = 'cost_based' and not is_overridden and not is_forecast_driven
              and computed_reorder_point_units > 0
        order by protection_variance_units desc, item_id, location_id
        limit 1
        """
    )
    mean, variance, level, point, safety, risk, *costs = map(float, known)
    holding, unit_cost, lot, line, annual, line_cost, weight = costs
    assert level == pytest.approx(
        min(max(1 - holding * unit_cost * lot * line / (annual * line_cost * weight), 0.5), 0.999)
    )
    assert point == lead_time_demand_quantile(level, mean, variance)
    (page,) = site.inspect(f"/item/?item={item}&local={location}")
    figures = page["figures"]
    assert figures["policy"]["text"] == "Nível de serviço pelo custo"
    assert {
        name: float(figures[name]["value"])
        for name in (
            "protection_mean_units",
            "protection_variance_units",
            "service_level",
            "computed_reorder_point_units",
            "safety_stock_units",
            "risk_brl",
        )
    } == {
        "protection_mean_units": pytest.approx(mean),
        "protection_variance_units": pytest.approx(variance),
        "service_level": pytest.approx(level),
        "computed_reorder_point_units": point,
        "safety_stock_units": pytest.approx(safety),
        "risk_brl": pytest.approx(risk),
    }
    distribution = "F binomial negativa" if variance > mean else "F de Poisson"
    assert distribution in page["text"]
    assert figures["computed_reorder_point_units"]["text"].split()[0] == f"{point:,.0f}".replace(",", ".")


def test_download_holds_every_row_of_the_table(site: Site, chromium: None) -> None:
    ((rows,),) = site.ask("select count(*) from {rpt_replenishment} where status = 'order_now'")
    if rows == 0:
        pytest.skip("nothing to order in this gold, so there is no table to download")
    (page,) = site.inspect("--download", "/")
    lines = page["download"].lstrip("\ufeff").splitlines()
    assert len(lines) == rows + 1
    assert lines[0].startswith("Item;Local;Fornecedor;Comprar;")


def test_filters_of_the_buy_list_stand_in_the_address(site: Site, chromium: None) -> None:
    """An address opens the list as it was filtered, and the totals are those of gold under the same filter."""
    lines = site.ask("select distinct location_id from {rpt_replenishment} where status = 'order_now' order by all")
    if not lines:
        pytest.skip("nothing to order in this gold, so there is nothing to filter")
    location = lines[0][0]
    (page,) = site.inspect("--select", f"select[name=local]={location}", "/compras/?situacao=order_now")
    assert page["address"].endswith(f"/compras/?situacao=order_now&local={location}")
    ((count, value, risk, unknown),) = site.ask(
        f"""
        select count(*), sum(order_value_brl), sum(risk_brl), count(*) - count(order_value_brl)
        from {{rpt_replenishment}} where status = 'order_now' and location_id = '{location}'
        """
    )
    (again,) = site.inspect(page["address"][page["address"].index("/compras/") :])
    for seen in (page, again):
        figures = seen["figures"]
        assert int(figures["purchase_lines"]["value"]) == count
        assert float(figures["purchase_value_brl"]["value"]) == pytest.approx(float(value), abs=0.005)
        assert float(figures["purchase_risk_brl"]["value"]) == pytest.approx(float(risk), abs=0.005)
        assert int(figures["unknown_cost_lines"]["value"]) == unknown
        assert seen["tableRows"] == [min(count, 15)]
        assert seen["consoleErrors"] == []


def test_two_clicks_lead_from_the_morning_to_the_reason_of_a_quantity(site: Site, chromium: None) -> None:
    """What must be ordered at a location today, and why this quantity: Hoje, its list in Compras, the item."""
    places = site.ask(
        "select location_id, location_name, count(*), sum(order_value_brl) from {rpt_replenishment} "
        "where status = 'order_now' group by all order by all"
    )
    if len(places) < 2:
        pytest.skip("one location orders today: the morning's list is its list")
    location, name, lines, value = places[0]
    list_of_place, item_of_list = f".places a:text-is('{name}')", "main tbody tr:first-child a"
    (bought,) = site.inspect("--click", list_of_place, "/")
    assert bought["address"].endswith(f"/compras/?situacao=order_now&local={location}")
    assert int(bought["figures"]["purchase_lines"]["value"]) == lines
    assert float(bought["figures"]["purchase_value_brl"]["value"]) == pytest.approx(float(value), abs=0.005)

    (explained,) = site.inspect("--click", list_of_place, "--click", item_of_list, "/")
    ((item, reason, *known),) = site.ask(
        f"""
        select item_id, reason_text,
               order_quantity_units, position_units, reorder_point_units, risk_brl, order_priority,
               order_quantity_units
        from {{rpt_replenishment}} where status = 'order_now' and location_id = '{location}'
        order by order_priority nulls last, order_by_on nulls first, item_id limit 1
        """
    )
    assert explained["address"].endswith(f"/item/?item={item}&local={location}")
    # the reason in words, the figures it names, and the same quantity at the end of the arithmetic
    assert reason in explained["text"]
    names = ("order_quantity_units", "position_units", "reorder_point_units", "risk_brl", "order_priority")
    shown = [explained["figures"][name]["value"] for name in (*names, "arithmetic_order_quantity_units")]
    assert [float(value) for value in shown] == [pytest.approx(float(value)) for value in known]
    assert bought["consoleErrors"] == explained["consoleErrors"] == []


def test_downloads_of_the_buy_list_are_complete_under_the_filter(site: Site, chromium: None) -> None:
    rows = site.ask(
        """
        select item_id, location_id, order_quantity_units, order_value_brl, order_by_on from {rpt_replenishment}
        where status = 'order_now' and criticality = 'vital' order by order_priority
        """
    )
    if not rows:
        pytest.skip("nothing vital to order in this gold, so there is no list to download")
    (page,) = site.inspect("--download", "--workbook", "/compras/?situacao=order_now&criticidade=vital")
    table = list(csv.DictReader(io.StringIO(page["download"].lstrip("\ufeff")), delimiter=";"))
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(page["workbook"]))).active
    header, *cells = sheet.iter_rows(values_only=True)
    book = [dict(zip(header, line, strict=True)) for line in cells]
    assert list(table[0]) == list(header)
    assert [(line["Código"], line["Código do local"]) for line in table] == [row[:2] for row in rows]
    assert [
        (line["Código"], line["Código do local"], line["Comprar"], line["Valor"], line["Comprar até"].date())
        for line in book
    ] == [
        (item, location, float(quantity), value if value is None else pytest.approx(float(value)), due)
        for item, location, quantity, value, due in rows
    ]
    assert page["workbookName"].endswith(".xlsx")
    assert page["consoleErrors"] == []


def test_engine_in_the_browser_needs_no_network(site: Site, chromium: None) -> None:
    (page,) = site.inspect("--query", "select count(*) as lines from gold.replenishment", "/como-ler/")
    assert page["queryRows"] == [{"lines": site.ask("select count(*) from {rpt_replenishment}")[0][0]}]
    assert page["blockedRequests"] == []
    assert page["failedAnswers"] == []


def test_unchanged_gold_builds_nothing(sample_site: Site) -> None:
    stamp = sample_site.folder / "build.json"
    before = stamp.stat().st_mtime_ns
    build(sample_site.gold, sample_site.folder)
    assert stamp.stat().st_mtime_ns == before


def test_new_gold_is_rendered_with_the_code_that_is_there(sample_site: Site, tmp_path: Path) -> None:
    gold = write_sample_gold(tmp_path / "gold", items=12, days=60, nothing_to_buy=True)
    said = build(gold, tmp_path / "site")
    assert "Compiling" not in said
    assert "pages rendered" in said

    def code(folder: Path) -> list[str]:
        return sorted(str(file.relative_to(folder)) for file in (folder / "_app").rglob("*"))

    version = Site(tmp_path / "site", gold, tmp_path).version
    assert code(tmp_path / "site") == code(sample_site.folder)
    assert [folder.name for folder in (tmp_path / "site" / "data" / "gold").iterdir()] == [version]
    assert len(list((tmp_path / "site" / "items").iterdir())) == 12
    assert (tmp_path / "site" / "index.html").read_text() != (sample_site.folder / "index.html").read_text()
    stored = {file.name for file in (tmp_path / "site" / "api" / "prerendered_queries").iterdir()}
    answers = [json.loads(file.read_text()) for file in (tmp_path / "site" / "api").rglob("all-queries.json")]
    assert stored >= {f"{answer}.arrow" for page in answers for answer in page.values()}


def test_code_is_compiled_again_when_a_file_of_the_report_changes(tmp_path: Path, node: None) -> None:
    copied = tmp_path / "reports"
    shutil.copytree(REPORTS, copied, ignore=shutil.ignore_patterns("node_modules", ".evidence", "build"))

    def digest() -> str:
        ask = "console.log((await import('./scripts/compile.mjs')).codeDigest())"
        command = ["node", "--input-type=module", "--eval", ask, "unused"]
        environment = {**os.environ, "REPORT_DIR": str(tmp_path / "site" / "components")}
        return subprocess.run(command, cwd=copied, env=environment, capture_output=True, text=True, check=True).stdout

    before = digest()
    assert digest() == before
    (copied / "node_modules").mkdir()
    (copied / "node_modules" / "installed.js").write_text("")
    assert digest() == before
    (copied / "components" / "new.js").write_text("")
    assert digest() != before


class TestLookAlikeGold:
    """What only the look-alike can show: hostile names, and gold with nothing in it."""

    def test_hostile_name_is_text_and_nothing_else(self, sample_site: Site, chromium: None) -> None:
        (page,) = sample_site.inspect("--search", "script alert", "/")
        assert HOSTILE_NAME[:40] in page["text"]
        assert page["tableRows"][0] == 1
        assert page["consoleErrors"] == []
        (page,) = sample_site.inspect("/item/?item=000103")
        assert page["title"].startswith("<script>")
        assert page["consoleErrors"] == []

    def test_unknown_cost_and_an_empty_filter_do_not_look_alike(self, sample_site: Site, chromium: None) -> None:
        ((item, location),) = sample_site.ask(
            "select item_id, location_id from {rpt_replenishment} "
            "where status = 'order_now' and order_value_brl is null order by all limit 1"
        )
        unknown, nothing = sample_site.inspect(
            f"/compras/?situacao=order_now&busca={item}&local={location}", "/compras/?local=L99"
        )
        assert unknown["figures"]["purchase_lines"]["value"] == "1"
        assert unknown["figures"]["purchase_value_brl"]["text"] == "–"
        assert unknown["figures"]["unknown_cost_lines"]["text"] == "1 linha de custo desconhecido, fora do total"
        assert nothing["figures"]["purchase_lines"]["value"] == "0"
        assert nothing["figures"]["purchase_value_brl"]["text"].endswith("0,00")
        assert "Nada encontrado" in nothing["text"]
        assert unknown["consoleErrors"] == nothing["consoleErrors"] == []

    def test_arithmetic_is_that_of_the_policy_in_force(self, sample_site: Site, chromium: None) -> None:
        claims = {
            "policy = 'cycle_service'": ["Nível de serviço fixo", "menor k com F(k) ≥ p"],
            "policy = 'fill_rate'": ["Taxa de atendimento", "s = μ + k · √v"],
            "policy = 'legacy'": ["Fórmula antiga", "1,96 · σ · √L"],
            "policy = 'min_max'": ["Cobertura em dias", "cobertura mínima", "cobertura máxima"],
            "is_overridden": ["Ponto definido pelo planejamento", "coordenação de materiais: troca de fornecedor"],
            "is_forecast_driven": ["Conduzida por previsão", "modelo-externo 2.1"],
            "undershoot_mean_units > 0": ["μ = d · τ + u", "+ vm + vu"],
        }
        rows = [
            sample_site.ask(
                "select item_id, location_id, reorder_point_units, is_overridden or is_forecast_driven "
                f"from {{rpt_replenishment}} where {row} and demand_mean_units_per_day > 0 order by all limit 1"
            )[0]
            for row in claims
        ]
        pages = sample_site.inspect(*(f"/item/?item={item}&local={location}" for item, location, *_ in rows))
        for page, words, (_, _, point, is_changed) in zip(pages, claims.values(), rows, strict=True):
            for word in words:
                assert word in page["text"], word
            figure = "reorder_point_in_force_units" if is_changed else "computed_reorder_point_units"
            assert float(page["figures"][figure]["value"]) == float(point)
            assert page["consoleErrors"] == []

    @pytest.mark.parametrize("emptied", ["nothing_to_buy", "no_replenishment", "no_results"])
    def test_every_page_query_answers_on_empty_gold(self, emptied: str, tmp_path: Path, node: None) -> None:
        gold = write_sample_gold(tmp_path / "gold", items=12, days=60, **{emptied: True})
        answer = subprocess.run(
            ["node", "scripts/sources.mjs"],
            cwd=REPORTS,
            env={**os.environ, "GOLD_ROOT": str(gold), "REPORT_STATIC": str(tmp_path / "static")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        (database,) = (tmp_path / "static" / "data").glob("gold/*/gold.duckdb")
        with duckdb.connect() as con:
            con.execute(f"attach '{database}' as gold (read_only)")
            rows = {
                path.stem: con.execute(re.sub(r"\bgold\.", "gold.main.", path.read_text(encoding="utf-8"))).fetchall()
                for path in sorted((REPORTS / "queries").glob("*.sql"))
            }
        results = ("service_months", "service_cost", "sla_periods", "sla_towers", "demand_drivers", "policy_frontier")
        for query in results if emptied == "no_results" else ("buy_list",):
            assert rows[query] == [], query
        assert len(rows["headline"]) == 1
        assert len(rows["publication"]) == 1
        assert rows["headline"][0][0] == (0 if emptied == "no_replenishment" else 24)
        assert len(rows["data_freshness"]) == 6
