"""One asset per bronze table: fetch what is new from its source and land it as a vintage.

The ERP's tables come from one database and refer to each other, so one step reads them all as of one moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from extractors import catalog
from extractors.http import FeedContractError, FeedUnavailable
from extractors.lake import BronzeTable, Landing
from extractors.settings import SettingsError
from orchestration.resources import PlatformResource

_DESCRIPTIONS = {
    "snapshot": "Whole table as the source shows it today; a vintage is written only when something changed.",
    "changes": "Rows that are new or changed in the source since the last read, with a look-back for late ones.",
    "month": "One partition a month; a month that the source revised becomes a new vintage.",
    "year": "One partition a year, computed from rules.",
}
# A contract error never heals by itself; an unreachable source often does.
_HEALING = dg.RetryPolicy(max_retries=3, delay=20, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


@contextmanager
def _told_to_dagster() -> Iterator[None]:
    """Let Dagster try again what may heal, and only that."""
    try:
        yield
    except (FeedContractError, SettingsError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    except FeedUnavailable as error:
        raise dg.Failure(description=str(error), allow_retries=True) from error


def _column_schema(table: BronzeTable) -> dict[str, dg.TableSchema]:
    columns = [dg.TableColumn(name=field.name, type=str(field.type)) for field in table.schema]
    return {"dagster/column_schema": dg.TableSchema(columns=columns)}


def _result(landing: Landing) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=[landing.table.source, landing.table.table],
        metadata={
            "rows_read": landing.rows_read,
            "rows_landed": landing.rows_landed,
            "rows_unchanged": landing.rows_unchanged,
            "rows_quarantined": landing.rows_quarantined,
            "rows_deleted": landing.rows_deleted,
            "files": len(landing.files),
            "first_day": str(landing.first_day or "none"),
            "last_day": str(landing.last_day or "none"),
            "remarks": "\n".join(landing.remarks) or "none",
        },
    )


def bronze_asset(table: BronzeTable) -> dg.AssetsDefinition:
    """The asset that lands one bronze table."""

    @dg.asset(
        key=[table.source, table.table],
        group_name=f"bronze_{table.source}",
        kinds={"python", "parquet", "bronze"},
        description=_DESCRIPTIONS[table.kind],
        retry_policy=_HEALING,
        metadata=_column_schema(table),
    )
    def land(context: dg.AssetExecutionContext, platform: PlatformResource) -> dg.MaterializeResult[None]:
        with _told_to_dagster():
            return _result(catalog.extract(table, platform.settings(), platform.lake(), context.run_id))

    return land


@dg.multi_asset(
    name="erp",
    specs=[
        dg.AssetSpec(
            [table.source, table.table],
            group_name="bronze_erp",
            kinds={"python", "parquet", "bronze"},
            description=_DESCRIPTIONS[table.kind],
            metadata=_column_schema(table),
        )
        for table in catalog.ERP_TABLES
    ],
    can_subset=True,
    retry_policy=_HEALING,
)
def erp(context: dg.AssetExecutionContext, platform: PlatformResource) -> Iterator[dg.MaterializeResult[None]]:
    """Land the chosen tables of the ERP from one consistent view of it."""
    chosen = [
        table for table in catalog.ERP_TABLES if dg.AssetKey([table.source, table.table]) in context.selected_asset_keys
    ]
    with _told_to_dagster():
        for landing in catalog.extract_erp(chosen, platform.settings(), platform.lake(), context.run_id):
            yield _result(landing)


BRONZE_ASSETS = [erp, *(bronze_asset(table) for table in catalog.TABLES if table not in catalog.ERP_TABLES)]
