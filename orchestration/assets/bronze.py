"""One asset per bronze table: fetch what is new from its source and land it as a vintage."""

import dagster as dg

from extractors import catalog
from extractors.http import FeedContractError, FeedUnavailable
from extractors.lake import BronzeTable
from orchestration.resources import PlatformResource

_DESCRIPTIONS = {
    "snapshot": "Whole table as the source shows it today; a vintage is written only when something changed.",
    "changes": "Rows that are new or changed in the source since the last read, with a look-back for late ones.",
    "month": "One partition a month; a month that the source revised becomes a new vintage.",
    "year": "One partition a year, computed from rules.",
}
# A contract error never heals by itself; an unreachable source often does.
_HEALING = dg.RetryPolicy(max_retries=3, delay=20, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


def bronze_asset(table: BronzeTable) -> dg.AssetsDefinition:
    """The asset that lands one bronze table."""

    @dg.asset(
        key=[table.source, table.table],
        group_name=f"bronze_{table.source}",
        kinds={"python", "parquet", "bronze"},
        description=_DESCRIPTIONS[table.kind],
        retry_policy=_HEALING,
        metadata={
            "dagster/column_schema": dg.TableSchema(
                columns=[dg.TableColumn(name=field.name, type=str(field.type)) for field in table.schema]
            )
        },
    )
    def land(context: dg.AssetExecutionContext, platform: PlatformResource) -> dg.MaterializeResult[None]:
        try:
            landing = catalog.extract(table, platform.settings(), platform.lake(), context.run_id)
        except FeedContractError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        except FeedUnavailable as error:
            raise dg.Failure(description=str(error), allow_retries=True) from error
        return dg.MaterializeResult(
            metadata={
                "rows_read": landing.rows_read,
                "rows_landed": landing.rows_landed,
                "rows_unchanged": landing.rows_unchanged,
                "files": len(landing.files),
                "first_day": str(landing.first_day or "none"),
                "last_day": str(landing.last_day or "none"),
            }
        )

    return land


BRONZE_ASSETS = [bronze_asset(table) for table in catalog.TABLES]
