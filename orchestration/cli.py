"""The `nova` command: thin words for what operators do; the work is in the packages that it calls.

Imports stand inside the commands: Dagster alone takes two seconds to import, and most commands do not need it.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import click
from dotenv import dotenv_values
from rich.console import Console

from orchestration.manifest import is_manifest_stale, parse_dbt_project, refresh_manifest
from orchestration.platform import CHECKOUT, Platform, executable

if TYPE_CHECKING:
    from orchestration.run import StepOutcome, Summary
    from publication.alerts.outbox import Sending

FIRST_COMPANY = 11  # seed of the first company that policies are tried on; the others follow
DEMO, LIVE, FILES = "demo", "live", "files"
PUBLISH_ONLY = "publish"
TOLD = "alerts__told"  # the step that tells what a publication changed
_DOTENV = CHECKOUT / ".env"
_BAHIA = ZoneInfo("America/Bahia")
_STOP_SECONDS = 7  # less than Docker waits before it kills
_console = Console(highlight=False, soft_wrap=True)


def _echo(text: str) -> None:
    _console.print(text, markup=False)


def _fail(message: str) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(message, markup=False, style="red")
    sys.exit(1)


def _sources_option(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--sources",
            type=click.Choice([DEMO, LIVE, FILES]),
            default=DEMO,
            show_default=True,
            help="The demonstration company, the real sources named in .env, or only what was landed from files.",
        ),
        click.option(
            "--size",
            type=click.Choice(["ci", "demo", "full"]),
            help="Size of the demonstration company when it is first created (demo, unless said otherwise).",
        ),
    ):
        command = option(command)
    return command


_live_option = click.option("--live", is_flag=True, help="With the settings of .env, as `nova run --sources live`.")


def _platform(sources: str | None = None, *, live: bool = False) -> Platform:
    """The installation, prepared for use and put into this process's environment.

    Args:
        sources: Of a command that reads sources; the real ones have to be named.
        live: Take the settings of .env, where there is one; the environment's own win.
    """
    if live or sources == LIVE:
        for name, value in dotenv_values(_DOTENV).items():
            if value:
                os.environ.setdefault(name, value)
    if sources == LIVE:
        _require_sources()
    place = Platform.from_environment(os.environ)
    place.prepare()
    os.environ.update(place.environment())
    return place


def _require_sources() -> None:
    """Refuse to begin when no real source is named; say which are not when some are."""
    from extractors.settings import NEEDED

    unset = [name for name in NEEDED if not os.environ.get(name)]
    if len(unset) == len(NEEDED):
        _fail(
            f"no source is named. Copy .env.example to {_DOTENV} and fill it in, or set these in the environment: "
            f"{', '.join(NEEDED)}"
        )
    if unset:
        where = f"in {_DOTENV} or the environment" if _DOTENV.exists() else "in the environment"
        _echo(f"Not set {where}, so that their feeds will fail: {', '.join(unset)}")


@contextmanager
def _running_sources(place: Platform, sources: str, size: str | None) -> Iterator[dict[str, str]]:
    """Variables that say where the sources are; the demonstration company runs as long as the block."""
    if sources != DEMO:
        yield {}
        return
    from orchestration.alerting import day_of
    from simulator.company import DemoCompany

    company = DemoCompany.at(place.company, size=size)
    company.create(until=day_of(os.environ, datetime.now(UTC)) - timedelta(days=1), report=_echo)
    with company.running() as environment:
        yield environment


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Spare-parts planning for telecom towers: from the sources to the buy list."""


@main.command()
@_sources_option
@click.option("--report/--no-report", default=True, show_default=True, help="Build the report after publishing.")
@click.option("--full-refresh", is_flag=True, help="Build every table from bronze anew, not only what changed.")
def run(sources: str, size: str | None, *, report: bool, full_refresh: bool) -> None:
    """Run the daily job: land, build, test, publish, report."""
    from orchestration.run import LOG, REPORT_ONLY, RunFailedError, job_name, only_run, run_job, summarize

    place = _platform(sources)
    started = time.monotonic()
    try:
        with only_run(place, _echo) as lock, _running_sources(place, sources, size) as environment:
            if is_manifest_stale():
                _echo("Reading the dbt project …")
                refresh_manifest(place)
            day = environment.get("NOVA_TODAY") or os.environ.get("NOVA_TODAY") or "today"
            _echo(f"Daily job for {day}; details in {place.logs / LOG}")
            with _console.status("working …"):
                steps = run_job(
                    place,
                    environment,
                    lock,
                    _show_step,
                    job=job_name(extract=sources != FILES, report=report),
                    full_refresh=full_refresh,
                )
                summary = summarize(place, steps)
                if report and summary.report is None:
                    # A run in which nothing changed skips its later steps; a site that was never finished is still due.
                    run_job(place, environment, lock, _show_step, job=REPORT_ONLY)
                    summary = summarize(place, steps)
    except RunFailedError as error:
        _tell_run(place, error.steps, str(error))
        _fail(str(error))
    except (RuntimeError, ValueError) as error:
        _fail(str(error))
    _tell_run(place, steps, day=environment.get("NOVA_TODAY"))
    _print_summary(place, summary, time.monotonic() - started)


def _open_alerts(place: Platform) -> str:
    from orchestration.alerting import open_alerts

    conditions = open_alerts(place)
    critical = sum(condition.severity == "critical" for condition in conditions)
    where = f" — {place.alerts}" if place.alerts.exists() else ""
    return f"{len(conditions):,} open, {critical:,} of them critical{where}"


def _tell_run(
    place: Platform, steps: Mapping[str, StepOutcome], error: str | None = None, day: str | None = None
) -> None:
    """Tell of a run that failed; after one that did not, send what the run itself had no reason to send."""
    from orchestration.alerting import alert_settings, day_of, tell_publication, tell_run
    from orchestration.run import WHOLE_RUN, causes
    from publication.alerts.settings import AlertSettingsError

    failed, succeeded = causes(steps)
    if error is None:
        succeeded.add(WHOLE_RUN)
    elif not failed:
        failed[WHOLE_RUN] = error
    now = datetime.now(UTC)
    try:
        settings = alert_settings(place, os.environ)
    except AlertSettingsError as unusable:
        _echo(f"Nobody was told: {unusable}")
        return
    done = tell_run(place, settings, now, failed=failed, succeeded=succeeded)
    if error is None and TOLD not in steps:
        today = date.fromisoformat(day) if day else day_of(os.environ, now)
        done = tell_publication(place, settings, now, today=today)
    for reason in done.sending.failed.values():
        _echo(f"An alert stays in the outbox: {reason}")


def _show_step(key: str, step: StepOutcome) -> None:
    """One line for one step that ended."""
    from orchestration.run import asset_name

    if step.error:
        _echo(f"  ✗ {asset_name(key):<40} {step.error}")
    else:
        _echo(f"  ✓ {asset_name(key):<40} {_what_happened(step):<36} {step.seconds:6.1f} s")


def _what_happened(step: StepOutcome) -> str:
    rows_landed = [int(metadata["rows_landed"]) for metadata in step.assets.values() if "rows_landed" in metadata]
    if rows_landed:
        return f"{sum(rows_landed):,} rows landed" if any(rows_landed) else "nothing new"
    if len(step.assets) > 1:
        return f"{len(step.assets)} tables built"
    if not step.assets:
        return f"{sum(step.checks.values())} of {len(step.checks)} passed" if step.checks else "nothing to do"
    return _what_was_made(next(iter(step.assets.values())))


def _what_was_made(metadata: Mapping[str, Any]) -> str:
    if "tables" in metadata:
        return f"{metadata['tables']} tables, {int(metadata['bytes']) / 1e6:,.1f} MB"
    if "messages_sent" in metadata:
        return f"{metadata['new']} new, {metadata['changed']} changed, {metadata['cleared']} cleared"
    if "is_new" in metadata:
        return f"{metadata['version']}{'' if metadata['is_new'] else ' (unchanged)'}"
    return ""


def _print_summary(place: Platform, summary: Summary, seconds: float) -> None:
    """What the operator wants to know when all is done."""
    _echo("")
    for source, (landed, unchanged) in sorted(summary.rows.items()):
        _echo(f"{source:<12} {landed:>12,} rows landed   {unchanged:>12,} already there")
    _echo("")
    checks = summary.checks
    _echo(f"Checks       {checks['passed']} passed, {checks['warned']} warned, {checks['failed']} failed")
    data_to = f"data to {summary.as_of_on}" if summary.as_of_on else "no stock position yet"
    _echo(f"Gold         {summary.version}{'' if summary.is_new else ' (unchanged)'}, {data_to}")
    _echo(f"To buy       {summary.below_reorder_point:,} item-locations are at or below their reorder point")
    _echo(f"Alerts       {_open_alerts(place)}")
    if summary.report is not None:
        _echo(f"Report       {summary.report} — `make report` serves it on http://127.0.0.1:8080")
    _echo(f"Took         {seconds:.0f} s")


@main.command()
@click.argument("feed")
@click.argument("first", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("last", type=click.DateTime(["%Y-%m-%d"]), required=False)
@_sources_option
def backfill(feed: str, first: datetime, last: datetime | None, sources: str, size: str | None) -> None:
    """Read the days FIRST to LAST of a FEED again, in one run; the daily job builds what changed.

    FEED is a source (erp, inmet, bacen, anatel) or a table of it (erp/requisitions). Of monthly feeds whole months are
    read. Masters and stock positions have no past in the ERP and stay as they were read.
    """
    from extractors.catalog import TABLES, asked_for_by
    from extractors.settings import Window
    from orchestration.partitions import key_range
    from orchestration.run import RunFailedError, only_run, run_backfill

    tables = [table for table in TABLES if feed in (table.source, table.name) and asked_for_by(table)]
    if not tables:
        known = dict.fromkeys(table.source for table in TABLES if asked_for_by(table))
        _fail(f"no day of {feed!r} can be asked for; feeds with days or months: {', '.join(known)}")
    place = _platform(sources)
    try:
        window = Window(first.date(), (last or first).date())
        partitions = key_range(tables[0], window)
        with only_run(place, _echo) as lock, _running_sources(place, sources, size) as environment:
            refresh_manifest(place)
            _echo(f"{feed} from {partitions[0]} to {partitions[1]}")
            assets = " or ".join(f'key:"{table.name}"' for table in tables)
            run_backfill(place, environment, lock, _show_step, assets=assets, partitions=partitions)
    except (RunFailedError, RuntimeError, ValueError) as error:
        _fail(str(error))


@main.command()
@click.option("--days", type=click.IntRange(1, 366), default=1, show_default=True, help="Days to append.")
def simulate(days: int) -> None:
    """Let the demonstration company live on for some days."""
    from orchestration.run import RunFailedError, only_run
    from simulator.company import DemoCompany

    place = _platform()
    try:
        with only_run(place, _echo):
            company = DemoCompany.at(place.company)
            until = company.advance(days, report=_echo)
    except (RunFailedError, FileNotFoundError) as error:
        _fail(str(error))
    _echo(f"The company's last closed day is {until}; run the daily job to take it in.")


@main.command()
@click.argument("feed")
@click.argument("files", nargs=-1, required=True)
def land(feed: str, files: tuple[str, ...]) -> None:
    """Land downloaded FILES of a FEED in bronze, by the same path as over HTTP.

    FILES may be patterns in quotation marks; `**` reaches into folders. A file that breaks its contract goes to the
    quarantine as a whole and the others land nevertheless; the exit code is 1 then.
    """
    from extractors.lake import Lake
    from extractors.landing import FEEDS, land_each

    place = _platform()
    if feed not in FEEDS:
        _fail(f"files of {feed!r} cannot be landed; known feeds: {', '.join(FEEDS)}")
    paths = _matching(files)
    run_id = f"land-{datetime.now(_BAHIA):%Y%m%dT%H%M%S}"
    width = max(len(path.name) for path in paths)
    _echo(f"{'file':<{width}}  {'table':<26} {'landed':>12} {'unchanged':>12} {'quarantined':>12}")
    refused = []
    for outcome in land_each(feed, paths, Lake(place.lake_root), run_id=run_id):
        name = f"{outcome.path.name:<{width}}"
        for landing in outcome.landings:
            _echo(
                f"{name}  {landing.table.name:<26} {landing.rows_landed:>12,} {landing.rows_unchanged:>12,} "
                f"{landing.rows_quarantined:>12,}"
            )
        if outcome.error is not None:
            _echo(f"{name}  {outcome.error.feed:<26} {0:>12} {0:>12} {'whole file':>12}")
            refused.append(str(outcome.error))
    if refused:
        _fail("\n".join(refused))


def _matching(patterns: Sequence[str]) -> list[Path]:
    """The files that names and patterns stand for, each once, patterns in order of name."""
    found: dict[Path, None] = {}
    missing = []
    for pattern in patterns:
        path = Path(pattern)
        matches = [path] if path.is_file() else sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
        files = [match for match in matches if match.is_file()]
        found.update(dict.fromkeys(files))
        if not files:
            missing.append(pattern)
    if missing:
        _fail(f"no such file: {', '.join(missing)}")
    return list(found)


@main.command()
@_live_option
def publish(*, live: bool) -> None:
    """Export and publish the marts of the last build that passed its tests, without landing or building anew."""
    from orchestration.run import RunFailedError, only_run, run_job

    place = _platform(live=live)
    try:
        with only_run(place, _echo) as lock:
            run_job(place, {}, lock, _show_step, job=PUBLISH_ONLY)
    except RunFailedError as error:
        _fail(str(error))


@main.command()
@click.argument("version", required=False)
@_live_option
def rollback(version: str | None, *, live: bool) -> None:
    """Point readers back at an earlier VERSION of gold (the one before, by default)."""
    from publication import gold
    from publication.store import GoldStore

    try:
        _echo(f"Readers use {gold.rollback(GoldStore(_platform(live=live).gold_root), version)} now.")
    except gold.PublicationError as error:
        _fail(str(error))


@main.command()
@_live_option
@click.option("--apply", "is_meant", is_flag=True, help="Remove it; without this, it is only shown.")
def retain(*, live: bool, is_meant: bool) -> None:
    """Show what is no longer needed, or remove it: old gold, superseded vintages, logs, records of runs."""
    from dagster import DagsterInstance

    from orchestration.retention import apply, plan
    from orchestration.run import RunFailedError, only_run

    place = _platform(live=live)
    instance = DagsterInstance.from_config(str(place.dagster_home))
    try:
        with only_run(place, _echo):
            planned = plan(place, instance)
            if is_meant:
                apply(place, instance, planned)
    except RunFailedError as error:
        _fail(str(error))
    for what, found in (
        ("versions of gold", planned.versions),
        ("superseded vintages", planned.vintages),
        ("log files", planned.logs),
        ("records of runs", planned.runs),
    ):
        _echo(f"{len(found):>8,} {what}")
        for name in found[:5]:
            _echo(f"         {name}")
    _echo("Removed." if is_meant else "Nothing was removed; `nova retain --apply` does.")


@main.command()
@_live_option
def versions(*, live: bool) -> None:
    """List the versions of gold that are kept; the current one is marked."""
    from publication import gold
    from publication.store import GoldStore

    store = GoldStore(_platform(live=live).gold_root)
    pointer = gold.current(store)
    for manifest in gold.versions(store):
        mark = "*" if pointer and manifest["version"] == pointer["version"] else " "
        rows = sum(int(table["rows"]) for table in manifest["tables"].values())
        _echo(f"{mark} {manifest['version']}  data to {manifest['as_of_on']}  {rows:>12,} rows")


@main.command()
@click.argument("table", required=False)
@_live_option
def profile(table: str | None, *, live: bool) -> None:
    """Write a page on what is in TABLE (`dim_items`, `erp/items`), or in every table of gold and bronze."""
    from orchestration import quality_pages

    place = _platform(live=live)
    try:
        written = quality_pages.profile(place, table)
    except quality_pages.NoSuchTableError as error:
        _fail(str(error))
    _echo(f"{len(written)} pages written; open {place.quality_pages / quality_pages.PROFILES / 'index.html'}")


@main.command()
@click.argument("table")
@_live_option
def accept(table: str, *, live: bool) -> None:
    """Let the size that TABLE (`erp/items`, `dim_items`) had in the newest audit count as usual from now on."""
    from publication.store import GoldStore
    from quality.history import History

    store = GoldStore(_platform(live=live).quality_root)
    history = History.read(store)
    try:
        history.accept(table)
    except KeyError:
        known = sorted({name for audit in history.audits for name in audit["measures"]})
        _fail(f"no audit knows {table!r}; known: {', '.join(known) or 'none, run the daily job first'}")
    history.write(store)
    _echo(f"{table}: {history.usual_rows()[table]:,.0f} rows are usual from now on; run the daily job again.")


@main.command()
@_live_option
def verify(*, live: bool) -> None:
    """Compare every file of published gold with its checksum."""
    from publication import gold
    from publication.store import GoldStore

    try:
        damaged = gold.verify(GoldStore(_platform(live=live).gold_root))
    except gold.PublicationError as error:
        _fail(str(error))
    if damaged:
        _fail(f"damaged or missing: {', '.join(damaged)}; roll back, or run the daily job again")
    _echo("Every published file has the checksum that its manifest names.")


@main.group(invoke_without_command=True)
@_live_option
@click.option("--dry-run", is_flag=True, help="Show what would be told; write and send nothing.")
@click.pass_context
def alerts(context: click.Context, *, live: bool, dry_run: bool) -> None:
    """Tell what changed since the last publication, and send what waits in the outbox."""
    from orchestration.alerting import alert_settings, day_of, preview, tell_publication
    from publication.alerts.settings import AlertSettingsError
    from publication.gold import PublicationError

    if context.invoked_subcommand:
        return
    place = _platform(live=live)
    now = datetime.now(UTC)
    try:
        settings = alert_settings(place, os.environ)
        if dry_run:
            _, message = preview(place, settings, now, today=day_of(os.environ, now))
            _echo(message.text if message else "Nothing to tell.")
            return
        done = tell_publication(place, settings, now, today=day_of(os.environ, now))
    except (AlertSettingsError, PublicationError) as error:
        _fail(str(error))
    _echo(f"{len(done.events)} to tell")
    _print_sending(done.sending)


@alerts.command()
@_live_option
@click.option("--dry-run", is_flag=True, help="Show the summary; write and send nothing.")
def weekly(*, live: bool, dry_run: bool) -> None:
    """Send managers the week's figures with the report attached, once a week."""
    from orchestration.alerting import alert_settings, preview_week, tell_week
    from publication.alerts.settings import AlertSettingsError
    from publication.gold import PublicationError
    from publication.snapshot import SnapshotError

    place = _platform(live=live)
    now = datetime.now(UTC)
    try:
        settings = alert_settings(place, os.environ)
        if dry_run:
            _echo(preview_week(place, settings).text)
            return
        sending = tell_week(place, settings, now)
    except (AlertSettingsError, PublicationError, SnapshotError) as error:
        _fail(str(error))
    _print_sending(sending)


def _print_sending(sending: Sending) -> None:
    """What became of the outbox; a delivery that failed is an error."""
    _echo(f"{len(sending.sent)} messages sent, {len(sending.waiting)} wait for the quiet hours to end")
    if sending.failed:
        _fail("\n".join(f"{key} stays in the outbox: {reason}" for key, reason in sending.failed.items()))


@main.command()
@click.argument("saved_query", required=False, default="stock_by_month")
def metrics(saved_query: str) -> None:
    """Ask published gold a SAVED_QUERY about its metrics (stock_by_month, by default)."""
    from orchestration.metrics import Metrics, MetricsError

    place = _platform()
    try:
        refresh_manifest(place)
        answers = Metrics(place)
        _echo(answers.ask(saved_query).text_format(3))
    except (MetricsError, RuntimeError) as error:
        _fail(str(error))
    _echo("")
    for name, description in sorted(answers.saved_queries().items()):
        _echo(f"{'*' if name == saved_query else ' '} {name:<24} {description}")


@main.command()
def env() -> None:
    """Print the variables that dbt and Dagster need, for `eval "$(nova env)"`."""
    for name, value in _platform().environment().items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command()
def parse() -> None:
    """Check that dbt can parse the project, and keep the manifest for Dagster."""
    try:
        parse_dbt_project(_platform())
    except RuntimeError as error:
        _fail(str(error))
    _echo("dbt parses the project.")


@main.command()
def dictionary() -> None:
    """Write the data dictionary and dbt's documentation."""
    from orchestration.dictionary import write_dbt_docs, write_dictionary

    place = _platform()
    try:
        parse_dbt_project(place)
        _echo(f"Wrote {write_dictionary()} and {write_dbt_docs(place)}")
    except RuntimeError as error:
        _fail(str(error))


@main.command()
@click.argument("what", type=click.Choice(["runs", "feeds", "warehouse", "report"]), default="runs")
@click.option(
    "--size", type=click.Choice(["ci", "demo", "full"]), default="demo", show_default=True, help="Of the company."
)
@click.option("--report/--no-report", default=False, show_default=True, help="Build the report in each run.")
@click.option("--rows", type=int, default=10_000_000, show_default=True, help="Requisition lines (feeds).")
@click.option("--megabytes", type=int, default=1_000, show_default=True, help="Size of ANATEL's register (feeds).")
def bench(what: str, *, size: str, report: bool, rows: int, megabytes: int) -> None:
    """Time daily runs (the first, the same day again, one more day), large feeds, a rebuild, or the report.

    Everything is made anew in a folder of its own and removed afterwards; only `report` measures what this installation
    has published and built.
    """
    try:
        if what == "feeds":
            _bench_feeds(rows, megabytes)
        elif what == "warehouse":
            _bench_warehouse(size)
        elif what == "report":
            _bench_report(_platform())
        else:
            _bench_runs(size, with_report=report)
    except RuntimeError as error:
        _fail(str(error))


def _bench_runs(size: str, *, with_report: bool) -> None:
    from orchestration.bench import measure_daily_runs

    _echo(f"{'size ' + size:<42} {'seconds':>8} {'peak MB of one process so far':>30}")
    measure_daily_runs(
        size,
        with_report=with_report,
        report=lambda done: _echo(f"{done.what:<42} {done.seconds:>8.1f} {done.peak_mb:>30,.0f}"),
    )


def _bench_warehouse(size: str) -> None:
    from orchestration.bench_warehouse import Layer, measure_rebuild

    def line(done: Layer) -> None:
        peak = "" if done.peak_mb is None else f"{done.peak_mb:,.0f}"
        _echo(f"| {done.name:<24} | {done.nodes:>5} | {done.seconds:>7.1f} | {peak:>11} |")

    _echo(f"| {'size ' + size:<24} | nodes | seconds | peak RSS MB |")
    _echo("|---|--:|--:|--:|")
    measure_rebuild(size, line)


def _bench_report(place: Platform) -> None:
    from orchestration.bench_report import (
        CHART_BUDGET_MS,
        FOR_THE_BUILD,
        QUERY_BUDGET_MS,
        measure_pages,
        measure_queries,
    )
    from publication.snapshot import SnapshotError

    try:
        queries = measure_queries(place.gold_root)
    except SnapshotError as error:
        raise RuntimeError(str(error)) from error
    _echo(f"| {'query':<44} | {'rows':>9} | {'MB':>6} | median ms | slowest ms |")
    _echo("|---|--:|--:|--:|--:|")
    for query in queries:
        _echo(
            f"| {query.name:<44} | {query.rows:>9,} | {query.megabytes:>6.1f} | {query.median_ms:>9.1f} "
            f"| {query.slowest_ms:>10.1f} |"
        )
    asked = [query for query in queries if not query.name.endswith(FOR_THE_BUILD)]
    slow = sum(query.median_ms > QUERY_BUDGET_MS for query in asked)
    _echo(f"{slow} of {len(asked)} queries over {QUERY_BUDGET_MS} ms, those of the site's build for all items left out")
    _echo("")

    site = place.report_root / "current"
    if not (site / "index.html").exists():
        raise RuntimeError(f"pages are not measured: no report in {site}; build it by `nova report`")
    _echo(f"| {'page':<24} | kB, compressed | first words ms | first chart ms | slowest ms |")
    _echo("|---|--:|--:|--:|--:|")
    late = 0
    for page in measure_pages(site):
        chart = "" if page.first_chart_ms is None else f"{page.first_chart_ms:,.0f}"
        late += page.slowest_ms > CHART_BUDGET_MS
        _echo(
            f"| {page.address:<24} | {page.kilobytes:>14,.0f} | {page.first_words_ms:>14,.0f} | {chart:>14} "
            f"| {page.slowest_ms:>10,.0f} |"
        )
    _echo(f"{late} pages with a visit over {CHART_BUDGET_MS:,} ms")


def _bench_feeds(rows: int, megabytes: int) -> None:
    from orchestration.bench_feeds import FeedMeasurement, measure_feeds

    def line(done: FeedMeasurement) -> None:
        peak = "" if done.peak_mb is None else f"{done.peak_mb:,.0f}"
        stored = "" if done.stored_mb is None else f"{done.stored_mb:,.0f}"
        _echo(
            f"| {done.what:<34} | {done.rows:>10,} | {done.megabytes:>8,.0f} | {done.seconds:>7.1f} "
            f"| {done.rows / done.seconds:>9,.0f} | {done.megabytes / done.seconds:>6,.0f} | {peak:>11} | {stored:>9} |"
        )

    _echo(
        f"| {'What':<34} | {'rows':>10} | MB, text | seconds | {'rows/s':>9} | {'MB/s':>6} | peak RSS MB | bronze MB |"
    )
    _echo("|---|--:|--:|--:|--:|--:|--:|--:|")
    measure_feeds(rows, megabytes, line, saying=Console(stderr=True, highlight=False).print)


@main.command()
@click.option("--size", type=click.Choice(["ci", "demo", "full"]), default="demo", show_default=True)
@click.option("--companies", type=click.IntRange(1, 50), default=5, show_default=True, help="Generated companies.")
@click.option("--stress", is_flag=True, help="Also replay companies with other lead times, demand and currency.")
@click.option("--recorded", is_flag=True, help="Replay the history of this installation's own ERP instead.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last replayed day; that of docs/policy-lab.md, or the last recorded one, by default.",
)
def value(size: str, companies: int, stress: bool, recorded: bool, until: datetime | None) -> None:
    """Replay policies on generated companies, or on this one: what each would have done on days that it never saw."""
    from extractors.http import FeedContractError
    from orchestration import value
    from orchestration.resources import PlatformResource
    from simulator.policy.choice import choose_knob, mark_chosen

    place = _platform()
    settings = PlatformResource().settings()
    started = time.monotonic()
    try:
        if recorded:
            scenarios = [value.RECORDED]
            last = until.date() if until else settings.today - timedelta(days=1)
            _echo(f"the recorded history of {place.warehouse}, replayed until {last}")
            scores = value.replay_recorded(place, last)
        else:
            scenarios = [value.BASE, *(name for name in value.SCENARIOS if stress and name != value.BASE)]
            last = until.date() if until else value.LAST_DAY
            trials = [
                value.Trial(size, FIRST_COMPANY + i, scenario, last) for scenario in scenarios for i in range(companies)
            ]
            _echo(f"{len(trials)} companies of size {size}, replayed until {last}")
            scores = value.run_trials(trials, workers=min(len(trials), os.cpu_count() or 1), report=_echo)
        marked = mark_chosen(scores, choose_knob(scores, scenarios[0]))
        outcomes = value.write_outcomes(marked, place.backtest)
        value.take_in(place, settings)
    except (RuntimeError, ValueError, FeedContractError) as error:
        _fail(str(error))
    try:
        for scenario in scenarios:
            _print_value(place, scenario)
    except RuntimeError as error:
        _fail(f"the outcomes are in {outcomes} and in the warehouse, but cannot be shown now: {error}")
    _echo("")
    _echo(f"Outcomes     {outcomes}; the next daily run publishes them")
    _echo(f"Took         {time.monotonic() - started:.0f} s")


def _print_value(place: Platform, scenario: str) -> None:
    """The scored year against the buyer without a policy: a company's figures, and the range of changes over them."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from orchestration.value import read_frontier
    from simulator.policy.experiment import SCORED

    table = Table(
        title=f"{scenario}, scored year, mean company",
        caption="least, most: change over companies. at equal stock: what the cost-based policy would change further.",
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("policy", "stocked out", "change", "least", "most", "vital fill", "stock BRL", "change", "orders"):
        table.add_column(name, justify="left" if name == "policy" else "right", no_wrap=True)
    table.add_column("cost BRL", justify="right", no_wrap=True)
    table.add_column("at equal stock", justify="right", no_wrap=True)
    for row in read_frontier(place, scenario, SCORED):
        vital, equal, lines = (
            row[name] for name in ("vital_line_fill_rate", "cost_based_stocked_out_lines", "stocked_out_lines_count")
        )
        table.add_row(
            f"{row['policy']} {row['knob']:g}{' ← chosen' if row['is_chosen'] else ''}",
            f"{lines / row['companies_count']:,.0f}",
            f"{row['stocked_out_change_pct']:+.1f} %",
            f"{row['least_stocked_out_change_pct']:+.1f} %",
            f"{row['greatest_stocked_out_change_pct']:+.1f} %",
            "" if vital is None else f"{100 * vital:.1f} %",
            f"{row['mean_inventory_brl']:,.0f}",
            f"{row['inventory_change_pct']:+.1f} %",
            f"{row['orders_count'] / row['companies_count']:,.0f}",
            f"{row['total_cost_brl'] / row['companies_count']:,.0f}",
            "" if equal is None or not lines else f"{100 * (equal / lines - 1):+.1f} %",
        )
    Console(highlight=False, width=170).print(table)


@main.command()
@_sources_option
@click.option("--port", type=int, default=3000, show_default=True)
def ui(sources: str, size: str | None, port: int) -> None:
    """Open Dagster on loopback, with the sources at hand."""
    place = _platform(sources)
    refresh_manifest(place)
    with _running_sources(place, sources, size) as environment:
        _echo(f"Dagster: http://127.0.0.1:{port} (Ctrl-C ends it)")
        _wait_for(
            [str(executable("dg")), "dev", "--host", "127.0.0.1", "--port", str(port)],
            {**os.environ, **environment},
        )


@main.command("code-server")
@_sources_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=4000, show_default=True)
def code_server(sources: str, size: str | None, host: str, port: int) -> None:
    """Serve the definitions to Dagster's web server and daemon, and run what they launch."""
    place = _platform(sources)
    refresh_manifest(place)
    with _running_sources(place, sources, size) as environment:
        module = ["--module-name", "orchestration.definitions", "--location-name", "nova_corrente"]
        _wait_for(
            [str(executable("dagster")), "api", "grpc", "--host", host, "--port", str(port), *module],
            {**os.environ, **environment},
        )


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def dagster(command: tuple[str, ...]) -> None:
    """Run a COMMAND of Dagster (dagster-webserver, dagster-daemon …) on this installation."""
    _platform()
    program = executable(command[0])
    if not program.name.startswith("dagster") or not program.exists():
        _fail(f"{command[0]!r} is no command of Dagster; try dagster-webserver or dagster-daemon")
    os.execv(program, [str(program), *command[1:]])  # noqa: S606  (a command of this environment, named by the operator)


@main.command()
@click.option("--snapshot", is_flag=True, help="Write chosen pages as one HTML file and a PDF, for e-mail.")
@click.option("--page", "pages", multiple=True, help="Page of the snapshot, repeatable; hoje and compras by default.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Folder of the snapshot; data/snapshots by default."
)
def report(snapshot: bool, pages: tuple[str, ...], folder: Path | None) -> None:
    """Build the report from published gold, without a daily run; or write a snapshot of it."""
    from publication import gold
    from publication.store import GoldStore

    place = _platform()
    if not snapshot and (pages or folder):
        _fail("--page and --to say what a snapshot holds and where it goes: add --snapshot")
    pointer = gold.current(GoldStore(place.gold_root))
    if pointer is None:
        _fail(f"nothing is published in {place.gold_root}; run the daily job first")
    if snapshot:
        _write_snapshot(place, pages, (folder or place.snapshots) / f"nova-corrente-{pointer['as_of_on']}.html")
        return
    from orchestration.site import build_site

    try:
        local = gold.mirror(GoldStore(place.gold_root), place.gold_copy)
        site, is_new = build_site(place, local, str(pointer["version"]))
    except (RuntimeError, gold.PublicationError) as error:
        _fail(str(error))
    _echo(f"Report       {site}{'' if is_new else ' (unchanged)'}")


def _write_snapshot(place: Platform, pages: Sequence[str], target: Path) -> None:
    from publication.snapshot import DEFAULT_PAGES, NoBrowserError, SnapshotError, print_pdf, write_snapshot

    try:
        html = write_snapshot(place.gold_root, target, pages or DEFAULT_PAGES)
        _echo(f"HTML         {html} ({html.stat().st_size / 1e6:.1f} MB)")
        with _console.status("printing …"):
            pdf = print_pdf(html)
        _echo(f"PDF          {pdf} ({pdf.stat().st_size / 1e6:.1f} MB)")
    except SnapshotError as error:
        _fail(str(error))
    except NoBrowserError as error:
        _echo(f"PDF          {error}")


@main.command()
@click.option("--port", type=int, default=8080, show_default=True)
def serve(port: int) -> None:
    """Serve the report on loopback."""
    place = _platform()
    folder = place.report_root / "current"
    if not (folder / "index.html").exists():
        _fail(f"no report in {folder}; run the daily job first")
    script = CHECKOUT / "reports" / "scripts" / "serve.mjs"
    _wait_for(["node", str(script), str(folder), str(port)], dict(os.environ))


def _wait_for(command: list[str], environment: dict[str, str]) -> None:
    """Run a server in the foreground until it ends or the operator interrupts it."""
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment) as process:

        def stop(*_: object) -> None:
            """A container is stopped this way; Dagster's code server does not end by itself when it is asked."""
            process.terminate()
            insist = threading.Timer(_STOP_SECONDS, process.kill)
            insist.daemon = True
            insist.start()

        signal.signal(signal.SIGTERM, stop)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            code = process.wait()
    sys.exit(max(code, 0))


if __name__ == "__main__":
    main()
