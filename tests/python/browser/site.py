"""A built site as the browser tests see it: its folder, the gold behind it, and Chromium to open it with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[3]
REPORTS = ROOT / "reports"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Site:
    """A built site and the gold it was made from."""

    folder: Path
    gold: Path
    shots: Path

    @property
    def version(self) -> str:
        """The version of gold that the site shows; the pointer may have moved on since."""
        return str(json.loads((self.folder / "build.json").read_text(encoding="utf-8"))["version"])

    def inspect(self, *arguments: str) -> list[dict[str, Any]]:
        """Open pages in Chromium; see reports/scripts/inspect.mjs for what comes back."""
        browser = next(path for name in BROWSERS if (path := shutil.which(name)))
        answer = subprocess.run(
            ["node", "scripts/inspect.mjs", "--browser", browser, *arguments],
            cwd=REPORTS,
            env={**os.environ, "REPORT_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        pages: list[dict[str, Any]] = json.loads(answer.stdout)
        return pages

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask published gold; tables are named ``{rpt_replenishment}`` and so on."""
        return self.ask_named(query)[1]

    def ask_named(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The same, with the names of the columns."""
        folders = (self.gold / self.version).iterdir()
        files = {folder.name: f"'{folder}/*.parquet'" for folder in folders if folder.is_dir()}
        with duckdb.connect() as con:
            answer = con.execute(query.format(**files))
            return [column[0] for column in answer.description], answer.fetchall()


def build(gold: Path, folder: Path) -> str:
    """Build the site of ``gold`` into ``folder``; what the build said."""
    answer = subprocess.run(
        ["npm", "run", "--silent", "report"],
        cwd=REPORTS,
        env={**os.environ, "GOLD_ROOT": str(gold), "REPORT_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def page_addresses() -> list[str]:
    """Addresses of all pages, the home page first; a new file in reports/pages is one more."""
    names = sorted(path.stem for path in (REPORTS / "pages").glob("*.md"))
    return ["/", *(f"/{name}/" for name in names if name != "index")]
