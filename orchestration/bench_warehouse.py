"""Measure a full rebuild of the warehouse, layer by layer, beside the same SQL in DuckDB without dbt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.bench import children_peak_mb, in_a_new_installation, nova
from orchestration.platform import CHECKOUT, Platform, executable

_LAYER = {"seed": "seeds", "snapshot": "snapshots", "test": "tests"}

# Runs in a process of its own: statements one after the other, over the files that dbt read. Seeds and snapshots are
# dbt's work and are copied first, outside the clock.
_PLAIN = """
import json, resource, sys, time
import duckdb
statements, built, target, memory_limit = sys.argv[1:]
connection = duckdb.connect(target, config={"memory_limit": memory_limit, "threads": 2})
connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = true; set enable_progress_bar = false")
connection.execute(f"attach '{built}' as built (read_only)")
jobs = json.load(open(statements))
for schema in {schema for _, schema, _, _ in jobs}:
    connection.execute(f'create schema if not exists "{schema}"')
seconds = 0.0
for kind, schema, name, sql in jobs:
    started = time.perf_counter()
    if kind == "copy":
        connection.execute(f'create table "{schema}"."{name}" as from built."{schema}"."{name}"')
        continue
    connection.execute(f'create {kind} "{schema}"."{name}" as {sql}')
    seconds += time.perf_counter() - started
print(json.dumps({"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


@dataclass(frozen=True)
class Layer:
    """One layer of the rebuild.

    Attributes:
        name: Layer, or the whole.
        nodes: Models, seeds, snapshots or tests.
        seconds: Sum over the nodes, which run two at a time; wall time for the whole.
        peak_mb: Largest resident size of the process in MB, where a process of its own did the work.
    """

    name: str
    nodes: int
    seconds: float
    peak_mb: float | None = None


def measure_rebuild(size: str, report: Callable[[Layer], None]) -> None:
    """Rebuild the warehouse of a new demonstration company from bronze, with dbt and without.

    Args:
        size: ``ci``, ``demo`` or ``full``.
        report: Called with each layer, then with the whole of dbt's run and of plain DuckDB's.

    Raises:
        RuntimeError: A command failed; the message is its own.
    """
    with in_a_new_installation() as environment:
        nova(["run", "--size", size, "--no-report"], environment)
        place = Platform.from_environment(environment)
        for part in rebuild_with_dbt(place, environment):
            report(part)
        report(rebuild_without_dbt(place))


def rebuild_with_dbt(place: Platform, environment: Mapping[str, str]) -> list[Layer]:
    """Rebuild everything from bronze; seconds by layer, then the wall time of models and of tests."""
    wall, peak = _dbt(place, environment, "build", "--full-refresh", "--exclude-resource-type", "test", "unit_test")
    seconds: Counter[str] = Counter()
    nodes: Counter[str] = Counter()
    for result in _results(place):
        kind = result["unique_id"].split(".")[0]
        if kind not in _LAYER and result["relation_name"] is None:  # hooks, exposures and the like
            continue
        layer = _LAYER.get(kind) or result["relation_name"].split(".")[1].strip('"')
        seconds[layer] += result["execution_time"]
        nodes[layer] += 1
    layers = [Layer(name, nodes[name], seconds[name]) for name in sorted(seconds)]
    tested, tests_peak = _dbt(place, environment, "test", "--exclude-resource-type", "unit_test")
    return [
        *layers,
        Layer("dbt, all models, wall", sum(nodes.values()), wall, peak),
        Layer("dbt, all tests, wall", len(_results(place)), tested, tests_peak),
    ]


def rebuild_without_dbt(place: Platform) -> Layer:
    """Run the SQL of every model, as dbt compiled it for the rebuild, in one plain DuckDB process."""
    manifest = json.loads((place.dbt_target / "bench" / "manifest.json").read_text())
    compiled = {
        node["unique_id"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed", "snapshot")
    }
    jobs = []
    for unique_id in _in_order(compiled):
        node = compiled[unique_id]
        path = place.dbt_target / "bench" / "compiled" / "nova_corrente" / node["original_file_path"]
        if node["resource_type"] != "model":
            jobs.append(("copy", node["schema"], node["alias"], ""))
        else:
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            jobs.append((kind, node["schema"], node["alias"], path.read_text()))
    with tempfile.TemporaryDirectory(dir=place.data) as folder:
        statements = Path(folder) / "statements.json"
        statements.write_text(json.dumps(jobs))
        target = Path(folder) / place.warehouse.name  # the models name the database
        limit = os.environ.get("WAREHOUSE_MEMORY_LIMIT", "8GB")
        done = _checked([sys.executable, "-c", _PLAIN, str(statements), str(place.warehouse), str(target), limit])
    found = json.loads(done.stdout)
    return Layer("the same SQL without dbt", len(jobs), found["seconds"], found["peak_mb"])


def _in_order(nodes: Mapping[str, Any]) -> list[str]:
    """Nodes after all that they read."""
    order: dict[str, None] = {}

    def visit(unique_id: str) -> None:
        if unique_id in nodes and unique_id not in order:
            for parent in nodes[unique_id]["depends_on"].get("nodes", []):
                visit(parent)
            order[unique_id] = None

    for unique_id in sorted(nodes):
        visit(unique_id)
    return list(order)


def _dbt(place: Platform, environment: Mapping[str, str], *arguments: str) -> tuple[float, float]:
    """Run dbt; its wall time in seconds, and the peak of the largest process so far in MB."""
    target = ["--target-path", str(place.dbt_target / "bench"), "--log-path", str(place.logs)]
    started = time.monotonic()
    _checked([str(executable("dbt")), "--quiet", *arguments, *target], {**environment, **place.environment()})
    return time.monotonic() - started, children_peak_mb()


def _results(place: Platform) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads((place.dbt_target / "bench" / "run_results.json").read_text())["results"]
    return results


def _checked(command: list[str], environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done
