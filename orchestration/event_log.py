"""Dagster's event log in SQLite files, with connections that stay open.

Dagster's own storage opens and closes a file for every event. The last connection that closes folds SQLite's log into
the database and waits for the disk, and each statement is compiled anew; nine hundred events took 15 seconds so, and
5 seconds this way. Here the index and the runs at work keep a connection each, and a commit waits for the disk only
when SQLite folds its log (`synchronous = normal`, which keeps the file whole at a power failure and may lose its last
moments). A reader is told of new events by asking, because the file itself changes late.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

_OPEN_FILES = 4  # the index and the runs at work


class PooledSqliteEventLogStorage(SqliteEventLogStorage):
    """SQLite event log, one file a run and an index, whose connections are kept.

    Args:
        base_dir: Folder of the files.
        inst_data: How Dagster was configured.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._watcher: SqlPollingEventWatcher | None = None
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> PooledSqliteEventLogStorage:
        """The storage of an instance's configuration."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of a file; the one that was not used for longest is closed."""
        if shard not in self._engines:
            self._engines[shard] = _one_connection(self.conn_string_for_shard(shard))
        self._engines.move_to_end(shard)
        if len(self._engines) > _OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def watch(self, run_id: str, cursor: str | None, callback: Callable[[EventLogEntry, str], None]) -> None:
        """Call back for every event of a run after the cursor."""
        if self._watcher is None:
            self._watcher = SqlPollingEventWatcher(self)
        self._watcher.watch_run(run_id, cursor, callback)

    def end_watch(self, run_id: str, handler: Callable[[EventLogEntry, str], None]) -> None:
        """Stop calling back."""
        if self._watcher is not None:
            self._watcher.unwatch_run(run_id, handler)

    def wipe(self) -> None:
        """Delete all events."""
        self._close_files()
        super().wipe()

    def dispose(self) -> None:
        """Close all files."""
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        self._close_files()

    def _close_files(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _one_connection(url: str) -> Engine:
    """One connection to a file, for whichever thread holds the storage's lock."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=1,  # creating a file inspects it by a second connection
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal"))
    return engine
