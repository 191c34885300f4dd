"""dbt's manifest, which Dagster's asset graph is made from: written once for the checkout, whole, by one process."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.platform import CHECKOUT, Platform, executable

_TARGET = CHECKOUT / "target"
DBT_MANIFEST = _TARGET / "manifest.json"
SEMANTIC_MANIFEST = _TARGET / "semantic_manifest.json"
_DBT_FILES = ("dbt_project.yml", "profiles.yml", "requirements.lock")
_DBT_FOLDERS = ("models", "macros", "seeds", "tests/dbt")


def dbt_project_files() -> list[Path]:
    """Every file that the dbt project is made of, sorted."""
    files = [CHECKOUT / name for name in _DBT_FILES]
    for folder in _DBT_FOLDERS:
        files += (path for path in (CHECKOUT / folder).rglob("*") if path.is_file())
    return sorted(files)


def is_manifest_stale() -> bool:
    """Whether dbt's manifest is missing or older than any file or folder of the dbt project."""
    if not (DBT_MANIFEST.exists() and SEMANTIC_MANIFEST.exists()):
        return True
    parsed_at = DBT_MANIFEST.stat().st_mtime
    return any(max(file.stat().st_mtime, file.parent.stat().st_mtime) > parsed_at for file in dbt_project_files())


def refresh_manifest(platform: Platform) -> None:
    """Parse the dbt project if its manifest is stale; who wants it meanwhile waits for it.

    Raises:
        RuntimeError: dbt cannot parse the project; the message is dbt's own.
    """
    if is_manifest_stale():
        with _alone():
            if is_manifest_stale():
                _parse(platform)


def parse_dbt_project(platform: Platform) -> None:
    """Parse the dbt project, whether its manifest is stale or not.

    Raises:
        RuntimeError: dbt cannot parse the project; the message is dbt's own.
    """
    with _alone():
        _parse(platform)


def _parse(platform: Platform) -> None:
    # dbt writes its files bit by bit, so into a folder of their own; what it keeps there makes the next parse faster.
    drafts = _TARGET / "parse"
    done = subprocess.run(
        [executable("dbt"), "parse", "--quiet", "--target-path", str(drafts)],
        cwd=CHECKOUT,
        env={**os.environ, **platform.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt cannot parse the project:\n{done.stdout}{done.stderr}")
    for file in (SEMANTIC_MANIFEST, DBT_MANIFEST):
        draft = file.with_suffix(".draft")
        shutil.copyfile(drafts / file.name, draft)
        draft.replace(file)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process parses this checkout."""
    _TARGET.mkdir(exist_ok=True)
    with (_TARGET / "parse.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file gives it back, also when the process is killed
        yield
