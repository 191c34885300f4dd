"""The dbt project as assets: staging, intermediate, marts, and their tests as checks."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets

from extractors import catalog
from orchestration import inputs, orphans
from orchestration.manifest import DBT_MANIFEST, refresh_manifest
from orchestration.platform import Platform
from orchestration.resources import PlatformResource

WAREHOUSE_POOL = "warehouse"
CHECKS_FILE = "checks.json"
BUILD_FOLDER = "build"  # shared by build and export, so that the project is parsed once
_PASSED, _WARNED = "pass", "warn"

refresh_manifest(Platform.from_environment())


class BuildConfig(dg.Config):
    """How to build the warehouse.

    Attributes:
        rebuild: Build also when nothing was landed since gold was published.
        full_refresh: Build every table from bronze anew instead of the days that were touched.
    """

    rebuild: bool = False
    full_refresh: bool = False


class LayerTranslator(DagsterDbtTranslator):
    """Groups models by layer, the first folder under ``models/``; the owner is the model's dbt group."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The model's layer."""
        path = dbt_resource_props["fqn"]
        return str(path[1]) if len(path) > 2 else dbt_resource_props["resource_type"]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """The group, as `models/_groups.yml` describes it; seeds belong to the planners."""
        return [f"team:{dbt_resource_props.get('group') or 'planning'}"]


def count_checks(run_results: dict[str, Any]) -> dict[str, int]:
    """Passed, warned and failed tests in dbt's ``run_results.json``."""
    statuses = Counter(
        result["status"]
        for result in run_results["results"]
        if result["unique_id"].split(".", 1)[0] in ("test", "unit_test")
    )
    passed, warned = statuses.pop(_PASSED, 0), statuses.pop(_WARNED, 0)
    return {"passed": passed, "warned": warned, "failed": sum(statuses.values())}


@dbt_assets(
    manifest=DBT_MANIFEST,
    pool=WAREHOUSE_POOL,
    dagster_dbt_translator=LayerTranslator(
        settings=DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_source_tests_as_checks=True)
    ),
)
def warehouse(
    context: dg.AssetExecutionContext, config: BuildConfig, dbt: DbtCliResource, platform: PlatformResource
) -> Iterator[Any]:
    """Build and test the warehouse; the first failing test of error severity stops everything after it.

    Nothing is built, and every later step is skipped, when gold was published from the same inputs.
    """
    place = platform.platform()
    if unread := inputs.unread(place):
        raise dg.Failure(
            f"{', '.join(sorted(unread))}: the last reading did not come to its end, but other tables of the source "
            "landed. Nothing is built from a part: mend what that reading said, then `nova run`",
            allow_retries=False,
        )
    platform.lake().ensure_contracts(catalog.TABLES)
    if not (config.rebuild or config.full_refresh) and inputs.is_published(place):
        context.log.info("Nothing was landed and no model changed since gold was published: nothing to build.")
        return
    if orphans.end_orphan(place):
        context.log.warning("Ended the dbt of a run that was killed.")
    inputs.start_build(place)
    checks = place.dbt_target / CHECKS_FILE
    checks.unlink(missing_ok=True)
    build = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test", *(["--full-refresh"] if config.full_refresh else [])],
        context=context,
        target_path=place.dbt_target / BUILD_FOLDER,
    )
    orphans.note(place, build.process.pid)
    yield from build.stream()
    orphans.forget(place)
    checks.write_text(json.dumps(count_checks(build.get_artifact("run_results.json"))))


def mart_keys() -> list[dg.AssetKey]:
    """Keys of all marts: the models that leave the house."""
    return sorted(
        (spec.key for spec in warehouse.specs if spec.group_name == "marts"),
        key=lambda key: key.to_user_string(),
    )


def read_checks(place: Platform) -> dict[str, int]:
    """Counts of the last complete build.

    Raises:
        FileNotFoundError: If no build finished on this installation.
    """
    path: Path = place.dbt_target / CHECKS_FILE
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: the last build of the warehouse did not finish; run it again")
    return {name: int(count) for name, count in json.loads(path.read_text()).items()}
