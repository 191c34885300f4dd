"""The dbt project keeps its layers, contracts, descriptions and key tests, without exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PROJECT = "nova_corrente"

# What a layer may read. Seeds and snapshots are told apart from models by their resource type.
ALLOWED_PARENTS = {
    "staging": {"source"},
    "snapshot": {"staging"},
    "intermediate": {"staging", "intermediate", "seed", "snapshot"},
    "marts": {"intermediate", "marts"},
}
PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("dim_", "fact_", "rpt_"), "snapshot": ("snap_",)}

Node = dict[str, Any]


def layer_of(node: Node) -> str:
    if node["resource_type"] == "model":
        return str(node["fqn"][1])
    return str(node["resource_type"])


def models(manifest: dict[str, Any], layer: str | None = None) -> Iterator[Node]:
    for node in manifest["nodes"].values():
        if node["package_name"] != PROJECT or node["resource_type"] not in {"model", "snapshot"}:
            continue
        if layer is None or layer_of(node) == layer:
            yield node


def attached_tests(manifest: dict[str, Any], unique_id: str) -> Iterator[Node]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node") == unique_id:
            yield node


def test_no_model_skips_or_reverses_a_layer(manifest: dict[str, Any]) -> None:
    nodes = {**manifest["nodes"], **manifest["sources"]}
    offences = [
        f"{node['name']} ({layer_of(node)}) reads {nodes[parent]['name']} ({layer_of(nodes[parent])})"
        for node in models(manifest)
        for parent in node["depends_on"]["nodes"]
        if layer_of(nodes[parent]) not in ALLOWED_PARENTS[layer_of(node)]
    ]
    assert not offences


def test_the_folder_of_a_model_says_its_layer(manifest: dict[str, Any]) -> None:
    offences = [
        node["name"]
        for node in models(manifest)
        if layer_of(node) not in PREFIXES or not node["name"].startswith(PREFIXES[layer_of(node)])
    ]
    assert not offences


def test_staging_reads_one_source_of_its_own_folder(manifest: dict[str, Any]) -> None:
    for node in models(manifest, "staging"):
        sources = {manifest["sources"][parent]["source_name"] for parent in node["depends_on"]["nodes"]}
        assert sources == {node["fqn"][2]}, node["name"]


def test_every_bronze_table_has_a_staging_model(manifest: dict[str, Any]) -> None:
    read = {parent for node in models(manifest, "staging") for parent in node["depends_on"]["nodes"]}
    assert set(manifest["sources"]) == read


def test_the_freshness_report_covers_every_bronze_table(manifest: dict[str, Any]) -> None:
    measured = manifest["nodes"][f"model.{PROJECT}.int_freshness__measure_tables"]["depends_on"]["nodes"]
    covered = {
        source
        for parent in measured
        for source in manifest["nodes"][parent]["depends_on"].get("nodes", [])  # a seed depends on nothing
        if source in manifest["sources"]
    }
    assert covered == set(manifest["sources"])


def test_every_mart_has_an_enforced_contract(manifest: dict[str, Any]) -> None:
    assert [node["name"] for node in models(manifest, "marts") if not node["config"]["contract"]["enforced"]] == []


def test_every_column_of_a_mart_is_typed_and_described(manifest: dict[str, Any]) -> None:
    bare = [
        f"{node['name']}.{column['name']}"
        for node in models(manifest, "marts")
        for column in node["columns"].values()
        if not column["description"].strip() or not column["data_type"]
    ]
    assert bare == []


def test_every_model_and_source_is_described(manifest: dict[str, Any]) -> None:
    described = [*models(manifest), *manifest["sources"].values()]
    assert [node["name"] for node in described if not node["description"].strip()] == []


def promised_columns(node: dict[str, Any]) -> set[str]:
    """Columns that the contract closes to NULL."""
    return {
        name
        for name, column in node["columns"].items()
        if "not_null" in [constraint["type"] for constraint in column["constraints"]]
    }


def test_only_tables_promise_columns_without_null_because_a_view_keeps_no_promise(manifest: dict[str, Any]) -> None:
    marts = models(manifest, "marts")
    assert any(promised_columns(node) for node in marts)
    views = [node for node in marts if node["config"]["materialized"] == "view"]
    assert [node["name"] for node in views if promised_columns(node)] == []


def test_every_dimension_and_fact_has_a_tested_key(manifest: dict[str, Any]) -> None:
    missing = []
    for node in models(manifest, "marts"):
        names = [
            (test["test_metadata"]["name"], test.get("column_name"))
            for test in attached_tests(manifest, node["unique_id"])
        ]
        unique = {column for name, column in names if name == "unique"}
        not_null = promised_columns(node)
        if not (unique & not_null) and ("unique_combination", None) not in names:
            missing.append(node["name"])
    assert missing == []


def test_every_key_of_a_fact_leads_to_a_dimension(manifest: dict[str, Any]) -> None:
    loose = []
    for node in models(manifest, "marts"):
        if not node["name"].startswith("fact_"):
            continue
        related = {
            test["column_name"]
            for test in attached_tests(manifest, node["unique_id"])
            if test["test_metadata"]["name"] == "relationships"
        }
        loose += [f"{node['name']}.{name}" for name in node["columns"] if name.endswith("_key") and name not in related]
    assert loose == []


def test_every_mart_says_how_gold_is_ordered(manifest: dict[str, Any]) -> None:
    for node in models(manifest, "marts"):
        order_by = node["config"]["meta"].get("gold_order_by")
        assert order_by, node["name"]
        assert set(order_by) <= set(node["columns"]), node["name"]


def test_every_macro_is_documented_with_its_arguments(manifest: dict[str, Any]) -> None:
    own = [macro for macro in manifest["macros"].values() if macro["package_name"] == PROJECT]
    own = [macro for macro in own if not macro["name"].startswith("test_")]
    assert [macro["name"] for macro in own if not macro["description"].strip()] == []
    assert {len(list((ROOT / macro["original_file_path"]).parent.glob("_macros.yml"))) for macro in own} == {1}


def test_singular_tests_are_claims_about_a_model(manifest: dict[str, Any]) -> None:
    singular = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and "test_metadata" not in node
    ]
    assert singular
    assert [name for name in singular if not name.startswith("assert_") or name.count("__") < 1] == []


def test_no_test_is_only_a_warning(manifest: dict[str, Any]) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert [node["name"] for node in tests if node["config"]["severity"].lower() != "error"] == []


def test_the_truth_of_the_demonstration_company_is_no_source(manifest: dict[str, Any]) -> None:
    assert [key for key in manifest["sources"] if "truth" in key] == []
