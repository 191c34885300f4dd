"""The semantic layer holds what is promised, and MetricFlow finds nothing wrong with it. No warehouse is needed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator

from orchestration.manifest import DBT_MANIFEST, refresh_manifest
from orchestration.metrics import read_semantic_manifest
from orchestration.platform import CHECKOUT, Platform

METRICS = {
    "forecast_accuracy",
    "total_forecasted_demand",
    "inventory_turnover",
    "stock_value",
    "stockout_rate",
    "service_level",
    "lead_time_days",
    "open_exceptions",
}


@pytest.fixture(scope="module")
def manifest() -> PydanticSemanticManifest:
    """Semantic manifest of the checkout."""
    refresh_manifest(Platform.from_environment({}))
    return read_semantic_manifest()


def test_metricflow_finds_neither_an_error_nor_a_warning(manifest: PydanticSemanticManifest) -> None:
    results = SemanticManifestValidator[PydanticSemanticManifest]().validate_semantic_manifest(manifest)
    assert [issue.as_readable_str() for issue in results.all_issues] == []


def test_every_promised_metric_is_asked_for_by_a_saved_query(manifest: PydanticSemanticManifest) -> None:
    assert {metric.name for metric in manifest.metrics} >= METRICS
    assert {name for query in manifest.saved_queries for name in query.query_params.metrics} == METRICS


def test_every_metric_and_saved_query_says_what_it_is(manifest: PydanticSemanticManifest) -> None:
    named = [*manifest.metrics, *manifest.saved_queries]
    assert [each.name for each in named if not (each.description or "").strip() or not each.label] == []
    shares = [metric for metric in manifest.metrics if metric.name in METRICS - {"total_forecasted_demand"}]
    assert [metric.name for metric in shares if "NULL" not in (metric.description or "")] == []


def test_metrics_are_joined_by_item_location_and_supplier(manifest: PydanticSemanticManifest) -> None:
    primary = {
        entity.name: model.name
        for model in manifest.semantic_models
        for entity in model.entities
        if entity.type.value == "primary" and model.name.startswith("dim_")
    }
    assert primary == {"item": "dim_items", "location": "dim_locations", "supplier": "dim_suppliers"}
    foreign = {
        entity.name for model in manifest.semantic_models for entity in model.entities if entity.type.value == "foreign"
    }
    assert foreign == set(primary)
    spines = manifest.project_configuration.time_spines
    assert [spine.node_relation.alias for spine in spines] == ["dim_dates"]


def test_dagster_sees_the_same_assets_with_metrics_as_models(manifest: PydanticSemanticManifest) -> None:
    from orchestration.assets.warehouse import warehouse  # noqa: PLC0415 - reads the manifest when it is imported

    parsed: dict[str, Any] = json.loads(DBT_MANIFEST.read_text())
    built = {
        node["name"] for node in parsed["nodes"].values() if node["resource_type"] in {"model", "seed", "snapshot"}
    }
    assert {key.path[-1] for key in warehouse.keys} == built


def test_the_saved_query_of_make_metrics_exists(manifest: PydanticSemanticManifest) -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    asked = re.search(r"^QUERY \?= (\w+)$", makefile, re.MULTILINE)
    assert asked is not None
    assert asked[1] in {query.name for query in manifest.saved_queries}
