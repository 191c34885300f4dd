"""The quality gates: what arrived is judged before the warehouse is built, the candidate before it is published.

One process of its own judges both. It is started with the run, so that its start-up overlaps with the landing.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from extractors import catalog
from orchestration import inputs
from orchestration.assets.gold import CANDIDATE_AUDIT, candidate
from orchestration.assets.warehouse import BUILD_FOLDER
from orchestration.platform import Platform
from orchestration.quality_pages import DATA_DOCS
from orchestration.resources import PlatformResource
from publication import gold
from publication.store import GoldStore
from quality.auditor import Auditor
from quality.dbt_tests import read_tests
from quality.history import EXPECTATIONS, SCORES, History, expectations, verdicts, write_tables
from quality.outcomes import Audit, Outcome, score_pct
from quality.suites import Suite, load_suites

ARRIVALS_FILE = "arrivals.json"


class AuditorResource(dg.ConfigurableResource["AuditorResource"]):
    """The audit's process, alive as long as the run."""

    _auditor: Auditor | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["AuditorResource"]:
        """Start the process with the run and end it with the run."""
        del context
        self._auditor = Auditor(Platform.from_environment().logs / "quality.log")
        try:
            yield self
        finally:
            self._auditor.close()

    @property
    def process(self) -> Auditor:
        """The process to ask."""
        if self._auditor is None:
            raise RuntimeError("the audit's process is started by Dagster with the run")
        return self._auditor


def _suites(stage: str) -> list[Suite]:
    return [suite for suite in load_suites() if suite.stage == stage]


def _bronze_key(suite: Suite) -> dg.AssetKey:
    return dg.AssetKey(suite.table.split("/"))


@dg.multi_asset_check(
    name="quality__arrivals",
    specs=[
        dg.AssetCheckSpec(
            "arrives",
            asset=_bronze_key(suite),
            blocking=True,
            description="What arrived is as quality/suites expects it.",
        )
        for suite in _suites("arrives")
    ],
    can_subset=True,
)
def audit_arrivals(
    context: dg.AssetCheckExecutionContext, platform: PlatformResource, auditor: AuditorResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge what arrived; nothing is built from what breaks a blocking expectation."""
    place = platform.platform()
    if inputs.is_published(place):
        context.log.info("Nothing arrived since gold was published: nothing to judge.")
        return
    platform.lake().ensure_contracts(catalog.TABLES)  # part of the inputs that the build will note
    audit = judge_arrivals(place, auditor.process)
    wanted = context.selected_asset_check_keys
    for suite in _suites("arrives"):
        if dg.AssetCheckKey(_bronze_key(suite), "arrives") in wanted:
            yield _result(audit.outcomes, suite, asset_key=_bronze_key(suite), check_name="arrives")
    if audit.stopping:
        auditor.process.write_data_docs(place.quality_pages / DATA_DOCS)
        _remember(place, audit.outcomes, audit.measures)
        raise _failure(audit.stopping, "The warehouse stays as it was")


@dg.multi_asset_check(
    name="quality__candidate",
    specs=[
        dg.AssetCheckSpec(
            suite.table,
            asset=candidate.key,
            blocking=True,
            description="What leaves is as quality/suites expects it.",
        )
        for suite in _suites("leaves")
    ],
    can_subset=True,
)
def audit_candidate(
    context: dg.AssetCheckExecutionContext, platform: PlatformResource, auditor: AuditorResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge the candidate, and write into it what was found."""
    place = platform.platform()
    pointer = gold.current(platform.gold()) or {"tables": {}}
    published = {name: f"{place.gold_root}/{table['path']}" for name, table in pointer["tables"].items()}
    arrivals = _arrivals_of_this_build(place) or judge_arrivals(place, auditor.process)
    usual = History.read(GoldStore(place.quality_root)).usual_rows()
    leaves = auditor.process.leaves(place.candidate, published, usual)
    for suite in _suites("leaves"):
        yield _result(leaves.outcomes, suite, asset_key=candidate.key, check_name=suite.table)
    auditor.process.write_data_docs(place.quality_pages / DATA_DOCS)
    auditor.process.close()  # nothing is judged after this; its memory is the report's
    outcomes = [*arrivals.outcomes, *_dbt_tests(place), *leaves.outcomes]
    measures = arrivals.measures | leaves.measures
    stopping = arrivals.stopping + leaves.stopping
    if stopping:
        _remember(place, outcomes, measures)
        raise _failure(stopping, "The published version stays as it was")
    if not _keep_published_verdict(platform.gold(), pointer, place.candidate, outcomes):
        history, audited_at = _remember(place, outcomes, measures)
        write_tables(place.candidate, history, audited_at, outcomes)
    score = {"quality_score_pct": score_pct(outcomes)}
    (place.candidate / CANDIDATE_AUDIT).write_text(json.dumps(score), encoding="utf-8")
    context.log.info(f"Quality score: {score['quality_score_pct']} %")


def judge_arrivals(place: Platform, auditor: Auditor) -> Audit:
    """Judge bronze and keep what was found for the audit of the candidate that is built from it."""
    identity = inputs.fingerprint(place)
    audit = auditor.arrives(place.lake_root, History.read(GoldStore(place.quality_root)).usual_rows())
    folder = place.data / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{ARRIVALS_FILE}.tmp"
    draft.write_text(json.dumps({"fingerprint": identity, "audit": audit.to_json()}), encoding="utf-8")
    draft.replace(folder / ARRIVALS_FILE)
    return audit


def _arrivals_of_this_build(place: Platform) -> Audit | None:
    """What was found of the inputs that the warehouse was built from, unless they were never judged."""
    file = place.data / "quality" / ARRIVALS_FILE
    if not file.exists():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Audit.from_json(kept["audit"]) if kept["fingerprint"] == inputs.building(place) else None


def _dbt_tests(place: Platform) -> list[Outcome]:
    folder = place.dbt_target / BUILD_FOLDER
    results, manifest = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in ("run_results.json", "manifest.json")
    )
    return read_tests(results, manifest)


def _remember(
    place: Platform, outcomes: list[Outcome], measures: dict[str, dict[str, float]]
) -> tuple[History, datetime]:
    history, audited_at = History.read(GoldStore(place.quality_root)), datetime.now(UTC)
    history.add(audited_at, outcomes, measures)
    history.write(GoldStore(place.quality_root))
    return history, audited_at


def _keep_published_verdict(store: GoldStore, pointer: dict[str, Any], folder: Path, outcomes: list[Outcome]) -> bool:
    """Take over the published verdict where neither the data nor the verdict changed: that makes no new version."""
    before = pointer["tables"]
    if not {SCORES, EXPECTATIONS} <= before.keys():
        return False
    tables = gold.describe_candidate(folder)
    if {name: table["sha256"] for name, table in tables.items()} != {
        name: table["sha256"] for name, table in before.items() if name not in (SCORES, EXPECTATIONS)
    }:
        return False
    published = store.dataset(before[EXPECTATIONS]["path"]).to_table()
    if verdicts(published) != verdicts(expectations(datetime.now(UTC), outcomes)):
        return False
    for name in (SCORES, EXPECTATIONS):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "part-0.parquet").write_bytes(store.read(before[name]["path"]) or b"")
    return True


def _result(
    outcomes: Sequence[Outcome], suite: Suite, *, asset_key: dg.AssetKey, check_name: str
) -> dg.AssetCheckResult:
    """The verdict on one table as Dagster shows it."""
    own = [outcome for outcome in outcomes if outcome.table == suite.table and outcome.stage == suite.stage]
    failed = [outcome for outcome in own if outcome.status == "failed"]
    counts: dict[str, int] = defaultdict(int)
    for outcome in own:
        counts[outcome.status] += 1
    is_stopping = any(outcome.stops for outcome in failed)
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=check_name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if is_stopping else dg.AssetCheckSeverity.WARN,
        description="\n".join(outcome.told() for outcome in failed) or None,
        metadata={**counts, "score_pct": score_pct(own) if score_pct(own) is not None else "nothing to judge"},
    )


def _failure(stopping: Sequence[Outcome], consequence: str) -> dg.Failure:
    told = "\n".join(replace(outcome, samples=outcome.samples[:3]).told() for outcome in stopping)
    return dg.Failure(f"{told}\n{consequence}. Mend it at the source and run again.", allow_retries=False)
