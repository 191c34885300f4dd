"""Start PostgreSQL's programs, which refuse to run as root, from any account.

Under root (containers, mostly) they run as another user. That user may have no way through the folders above the data
or the programs, such as a closed home folder: on Linux it gets the one capability of passing through and reading, so
that no folder has to be opened. Where that cannot be given, the folders are opened for passing through.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO

ACCOUNT = "nobody"
CAPABILITY = "+dac_read_search"
PASSED_ON = ("PATH", "HOME", "TMPDIR")


def hand_over(paths: Sequence[Path]) -> None:
    """Give files or empty folders to the account that the programs run as."""
    account = _account()
    if account is not None:
        for path in paths:
            os.chown(path, account.pw_uid, account.pw_gid)


def spawn(command: Sequence[str], log: IO[bytes], needs: Sequence[Path]) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own.

    Args:
        command: Absolute path of the program, and its arguments.
        log: Receives its output.
        needs: Paths that it must reach.
    """
    account = _account()
    prefix: list[str] = []
    if account is not None:
        prefix = _with_capability()
        if not prefix:
            _open_folders_above([Path(command[0]), *needs])
    drops_itself = account is None or bool(prefix)
    return subprocess.Popen(
        [*prefix, *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        env={key: os.environ[key] for key in PASSED_ON if key in os.environ} | {"LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        user=None if drops_itself or account is None else account.pw_uid,
        group=None if drops_itself or account is None else account.pw_gid,
        extra_groups=None if drops_itself else [],
    )


@cache
def _account() -> pwd.struct_passwd | None:
    """The account to change to when we are root; None when the programs run as ourselves."""
    return pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else None


@cache
def _with_capability() -> list[str]:
    """The command that changes the account and keeps the capability; empty where it does not work."""
    account, setpriv = _account(), shutil.which("setpriv")
    if account is None or setpriv is None:
        return []
    command = [setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    command += [f"--inh-caps={CAPABILITY}", f"--ambient-caps={CAPABILITY}"]
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if tried.returncode == 0 else []


def _open_folders_above(paths: Sequence[Path]) -> None:
    for path in paths:
        for folder in path.parents:
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode | 0o001)
