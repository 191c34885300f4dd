"""A folder into which people drop files: `inbox`, and beside it `done` and `rejected`.

Files are moved by renames within one folder tree and never overwrite other content, so nothing that was sent is lost.
"""

from __future__ import annotations

import filecmp
import hashlib
import logging
import os
import shutil
import time
from pathlib import Path

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 2.0
# Office's and LibreOffice's lock files, and what browsers and copy programs write before they rename.
UNFINISHED_PREFIXES = ("~$", ".")
UNFINISHED_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".download")


class Inbox:
    """The three folders.

    Args:
        root: Their parent; they are created when they are needed.
        settle_seconds: A file that was touched more recently is looked at twice.
    """

    def __init__(self, root: Path, *, settle_seconds: float = SETTLE_SECONDS) -> None:
        self.inbox, self.done, self.rejected = (root / name for name in ("inbox", "done", "rejected"))
        self._settle_seconds = settle_seconds
        for folder in (self.inbox, self.done, self.rejected):
            folder.mkdir(parents=True, exist_ok=True)

    def finished_files(self) -> list[Path]:
        """Return the files that nobody is writing, the oldest first.

        Left for a later run: files that still grow, that are open in Office (a `~$` file stands beside them), and
        unfinished downloads. Links are never followed: one could lead to any file that this process may read.
        """
        with os.scandir(self.inbox) as entries:
            found = {entry.name: entry for entry in entries}
        files = []
        for name, entry in found.items():
            if name.startswith(UNFINISHED_PREFIXES) or name.lower().endswith(UNFINISHED_SUFFIXES):
                continue
            if entry.is_symlink() or not entry.is_file(follow_symlinks=False):
                logger.warning("%s is no plain file and is not read", entry.path)
            elif {f"~${name}", f"~${name[2:]}", f".~lock.{name}#"} & found.keys():
                logger.warning("%s is open in a spreadsheet program and waits for the next run", entry.path)
            else:
                files.append(Path(entry.path))
        return self._settled(files)

    def finish(self, path: Path) -> Path:
        """Move a file to `done`."""
        return _moved(path, self.done)

    def reject(self, path: Path, reason: str) -> Path:
        """Move a file to `rejected`, with the reason as a text file beside it."""
        target = _moved(path, self.rejected)
        note = target.with_name(f"{target.name}.motivo.txt")
        draft = note.with_name(f".{note.name}.tmp")
        draft.write_text(f"{path.name}: {reason}\n", encoding="utf-8-sig")
        draft.replace(note)
        return target

    def _settled(self, files: list[Path]) -> list[Path]:
        states = {path: _state(path) for path in files}
        young_from = time.time_ns() - int(self._settle_seconds * 1e9)
        if any(modified > young_from for modified, _ in states.values()):
            time.sleep(self._settle_seconds)
        settled = [path for path, state in states.items() if state == _state(path)]
        for path in states.keys() - set(settled):
            logger.warning("%s is still being written and waits for the next run", path)
        return sorted(settled, key=lambda path: (states[path], path.name))


def copy_into(source: Path, target: Path) -> None:
    """Copy a file so that it appears whole under its final name."""
    draft = target.with_name(f".{target.name}.tmp")
    shutil.copyfile(source, draft)
    draft.replace(target)


def _state(path: Path) -> tuple[int, int]:
    """Return when a file was modified, in nanoseconds, and its size; zeros for one that is gone."""
    try:
        found = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _moved(path: Path, folder: Path) -> Path:
    """Move a file into a folder; another file of its name there keeps its name, and this one gets its digest."""
    target = folder / path.name
    if target.exists() and not filecmp.cmp(path, target, shallow=False):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
        target = folder / f"{path.stem}-{digest}{path.suffix}"
    path.replace(target)
    return target
