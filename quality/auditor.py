"""The caller's side of the audit's process: start it early, ask it, and say clearly when it is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

from quality.outcomes import Audit

CHECKOUT = Path(__file__).resolve().parent.parent
_STOP_SECONDS = 20


class AuditProcessError(RuntimeError):
    """The audit's process ended without an answer; the message holds the end of its log."""


class Auditor:
    """One process for all suites of a run, started before it is needed: its start-up overlaps with the landing.

    Args:
        log: Where the process writes what it has to say.
    """

    def __init__(self, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "quality.worker"],
                cwd=CHECKOUT,
                env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        self._process = process
        self._requests, self._answers = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)

    def arrives(self, lake_root: str, usual: Mapping[str, float]) -> Audit:
        """Judge what arrived in bronze.

        Args:
            lake_root: Folder or `s3://` address of the lake.
            usual: Usual number of rows of a bronze table.

        Raises:
            AuditProcessError: The process ended.
        """
        return Audit.from_json(self._ask({"do": "arrives", "lake_root": lake_root, "usual": usual}))

    def leaves(self, candidate: Path, published: Mapping[str, str], usual: Mapping[str, float]) -> Audit:
        """Judge the candidate.

        Args:
            candidate: Folder with `<mart>/part-0.parquet`.
            published: Mart to the address of its published file.
            usual: Usual number of rows of a mart.

        Raises:
            AuditProcessError: The process ended.
        """
        request = {"do": "leaves", "candidate": str(candidate), "published": published, "usual": usual}
        return Audit.from_json(self._ask(request))

    def write_data_docs(self, folder: Path) -> list[Path]:
        """Write the Data Docs of everything judged so far.

        Raises:
            AuditProcessError: The process ended.
        """
        return [Path(path) for path in self._ask({"do": "pages", "folder": str(folder)})["pages"]]

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(BrokenPipeError):
                pipe.close()

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._requests.write(json.dumps(request) + "\n")
            self._requests.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            code = self._process.wait()
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
            raise AuditProcessError(
                f"the audit's process ended with code {code} (-9: killed, most likely for want of memory); "
                f"{self._log} ends with:\n{tail}"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer
