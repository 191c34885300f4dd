"""From tested marts to published gold: export a candidate, then point readers at it."""

import json
import shutil
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource

from orchestration import inputs, orphans
from orchestration.assets.warehouse import BUILD_FOLDER, WAREHOUSE_POOL, mart_keys, read_checks
from orchestration.platform import Platform, code_revision
from orchestration.resources import PlatformResource
from publication import gold

CANDIDATE_AUDIT = "audit.json"  # written into the candidate once it passed, and gone with it


@dg.asset(
    key=["gold", "candidate"],
    deps=mart_keys(),
    group_name="gold",
    owners=["team:ingestion"],
    kinds={"dbt", "parquet"},
    pool=WAREHOUSE_POOL,
    description="All marts as Parquet, written by dbt, not yet visible to readers.",
)
def candidate(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, platform: PlatformResource
) -> dg.MaterializeResult[None]:
    """Export the marts of the tested warehouse."""
    place = platform.platform()
    shutil.rmtree(place.candidate, ignore_errors=True)
    for key in mart_keys():
        (place.candidate / key.path[-1]).mkdir(parents=True)
    orphans.end_orphan(place)
    export = dbt.cli(
        ["run-operation", "export_gold", "--args", json.dumps({"directory": str(place.candidate)})],
        target_path=place.dbt_target / BUILD_FOLDER,
    )
    orphans.note(place, export.process.pid)
    export.wait()
    orphans.forget(place)
    tables = gold.describe_candidate(place.candidate)
    return dg.MaterializeResult(
        metadata={
            "tables": len(tables),
            "rows": sum(int(table["rows"]) for table in tables.values()),
            "bytes": sum(int(table["bytes"]) for table in tables.values()),
            **{f"checks_{name}": count for name, count in read_checks(place).items()},
        }
    )


@dg.asset(
    key=["gold", "current"],
    deps=[candidate],
    group_name="gold",
    owners=["team:ingestion"],
    kinds={"python", "parquet"},
    pool=WAREHOUSE_POOL,  # nobody exports another candidate meanwhile
    description="The version of gold that reports, API and analysts read: gold/current.json and the files it names.",
)
def current(platform: PlatformResource) -> dg.MaterializeResult[None]:
    """Publish the candidate; an unchanged candidate makes no new version."""
    place = platform.platform()
    if not (place.candidate / CANDIDATE_AUDIT).exists():
        raise dg.Failure(
            f"{place.candidate} has not passed the audit; run gold/candidate with its checks first", allow_retries=False
        )
    published = gold.publish(platform.gold(), place.candidate, facts=manifest_facts(place))
    inputs.note_published(place)
    return dg.MaterializeResult(
        metadata={
            "version": published.version,
            "is_new": published.is_new,
            "dagster/row_count": sum(published.rows.values()),
        }
    )


def manifest_facts(place: Platform) -> dict[str, Any]:
    """What the manifest of a version says beside its tables: revision, checks, score, freshness, date of the data."""
    checks = read_checks(place)
    audit = json.loads((place.candidate / CANDIDATE_AUDIT).read_text(encoding="utf-8"))
    with duckdb.connect() as connection:
        freshness = connection.execute(
            """
            select
                source_name,
                max(landed_at) as landed_at,
                max(latest_data_on) as latest_data_on,
                sum(row_count) as row_count,
                max(as_of_on) as as_of_on
            from read_parquet(?)
            group by source_name
            order by source_name
            """,
            [str(place.candidate / "rpt_data_freshness" / "part-0.parquet")],
        ).fetchall()
    as_of = [row[4] for row in freshness if row[4] is not None]
    return {
        "code_revision": code_revision(),
        "checks": checks,
        "quality_score_pct": audit["quality_score_pct"],
        "as_of_on": str(max(as_of)) if as_of else None,
        "freshness": {
            str(source): {
                "landed_at": None if landed_at is None else str(landed_at),
                "latest_data_on": None if latest is None else str(latest),
                "rows": int(rows or 0),
            }
            for source, landed_at, latest, rows, _ in freshness
        },
    }
