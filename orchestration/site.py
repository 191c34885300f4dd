"""Build the static site for a version of gold, once, and swap the folder that is served."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from orchestration.platform import CHECKOUT, Platform

REPORTS = CHECKOUT / "reports"
DOCUMENTS = "documentos"  # where the pages of the audit hang in the site
_NOT_SOURCES = {"node_modules", ".evidence", "build"}
_KEPT_BUILDS = 2


def report_fingerprint(version: str, sources: Path = REPORTS) -> str:
    """Identity of a built site: the gold version and every file that the site is made from."""
    digest = hashlib.sha256(version.encode())
    for folder, folders, files in os.walk(sources):
        folders[:] = sorted(name for name in folders if name not in _NOT_SOURCES)
        for name in sorted(files):
            path = Path(folder) / name
            digest.update(str(path.relative_to(sources)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def built_site(place: Platform, version: str) -> Path | None:
    """The served folder if it was built from this version of gold and from the pages as they are now."""
    link = place.report_root / "current"
    is_built = link.is_symlink() and link.readlink().name == report_fingerprint(version) and link.exists()
    return link if is_built else None


def build_site(place: Platform, gold_root: str, version: str) -> tuple[Path, bool]:
    """Build the site for a gold version unless it is already built.

    Returns:
        The folder to serve, and whether it was built now.

    Raises:
        RuntimeError: If the build fails; the message ends with its last lines and names the log.
    """
    link = place.report_root / "current"
    if built_site(place, version) is not None:
        return link, False
    site = place.report_root / report_fingerprint(version)
    if not site.exists():
        unfinished = site.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        place.report_root.mkdir(parents=True, exist_ok=True)
        place.logs.mkdir(parents=True, exist_ok=True)
        log = place.logs / "report.log"
        with log.open("w") as output:
            done = subprocess.run(
                ["node", "scripts/report.mjs"],
                cwd=REPORTS,
                env={**os.environ, "GOLD_ROOT": gold_root, "REPORT_DIR": str(unfinished)},
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode or not (unfinished / "index.html").exists():
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise RuntimeError(f"the report was not built (exit code {done.returncode}), see {log}:\n{tail}")
        if place.quality_pages.is_dir():
            shutil.copytree(place.quality_pages, unfinished / DOCUMENTS)
        unfinished.replace(site)
    _point(link, site)
    _remove_old(place.report_root, keep=site)
    return link, True


def _point(link: Path, site: Path) -> None:
    """Swap the served folder in one step."""
    temporary = link.with_name("current.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(site.name, target_is_directory=True)
    temporary.replace(link)


def _remove_old(root: Path, *, keep: Path) -> None:
    """Keep the newest builds; a browser may still be reading the one before."""
    builds = [path for path in root.iterdir() if path.is_dir() and not path.is_symlink() and path != keep]
    for path in sorted(builds, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT_BUILDS - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
