"""Metrics over published gold: MetricFlow writes the SQL, an own in-memory DuckDB runs it over the published files.

The warehouse is not opened, so a question waits for no build and delays none, and its answer is what the report says.
MetricFlow's own command, `mf`, reads the warehouse instead and asks a package index for a newer version of itself.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from metricflow.data_table.mf_table import MetricFlowDataTable
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantics.errors.error_classes import MetricFlowException
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from metricflow_semantics.sql.sql_bind_parameters import SqlBindParameterSet

from orchestration.manifest import SEMANTIC_MANIFEST
from orchestration.platform import Platform
from publication import gold
from publication.store import GoldStore

_NO_PARAMETERS = SqlBindParameterSet()


class MetricsError(Exception):
    """A question about metrics cannot be answered; the message says what to do."""


class GoldClient:
    """What MetricFlow asks of a database, over tables that stand where dbt would have built them.

    Args:
        connection: Holds the tables under their names in the warehouse.
    """

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def query(self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = _NO_PARAMETERS) -> MetricFlowDataTable:
        """Run a statement that answers with rows."""
        answer = self._connection.execute(stmt)
        return MetricFlowDataTable.create_from_rows([column[0] for column in answer.description], answer.fetchall())

    def execute(self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = _NO_PARAMETERS) -> None:
        """Run a statement without an answer."""
        self._connection.execute(stmt)

    def dry_run(self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = _NO_PARAMETERS) -> None:
        """Plan a statement."""
        self._connection.execute(f"explain {stmt}")

    def close(self) -> None:
        """Drop the connection."""
        self._connection.close()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        """Name of a parameter in a statement."""
        return f"${bind_parameter_key}"


def read_semantic_manifest(path: Path = SEMANTIC_MANIFEST) -> PydanticSemanticManifest:
    """Semantic models, metrics and saved queries as dbt last parsed them."""
    return parse_manifest_from_dbt_generated_manifest(path.read_text(encoding="utf-8"))


def open_gold(place: Platform, manifest: PydanticSemanticManifest) -> duckdb.DuckDBPyConnection:
    """An in-memory database in which published tables have the names that the metrics know.

    Raises:
        MetricsError: If nothing is published, or the published version is older than a model that has metrics.
    """
    pointer = gold.current(GoldStore(place.gold_root))
    if pointer is None:
        raise MetricsError(f"nothing is published in {place.gold_root}; run the daily job first (`make run`)")
    root = gold.mirror(GoldStore(place.gold_root), place.gold_copy)
    relations = [model.node_relation for model in manifest.semantic_models]
    relations += [spine.node_relation for spine in manifest.project_configuration.time_spines]
    connection = duckdb.connect()
    for relation in relations:
        table = pointer["tables"].get(relation.alias)
        if table is None:
            connection.close()
            raise MetricsError(
                f"{relation.alias} is not in gold {pointer['version']}, published from earlier models; "
                "run the daily job again (`make run`)"
            )
        connection.execute(f"attach if not exists ':memory:' as \"{relation.database}\"")
        schema = f'"{relation.database}"."{relation.schema_name}"'
        connection.execute(f"create schema if not exists {schema}")
        path = f"{root}/{table['path']}".replace("'", "''")
        connection.execute(f"create view {schema}.\"{relation.alias}\" as from read_parquet('{path}')")
    return connection


class Metrics:
    """Answers questions about one version of published gold.

    Raises:
        MetricsError: As `open_gold` does.
    """

    def __init__(self, place: Platform, manifest: PydanticSemanticManifest | None = None) -> None:
        logging.getLogger("metricflow").setLevel(logging.WARNING)
        self._manifest = manifest or read_semantic_manifest()
        self._client = GoldClient(open_gold(place, self._manifest))
        self._engine = MetricFlowEngine(SemanticManifestLookup(self._manifest), self._client)

    def saved_queries(self) -> Mapping[str, str]:
        """Description of each saved query."""
        return {query.name: query.description or "" for query in self._manifest.saved_queries}

    def ask(
        self, saved_query: str | None = None, *, metrics: Sequence[str] = (), group_by: Sequence[str] = ()
    ) -> MetricFlowDataTable:
        """Rows of a saved query, or of some metrics grouped as MetricFlow names things (`metric_time__month`).

        Raises:
            MetricsError: If there is no such saved query, metric or group.
        """
        if saved_query is not None and saved_query not in self.saved_queries():
            raise MetricsError(f"no saved query {saved_query!r}; there are: {', '.join(sorted(self.saved_queries()))}")
        options: dict[str, Any] = (
            {"saved_query_name": saved_query}
            if saved_query is not None
            else {"metric_names": list(metrics), "group_by_names": list(group_by), "order_by_names": list(group_by)}
        )
        try:
            answer = self._engine.query(MetricFlowQueryRequest.create(**options))
        except MetricFlowException as error:
            raise MetricsError(str(error)) from error
        if answer.result_df is None:
            raise MetricsError(f"no rows came back for {options}")
        return answer.result_df
