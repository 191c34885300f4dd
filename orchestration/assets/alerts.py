"""Alerts in Dagster: told after each publication, sent again when a channel was down, summed up on Mondays."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from orchestration.alerting import Told, alert_settings, day_of, is_telling_due, tell_publication, tell_week
from orchestration.assets.gold import current
from orchestration.resources import PlatformResource
from publication.alerts.outbox import Sending
from publication.alerts.settings import AlertSettingsError


@dg.asset(
    key=["alerts", "told"],
    deps=[current],
    group_name="alerts",
    owners=["team:planning"],
    kinds={"python"},
    description="What is new, changed, due again or cleared since the last publication, told once to whom it concerns.",
)
def told(context: dg.AssetExecutionContext, platform: PlatformResource) -> dg.MaterializeResult[None]:
    """Compare published gold with what was told, and send; a channel that is down is tried again later."""
    place = platform.platform()
    try:
        settings = alert_settings(place, os.environ)
    except AlertSettingsError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    now = datetime.now(UTC)
    done = tell_publication(place, settings, now, today=day_of(os.environ, now))
    _warn(context, done.sending)
    return dg.MaterializeResult(metadata=_counts(done))


def _counts(done: Told) -> dict[str, int]:
    changes: Sequence[str] = [event.change.value for event in done.events]
    return {
        **{change: changes.count(change) for change in ("new", "changed", "reminder", "cleared")},
        "messages_sent": len(done.sending.sent),
        "messages_waiting": len(done.sending.waiting) + len(done.sending.failed),
    }


def _warn(context: dg.OpExecutionContext | dg.AssetExecutionContext, sending: Sending) -> None:
    for key, reason in sending.failed.items():
        context.log.warning(f"{key} stays in the outbox: {reason}")


@dg.op
def send_the_week(context: dg.OpExecutionContext, platform: PlatformResource) -> None:
    """Send managers the week's figures, with the report as one file."""
    place = platform.platform()
    settings = alert_settings(place, os.environ)
    _warn(context, tell_week(place, settings, datetime.now(UTC)))


@dg.job(description="The managers' week: main figures and the report, once a week.")
def weekly_summary() -> None:
    """Dagster's job of one step."""
    send_the_week()


weekly_on_monday = dg.ScheduleDefinition(
    name="weekly_on_monday",
    job=weekly_summary,
    cron_schedule="0 7 * * 1",
    execution_timezone="America/Bahia",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Mondays at 07:00 in Salvador, after the night's publication.",
)

send_alerts = dg.define_asset_job(
    "send_alerts",
    selection=dg.AssetSelection.assets(told),
    description="Compare and send once more: what a channel refused, and what waited for the morning.",
)


@dg.sensor(
    job=send_alerts,
    minimum_interval_seconds=600,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Messages wait that may go out now, or data grew older than their source promises.",
)
def undelivered_alerts(platform: PlatformResource) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when a channel was down, the quiet hours are over, or no new data came for too long."""
    place = platform.platform()
    now = datetime.now(UTC)
    if not is_telling_due(place, alert_settings(place, os.environ), now, today=day_of(os.environ, now)):
        return dg.SkipReason("nothing waits in the outbox, and nothing new is to be told")
    return dg.RunRequest()
