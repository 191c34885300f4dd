"""Where everything of one installation lives, taken from the environment when it is needed and never at import."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.logs import dagster_settings

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Platform:
    """Folders of one installation.

    Attributes:
        data: Run-time data; everything else lies below it unless the environment says otherwise.
        lake_root: Absolute folder or ``s3://`` address of the lake.
        warehouse: The DuckDB file that dbt writes.
        dagster_home: Dagster's storage.
    """

    data: Path
    lake_root: str
    warehouse: Path
    dagster_home: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Platform:
        """Read NOVA_DATA, LAKE_ROOT, WAREHOUSE_PATH and DAGSTER_HOME; each has a default inside the checkout."""
        env = os.environ if environment is None else environment
        data = Path(env.get("NOVA_DATA") or CHECKOUT / "data").absolute()
        lake_root = env.get("LAKE_ROOT") or str(data / "lake")
        if "://" not in lake_root:
            lake_root = str(Path(lake_root).absolute())
        return cls(
            data=data,
            lake_root=lake_root,
            warehouse=Path(env.get("WAREHOUSE_PATH") or data / "warehouse.duckdb").absolute(),
            dagster_home=Path(env.get("DAGSTER_HOME") or data / "dagster").absolute(),
        )

    @property
    def is_lake_local(self) -> bool:
        """Whether the lake is a folder of this machine, not S3."""
        return "://" not in self.lake_root

    @property
    def extensions(self) -> Path:
        """DuckDB's extensions, from installed wheels."""
        return self.data / "extensions"

    @property
    def gold_copy(self) -> Path:
        """Current gold as local files where the lake is on S3: what the report is built from."""
        return self.data / "gold"

    @property
    def gold_root(self) -> str:
        """Folder or address of published gold."""
        return f"{self.lake_root}/gold"

    @property
    def quality_root(self) -> str:
        """Folder or address of the history of audits."""
        return f"{self.lake_root}/quality"

    @property
    def quality_pages(self) -> Path:
        """Data Docs, profiles and lineage as static pages; the report takes them along."""
        return self.data / "quality" / "pages"

    @property
    def candidate(self) -> Path:
        """Marts that were built and tested and are not yet published."""
        return self.data / "candidate"

    @property
    def dbt_target(self) -> Path:
        """dbt's artefacts of the last build."""
        return self.data / "dbt"

    @property
    def report_root(self) -> Path:
        """Built report sites; ``current`` in it is the one to serve."""
        return self.data / "report"

    @property
    def snapshots(self) -> Path:
        """The report as single files, for e-mail."""
        return self.data / "snapshots"

    @property
    def forecasts(self) -> Path:
        """Where the forecasting environment leaves its results, unless FORECASTS_PATH says otherwise."""
        return self.data / "exports" / "ml_results"

    @property
    def uploads(self) -> Path:
        """The buyers' folder, whose ``inbox`` is landed, unless UPLOADS_PATH says otherwise."""
        return self.data / "uploads"

    @property
    def backtest(self) -> Path:
        """Where `nova value` leaves its outcomes."""
        return self.data / "exports" / "backtest"

    @property
    def alerts_root(self) -> str:
        """Folder or address of what was told: the ledger and the outbox."""
        return f"{self.lake_root}/alerts"

    @property
    def alerts(self) -> Path:
        """Where alerts become files, unless ALERTS_SETTINGS says otherwise."""
        return self.data / "alerts"

    @property
    def company(self) -> Path:
        """The demonstration company."""
        return self.data / "company"

    @property
    def logs(self) -> Path:
        """Output of the runs that `nova` starts."""
        return self.data / "logs"

    def environment(self) -> dict[str, str]:
        """Variables that dbt, Dagster and the extractors need to work on this installation."""
        return {
            "NOVA_DATA": str(self.data),
            "LAKE_ROOT": self.lake_root,
            "WAREHOUSE_PATH": str(self.warehouse),
            "DAGSTER_HOME": str(self.dagster_home),
            "DBT_PROFILES_DIR": str(CHECKOUT),
            # dbt's debug log of one build is ten megabytes that nobody reads
            "DBT_LOG_LEVEL_FILE": "info",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            # a backfill of a year tells Dagster of hundreds of partitions, which costs a third in batches
            "DAGSTER_EVENT_BATCH_SIZE": "500",
            "DO_NOT_TRACK": "1",
            **({} if self.is_lake_local else {"DBT_TARGET": "prod", "DUCKDB_EXTENSIONS": str(self.extensions)}),
        }

    def prepare(self) -> None:
        """Create the folders and Dagster's configuration."""
        for folder in (self.data, self.warehouse.parent, self.dagster_home, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        if not self.is_lake_local:
            _install_httpfs(self.extensions)
        written = self.dagster_home / "dagster.yaml"
        draft = written.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(self._dagster_config(), encoding="utf-8")
        draft.replace(written)

    def _dagster_config(self) -> str:
        """Dagster's configuration; its storage is PostgreSQL where that is given, SQLite files otherwise."""
        has_postgresql = bool(os.environ.get("DAGSTER_PG_HOST"))
        names = ["dagster.yaml", *(["dagster_postgres.yaml"] if has_postgresql else [])]
        shipped = [(CHECKOUT / "orchestration" / name).read_text(encoding="utf-8") for name in names]
        computed = {**dagster_settings(self.logs, os.environ), **({} if has_postgresql else self._sqlite_event_log())}
        return "\n".join([*shipped, yaml.safe_dump(computed, sort_keys=False)])

    def _sqlite_event_log(self) -> dict[str, Any]:
        """The place of Dagster's own event log, kept by our class."""
        return {
            "event_log_storage": {
                "module": "orchestration.event_log",
                "class": "PooledSqliteEventLogStorage",
                "config": {"base_dir": str(self.dagster_home / "history" / "runs")},
            }
        }


def _install_httpfs(folder: Path) -> None:
    """Put the extension from its wheel where DuckDB looks for it; the wheel is of DuckDB's own version."""
    wheel = find_spec("duckdb_extension_httpfs")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("the lake is on S3, but duckdb-extension-httpfs is not installed; run `make install`")
    file = Path(wheel.origin).parent / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"extension_directory": str(folder)}) as connection:
        connection.install_extension(str(file))


def executable(name: str) -> Path:
    """Path of a command installed beside the running Python."""
    return Path(sys.executable).parent / name


def code_revision() -> str:
    """Git commit of the checkout, with ``-modified`` where tracked files differ; ``unknown`` outside a repository."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return os.environ.get("NOVA_CODE_REVISION", "unknown")
    return f"{head}-modified" if changed else head
