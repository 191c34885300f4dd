"""What a page is on paper: printed by Chromium's own printing, from a browser in the dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def print_pages(site: Site, folder: Path, *addresses: str) -> list[dict[str, Any]]:
    """The pages as printed from a dark screen; what is not right on paper is asserted to be nothing."""
    pages = site.inspect(
        "--print", "--pdf", str(folder), "--scheme", "dark", "--accessibility", "--shots", str(site.shots), *addresses
    )
    for page in pages:
        assert page["paper"] == {"controls": [], "cut": [], "ground": "rgba(0, 0, 0, 0)"}, page["page"]
        assert page["overflow"] <= 0, page["page"]
        # contrast among them, and paper is white: nothing is written in the colours of the dark
        assert page["accessibility"] == [], page["page"]
        assert page["consoleErrors"] == [], page["page"]
        boxes = re.findall(rb"/MediaBox \[([^\]]*)\]", Path(page["pdf"]).read_bytes())
        assert set(boxes) == {b"0 0 841.91998 594.95996"}, "A4, lying"
    return pages


def printed_items(page: dict[str, Any]) -> set[tuple[str, str]]:
    """Item and location of every row of a printed page: the links that its PDF holds."""
    links = re.findall(rb"/item/\?item=([^&)]+)&local=([^)]+)\)", Path(page["pdf"]).read_bytes())
    return {(item.decode(), location.decode()) for item, location in links}


def test_the_buy_list_is_printed_whole_under_its_filters(site: Site, chromium: None, tmp_path: Path) -> None:
    rows = site.ask(
        "select item_id, location_id from {rpt_replenishment} where status = 'order_now' "
        "and location_id = (select min(location_id) from {rpt_replenishment} where status = 'order_now')"
    )
    if len(rows) <= 15:
        pytest.skip(f"{len(rows)} lines to order: the screen shows them all, so that paper cannot show more")
    location = rows[0][1]
    (page,) = print_pages(site, tmp_path, f"/compras/?situacao=order_now&local={location}")
    assert printed_items(page) == set(rows)
    assert page["tableRows"] == [len(rows)]
    # what was chosen is said, and the totals of the choice are there
    assert "Situação: Comprar agora · Local:" in page["text"]
    assert int(page["figures"]["purchase_lines"]["value"]) == len(rows)


def test_home_is_printed_with_its_first_rows_and_says_so(site: Site, chromium: None, tmp_path: Path) -> None:
    ((orders,),) = site.ask("select count(*) from {rpt_replenishment} where status = 'order_now'")
    (page,) = print_pages(site, tmp_path, "/")
    assert page["tableRows"][0] == min(orders, 15)
    assert f"Mostrando {min(orders, 15)} de {orders:,}".replace(",", ".") in page["text"]
    assert "Os dados estão em dia?" in page["text"]


def test_an_item_is_printed_with_its_arithmetic(site: Site, chromium: None, tmp_path: Path) -> None:
    ((item, location, quantity),) = site.ask(
        "select item_id, location_id, order_quantity_units from {rpt_replenishment} where status = 'order_now' "
        "order by order_priority, item_id, location_id limit 1"
    )
    (page,) = print_pages(site, tmp_path, f"/item/?item={item}&local={location}")
    assert page["charts"] > 0
    assert float(page["figures"]["order_quantity_units"]["value"]) == float(quantity)
    for words in ("Como a quantidade foi calculada", "Pedidos a caminho"):
        assert words in page["text"]
    assert "Ver a conta" not in page["text"]


def test_pages_with_charts_and_choices_fit_on_paper(site: Site, chromium: None, tmp_path: Path) -> None:
    print_pages(site, tmp_path, "/sla/", "/servico-e-custo/", "/excesso/", "/previsao/", "/fatores/")
