"""The manifest is written whole and once, also when several processes want it at the same time."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from orchestration import manifest
from orchestration.platform import CHECKOUT, Platform


@pytest.fixture
def parses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run, with a target folder that belongs to the test."""
    commands: list[list[str]] = []
    really_run = subprocess.run

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return really_run(command, **options)

    monkeypatch.setattr(manifest, "_TARGET", tmp_path)
    monkeypatch.setattr(manifest, "DBT_MANIFEST", tmp_path / "manifest.json")
    monkeypatch.setattr(manifest, "SEMANTIC_MANIFEST", tmp_path / "semantic_manifest.json")
    monkeypatch.setattr("orchestration.manifest.subprocess.run", run)
    return commands


def test_who_wants_the_manifest_while_it_is_written_waits_for_it(tmp_path: Path, parses: list[list[str]]) -> None:
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path / "data")})
    (tmp_path / "manifest.json").write_text("{} half of anoth")  # what a killed process once left behind
    os.utime(tmp_path / "manifest.json", (0, 0))

    with ThreadPoolExecutor() as pool:
        list(pool.map(manifest.refresh_manifest, [place] * 3))

    assert len(parses) == 1
    assert json.loads((tmp_path / "manifest.json").read_text())["metadata"]["project_name"] == "nova_corrente"
    assert json.loads((tmp_path / "semantic_manifest.json").read_text())["metrics"]
    assert not manifest.is_manifest_stale()
    newest = max(file.stat().st_mtime for file in manifest.dbt_project_files())
    os.utime(tmp_path / "manifest.json", (newest - 1, newest - 1))
    assert manifest.is_manifest_stale()


def test_a_project_that_cannot_be_parsed_leaves_the_manifest_as_it_was(
    tmp_path: Path, parses: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = '{"metadata": {}}'
    (tmp_path / "manifest.json").write_text(before)
    broken = tmp_path / "project"
    broken.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        (broken / name).write_bytes((CHECKOUT / name).read_bytes())
    (broken / "models").mkdir()
    (broken / "models" / "torn.sql").write_text("select * from {{ ref('nothing') }}")
    monkeypatch.setattr(manifest, "CHECKOUT", broken)

    with pytest.raises(RuntimeError, match=r"(?s)dbt cannot parse the project.*nothing"):
        manifest.parse_dbt_project(Platform.from_environment({"NOVA_DATA": str(tmp_path / "data")}))

    assert len(parses) == 1
    assert (tmp_path / "manifest.json").read_text() == before
