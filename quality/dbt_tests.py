"""dbt's tests of the last build as outcomes, so that one score speaks of both."""

from __future__ import annotations

from typing import Any

from quality.outcomes import Outcome
from quality.suites import WEIGHTS, Dimension, Severity

_DIMENSIONS: dict[str, Dimension] = {
    "not_null": "completeness",
    "same_row_count": "completeness",
    "has_unknown_member": "completeness",
    "unique": "uniqueness",
    "unique_combination": "uniqueness",
    "exactly_one_row": "uniqueness",
    "one_current": "uniqueness",
    "accepted_values": "validity",
    "expression_is_true": "validity",
    "no_overlap": "consistency",
    "relationships": "consistency",
}


def read_tests(run_results: dict[str, Any], manifest: dict[str, Any]) -> list[Outcome]:
    """Every data test of a build, judged.

    Args:
        run_results: dbt's `run_results.json`.
        manifest: dbt's `manifest.json` of the same build.
    """
    outcomes = []
    for result in run_results["results"]:
        node = manifest["nodes"].get(result["unique_id"])
        if node is None or node["resource_type"] != "test":
            continue
        severity: Severity = "warning" if node["config"]["severity"].lower() == "warn" else "blocking"
        outcomes.append(
            Outcome(
                stage="built",
                table=_table(node),
                title="",
                rule=node["name"],
                claim=node.get("description") or "",
                dimension=_DIMENSIONS.get((node.get("test_metadata") or {}).get("name", ""), "consistency"),
                severity=severity,
                weight=WEIGHTS[severity],
                status="passed" if result["status"] == "pass" else "failed",
                observed=result.get("message") or "",
                unexpected_count=int(result.get("failures") or 0),
            )
        )
    return outcomes


def _table(node: dict[str, Any]) -> str:
    """The model that a test stands at; a test of its own file is one of the first model that it reads."""
    tested = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), node["name"])
    return str(tested).split(".")[-1]
