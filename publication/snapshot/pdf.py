"""Prints an HTML file to PDF by an installed Chromium. The platform does not require one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 180


class NoBrowserError(Exception):
    """There is no PDF; the message says why in one sentence."""


def print_pdf(html: Path, browser: str | None = None) -> Path:
    """Print a snapshot beside itself, as ``<name>.pdf``.

    Args:
        html: A self-contained HTML file.
        browser: Path of a Chromium; the first of `BROWSERS` on the path by default.

    Returns:
        The PDF file.

    Raises:
        NoBrowserError: If there is no Chromium, or it printed nothing.
    """
    program = browser or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        raise NoBrowserError(f"no PDF: none of {', '.join(BROWSERS)} is on the path; the HTML file is complete")
    target = html.with_suffix(".pdf").absolute()
    with tempfile.TemporaryDirectory(prefix="nova-pdf-") as scratch:
        printed = Path(scratch) / "snapshot.pdf"
        command = [
            program,
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            # Chromium's sandbox refuses to run as root, which containers do.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            f"--user-data-dir={scratch}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={printed}",
            html.absolute().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoBrowserError(f"no PDF: {program} did not print it ({error}); the HTML file is complete") from error
        if done.returncode or not printed.is_file():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise NoBrowserError(f"no PDF: {program} ended with {done.returncode} ({last}); the HTML file is complete")
        finished = target.with_name(f".{target.name}.tmp")
        shutil.copyfile(printed, finished)
        finished.replace(target)
    return target
