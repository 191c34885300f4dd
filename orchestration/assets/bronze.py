"""One asset per bronze table: fetch what is new from its source, or what it holds of the partitions asked for.

The ERP's tables come from one database and refer to each other, so one step reads them all as of one moment.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import dagster as dg

from extractors import catalog
from extractors.http import FeedContractError, FeedUnavailable
from extractors.lake import BronzeTable, Landing
from extractors.settings import Settings, SettingsError
from orchestration import inputs
from orchestration.partitions import partitions_of, touched, window_of
from orchestration.promises import freshness_policy
from orchestration.resources import PlatformResource

# Single-run backfills are what a source over HTTP needs, and Dagster has offered them as beta for years.
warnings.filterwarnings("ignore", category=dg.BetaWarning, message=".*backfill_policy.*")

_DESCRIPTIONS = {
    "snapshot": "Whole table as the source shows it today; a vintage is written only when something changed.",
    "changes": "Rows that are new or changed in the source since the last read, with a look-back for late ones.",
    "register": "Whole register as the source publishes it for a month; a newer month replaces the older ones.",
    "month": "One partition a month; a month that the source revised becomes a new vintage.",
    "year": "One partition a year, computed from rules.",
}
_OWNER = "team:ingestion"  # the group in models/_groups.yml
# One request at a time to each host that is not ours, over all runs.
_HOSTS = {
    "inmet": "host_inmet",
    "bacen/sgs_observations": "host_bacen_sgs",
    "bacen/ptax_quotes": "host_bacen_olinda",
    "bacen/focus_expectations": "host_bacen_olinda",
    "anatel": "host_anatel",
    "suppliers": "host_suppliers",
    "erp": "host_erp",
}
_RETRIES = 3


@contextmanager
def _told_to_dagster(retries_before: int, first_pause_seconds: float) -> Iterator[None]:
    """Let Dagster try again what may heal, and only that: a contract error never does, an unreachable source often."""
    try:
        yield
    except (FeedContractError, SettingsError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    except (FeedUnavailable, OSError) as error:  # the lake may be on S3, which can be as unreachable as a source
        if first_pause_seconds and retries_before < _RETRIES:
            raise dg.RetryRequested(_RETRIES, first_pause_seconds * 2**retries_before) from error
        raise dg.Failure(description=str(error), allow_retries=False) from error


def pool_of(table: BronzeTable) -> str | None:
    """The pool of the host that a table is read from; None for folders and what is computed."""
    return _HOSTS.get(table.name, _HOSTS.get(table.source))


def _spec(table: BronzeTable) -> dg.AssetSpec:
    """What an asset says of its table, whichever way it is read."""
    columns = [dg.TableColumn(name=field.name, type=str(field.type)) for field in table.schema]
    return dg.AssetSpec(
        [table.source, table.table],
        group_name=f"bronze_{table.source}",
        kinds={"python", "parquet", "bronze"},
        description=_DESCRIPTIONS[table.kind],
        owners=[_OWNER],
        partitions_def=partitions_of(table),
        freshness_policy=freshness_policy(table.source),
        metadata={
            "dagster/column_schema": dg.TableSchema(columns=columns),
            "dagster/table_name": f"bronze.{table.source}.{table.table}",
            "natural_key": ", ".join(table.key),
        },
    )


def _settings(context: dg.AssetExecutionContext, platform: PlatformResource) -> Settings:
    return replace(platform.settings(), window=window_of(context))


def _result(
    context: dg.AssetExecutionContext, platform: PlatformResource, landing: Landing
) -> dg.MaterializeResult[None]:
    """What a reading did; an ordinary run also tells which of the newest partitions it brought up to date."""
    table = landing.table
    key = dg.AssetKey([table.source, table.table])
    window = window_of(context)
    if window is None:
        for partition in touched(landing):
            context.log_event(
                dg.AssetMaterialization(key, partition=partition, description="Read by a run without partition.")
            )
    rows = "dagster/row_count" if partitions_of(table) is None else "dagster/partition_row_count"
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            rows: landing.rows_read,
            "dagster/uri": f"{platform.platform().lake_root}/bronze/{table.name}",
            "rows_read": landing.rows_read,
            "rows_landed": landing.rows_landed,
            "rows_unchanged": landing.rows_unchanged,
            "rows_quarantined": landing.rows_quarantined,
            "rows_deleted": landing.rows_deleted,
            "files": len(landing.files),
            "asked_for": str(window or "what is new"),
            "read_from": str(landing.first_read or "the beginning"),
            "read_to": str(landing.last_read or "now"),
            "first_day": str(landing.first_day or "none"),
            "last_day": str(landing.last_day or "none"),
            "remarks": "\n".join(landing.remarks) or "none",
        },
    )


def bronze_asset(table: BronzeTable) -> dg.AssetsDefinition:
    """The asset that lands one bronze table."""

    @dg.multi_asset(
        name=f"{table.source}__{table.table}",
        specs=[_spec(table)],
        pool=pool_of(table),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def land(context: dg.AssetExecutionContext, platform: PlatformResource) -> dg.MaterializeResult[None]:
        with _told_to_dagster(context.retry_number, platform.first_retry_seconds()):
            landing = catalog.extract(table, _settings(context, platform), platform.lake(), context.run_id)
        return _result(context, platform, landing)

    return land


@dg.multi_asset(
    name="erp",
    specs=[_spec(table) for table in catalog.ERP_TABLES],
    can_subset=True,
    pool=pool_of(catalog.ERP_TABLES[0]),
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def erp(context: dg.AssetExecutionContext, platform: PlatformResource) -> Iterator[dg.MaterializeResult[None]]:
    """Land the chosen tables of the ERP from one consistent view of it.

    They refer to each other: until all of them have landed, no run builds from any.
    """
    chosen = [
        table for table in catalog.ERP_TABLES if dg.AssetKey([table.source, table.table]) in context.selected_asset_keys
    ]
    with (
        inputs.reading_together(platform.platform(), {table.name for table in chosen}) as is_read,
        _told_to_dagster(context.retry_number, platform.first_retry_seconds()),
    ):
        for landing in catalog.extract_erp(chosen, _settings(context, platform), platform.lake(), context.run_id):
            is_read(landing.table.name)
            yield _result(context, platform, landing)


BRONZE_ASSETS = [erp, *(bronze_asset(table) for table in catalog.TABLES if table not in catalog.ERP_TABLES)]
