"""Service, contracts, drivers and the policy experiment: what these pages say is what gold holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from .gold_sample_results import HOSTILE_CLIENT
from .site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def value(page: dict[str, Any], figure: str) -> float:
    """A figure as the page got it from gold."""
    return float(page["figures"][figure]["value"])


def at_desk(pages: list[dict[str, Any]], address: str) -> dict[str, Any]:
    """A page as seen at a desk."""
    return next(page for page in pages if page["page"] == address and page["width"] == 1440)


def test_service_of_the_last_closed_month_is_that_of_gold(site: Site, pages: list[dict[str, Any]]) -> None:
    ((lines, met, fill, in_stock, target),) = site.ask(
        """
        select sum(demand_lines_count), sum(lines_met_count), sum(lines_met_count) / sum(demand_lines_count),
               sum(stocked_days_count) / sum(pair_days_count),
               sum(service_level_target * pairs_count) / sum(pairs_count)
        from {rpt_service_level} where month_on = (select max(month_on) from {rpt_service_level})
        """
    )
    page = at_desk(pages, "/servico-e-custo/")
    assert value(page, "line_fill_rate") == pytest.approx(float(fill))
    assert value(page, "in_stock_rate") == pytest.approx(float(in_stock))
    assert value(page, "service_level_target") == pytest.approx(float(target))
    assert value(page, "lines_missed") == lines - met


def test_another_service_level_costs_what_the_curve_of_the_segment_says(site: Site, chromium: None) -> None:
    ((abc_class, level, stock, missed, stock_now, missed_now),) = site.ask(
        """
        select asked.abc_class, asked.service_level, sum(asked.stock_value_brl), sum(asked.stocked_out_lines_per_year),
               sum(now.stock_value_brl), sum(now.stocked_out_lines_per_year)
        from {rpt_service_cost_curve} as asked
        inner join {rpt_service_cost_curve} as now using (abc_class, criticality)
        where not asked.is_in_force and now.is_in_force
        group by all order by abc_class, service_level desc limit 1
        """
    )
    code = f"{float(level) * 100:g}"
    (page,) = site.inspect("--select", f"select[name=nivel]={code}", f"/servico-e-custo/?classe={abc_class}")
    assert page["address"].endswith(f"/servico-e-custo/?classe={abc_class}&nivel={code}")
    (again,) = site.inspect(page["address"][page["address"].index("/servico") :])
    for seen in (page, again):
        assert value(seen, "stock_asked_brl") == pytest.approx(float(stock))
        assert value(seen, "missed_asked_lines") == pytest.approx(float(missed))
        assert value(seen, "stock_in_force_brl") == pytest.approx(float(stock_now))
        assert value(seen, "missed_in_force_lines") == pytest.approx(float(missed_now))
        assert seen["consoleErrors"] == []


_SLA = """
    select sum(penalty_brl), 100 * (1 - sum(downtime_minutes) / sum(observed_minutes)::double), sum(calls_count),
           sum(response_mean_hours * responded_calls_count) / nullif(sum(responded_calls_count), 0),
           sum(towers_below_target_count)
    from {{rpt_sla}} where {kept}
"""
_SLA_FIGURES = ("penalty_brl", "availability_pct", "calls_count", "response_mean_hours", "tower_months_below_count")


def assert_sla(site: Site, page: dict[str, Any], kept: str) -> None:
    """The page's figures are gold's for the rows that are meant."""
    (row,) = site.ask(_SLA.format(kept=kept))
    shown = {name: page["figures"][name]["value"] for name in _SLA_FIGURES}
    for name, known in zip(_SLA_FIGURES, row, strict=True):
        if known is None:
            assert page["figures"][name]["text"] == "–"
        else:
            assert float(shown[name]) == pytest.approx(float(known), abs=0.005), name
    assert page["consoleErrors"] == []


def test_sla_of_the_twelve_closed_months_and_of_one_contract_and_month(
    site: Site, pages: list[dict[str, Any]], chromium: None
) -> None:
    ((last_closed,),) = site.ask(
        "select max(month_on) from {rpt_sla} where month_on < "
        "(select date_trunc('month', max(as_of_on) + 1) from {rpt_replenishment})"
    )
    closed = f"month_on <= date '{last_closed}' and month_on > date '{last_closed}' - interval 12 month"
    assert_sla(site, at_desk(pages, "/sla/"), closed)
    contracts = [
        row[0]
        for row in site.ask(
            f"select contract_id from {{rpt_sla}} where month_on = date '{last_closed}' order by all limit 2"
        )
    ]
    seen = site.inspect(*(f"/sla/?periodo={last_closed:%Y-%m}&contrato={contract}" for contract in contracts))
    for page, contract in zip(seen, contracts, strict=True):
        assert_sla(site, page, f"month_on = date '{last_closed}' and contract_id = '{contract}'")
    (page,) = site.inspect("--select", f"select[name=contrato]={contracts[0]}", "/sla/")
    assert page["address"].endswith(f"/sla/?contrato={contracts[0]}")


def test_drivers_beyond_chance_and_their_sample_are_those_of_gold(site: Site, pages: list[dict[str, Any]]) -> None:
    ((beyond, weeks, strongest),) = site.ask(
        """
        with best as (
            select *, row_number() over (
                partition by category_name, driver_name order by abs(correlation) desc nulls last, lag_weeks
            ) as place
            from {rpt_demand_drivers}
        )
        select count(*) filter (where place = 1 and is_beyond_noise), max(weeks_count),
               arg_max(correlation, abs(correlation)) filter (where place = 1 and is_beyond_noise)
        from best
        """
    )
    page = at_desk(pages, "/fatores/")
    assert value(page, "associated_pairs") == beyond
    assert value(page, "sample_weeks") == weeks
    assert value(page, "strongest_correlation") == pytest.approx(strongest)
    assert "não causa" in page["text"]
    assert page["charts"] == 3


def test_a_category_and_a_factor_stand_in_the_address(site: Site, chromium: None) -> None:
    rows = site.ask(
        "select category_name, arg_max(correlation, abs(correlation)) from {rpt_demand_drivers} "
        "where driver_name = 'rain' group by all order by category_name limit 2"
    )
    seen = site.inspect(*(f"/fatores/?fator=rain&categoria={quote(category)}" for category, _ in rows))
    for page, (category, correlation) in zip(seen, rows, strict=True):
        assert f"Linhas pedidas de {category}" in page["text"]
        assert value(page, "association") == pytest.approx(correlation)
        assert page["consoleErrors"] == []


def test_value_of_the_policy_is_that_of_gold_or_said_to_be_unmeasured(site: Site, pages: list[dict[str, Any]]) -> None:
    page = at_desk(pages, "/quanto-vale/")
    rows = site.ask(
        """
        select chosen.stocked_out_change_pct, chosen.inventory_change_pct,
               (100 * (chosen.total_cost_brl / base.total_cost_brl - 1))::double, chosen.vital_line_fill_rate,
               100 * (legacy.cost_based_stocked_out_lines / legacy.stocked_out_lines_count - 1)
        from {rpt_policy_frontier} as chosen
        inner join {rpt_policy_frontier} as base using (scenario, window_name)
        inner join {rpt_policy_frontier} as legacy using (scenario, window_name)
        where scenario = 'base' and window_name = 'score' and chosen.policy = 'cost_based' and chosen.is_chosen
              and base.policy = 'no_policy' and base.knob = 30 and legacy.policy = 'legacy'
        """
    )
    if not rows:
        assert "O experimento ainda não foi feito nesta instalação" in page["text"]
        assert "make value" in page["text"]
        assert page["charts"] == 0
        return
    names = ("stocked_out_change_pct", "inventory_change_pct", "total_cost_change_pct", "vital_fill_change")
    for name, known in zip((*names, "legacy_equal_stock_change_pct"), rows[0], strict=True):
        assert value(page, name) == pytest.approx(float(known), abs=1e-6), name
    ((policies, companies),) = site.ask(
        "select count(distinct (policy, knob)), max(companies_count) from {rpt_policy_frontier} where scenario = 'base'"
    )
    assert page["tableRows"] == [min(policies, 15), companies]


class TestLookAlikeGold:
    """What only the look-alike has: a second scenario, a hostile client, an empty experiment."""

    def test_scenario_stands_in_the_address(self, sample_site: Site, chromium: None) -> None:
        ((known,),) = sample_site.ask(
            "select stocked_out_change_pct from {rpt_policy_frontier} where scenario = 'currency_shock' "
            "and window_name = 'score' and policy = 'cost_based' and is_chosen"
        )
        (page,) = sample_site.inspect("--select", "select[name=cenario]=currency_shock", "/quanto-vale/")
        assert page["address"].endswith("/quanto-vale/?cenario=currency_shock")
        assert value(page, "stocked_out_change_pct") == pytest.approx(known)

    def test_hostile_names_are_text_and_nothing_else(self, sample_site: Site, chromium: None) -> None:
        sla, drivers = sample_site.inspect("--widths", "390", "/sla/?contrato=CT0001", "/fatores/")
        assert HOSTILE_CLIENT[:50] in sla["text"]
        assert 'BATERIAS "A" <b>&' in drivers["text"]
        for page in (sla, drivers):
            assert page["consoleErrors"] == []
            assert page["overflow"] <= 0

    def test_month_without_demand_and_factor_without_change_are_said(self, sample_site: Site, chromium: None) -> None:
        service, drivers = sample_site.inspect("/servico-e-custo/?classe=C", "/fatores/?fator=network_5g")
        assert "sem demanda" in service["text"]
        assert "não há o que comparar" in drivers["text"]
        assert drivers["figures"]["association"]["value"] is None
