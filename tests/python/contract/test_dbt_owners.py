"""Every model has an owner, every column that is written down is described, and every page names what it reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PAGE_PATHS = {
    "report_today": "index",
    "report_purchases": "compras",
    "report_item": "item",
    "report_stockouts": "ruptura",
    "report_service": "servico-e-custo",
    "report_sla": "sla",
    "report_drivers": "fatores",
    "report_value": "quanto-vale",
    "report_quality": "qualidade",
    "report_excess": "excesso",
    "report_suppliers": "fornecedores",
    "report_forecasts": "previsao",
    "report_how_to_read": "como-ler",
}


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_every_model_belongs_to_a_group_with_a_role_as_owner(manifest: dict[str, Any]) -> None:
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    assert [node["name"] for node in models(manifest) if node["config"].get("group") not in owners] == []
    assert all(owners.values())
    assert all(group["description"] for group in manifest["groups"].values())


def test_every_written_column_of_staging_and_marts_is_described(manifest: dict[str, Any]) -> None:
    bare = [
        f"{node['name']}.{column['name']}"
        for node in models(manifest)
        if node["fqn"][1] in {"staging", "marts"}
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert bare == []
    layers = [node for node in models(manifest) if node["fqn"][1] in {"staging", "marts"}]
    assert [node["name"] for node in layers if not node["columns"]] == []


def test_every_page_is_an_exposure(manifest: dict[str, Any]) -> None:
    pages = {path.stem for path in (ROOT / "reports" / "pages").glob("*.md")}
    names = {exposure["name"] for exposure in manifest["exposures"].values()}
    assert names == set(PAGE_PATHS)
    assert set(PAGE_PATHS.values()) == pages


def test_exposures_together_name_every_mart_that_the_report_reads(manifest: dict[str, Any]) -> None:
    read = {
        name
        for path in (ROOT / "reports" / "sources").rglob("*.sql")
        for name in re.findall(r"\b(?:dim|fact|rpt)_[a-z0-9_]+\b", path.read_text(encoding="utf-8"))
    }
    exposed = {
        parent.split(".")[-1]
        for exposure in manifest["exposures"].values()
        for parent in exposure["depends_on"]["nodes"]
    }
    assert exposed == read
