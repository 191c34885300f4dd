"""Reads the Dockerfile and executes its steps without a Docker engine.

A stage's file system is a folder, entered by `chroot` in a user namespace with this machine's system folders bound into
it in place of the base image. What is adapted is in `ADAPTED`; everything else runs as it is written.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SYSTEM = ("usr", "lib", "lib64", "bin", "sbin", "etc", "proc", "dev")

# What runs otherwise here than in a build, and why.
ADAPTED = {
    "useradd": (r"useradd \S+ \S+ \S+ nova", "true", "the system's accounts are the machine's"),
    "chown": (r"chown -R nova:nova", "ls -d", "as above"),
    "pip cache": (r" --no-cache(-dir)?\b", "", "packages come from this machine's cache where it has them"),
    "npm": (
        r"npm install --prefix /app/reports .*",
        "cp -a /checkout/reports/node_modules /app/reports/",
        "the packages that `make run` installed, which is the same command with the same lock",
    ),
}


@dataclass(frozen=True)
class Step:
    """One instruction: its word, its flags, the rest."""

    word: str
    flags: dict[str, str]
    text: str

    @property
    def paths(self) -> list[str]:
        """Sources and, last, the target of a COPY."""
        return self.text.split()


@dataclass
class Stage:
    """One stage of the build."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list)


def read_stages(text: str) -> dict[str, Stage]:
    """Stages by name, in order; arguments of FROM are filled in."""
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for line in _instructions(text):
        word, _, rest = line.partition(" ")
        if word == "ARG" and stage is None:
            name, _, value = rest.partition("=")
            arguments[name] = value
        elif word == "FROM":
            base, _, name = rest.partition(" AS ")
            stage = Stage(name.strip(), re.sub(r"\$\{(\w+)\}", lambda m: arguments[m[1]], base.strip()))
            stages[stage.name] = stage
        elif stage is not None:
            flags = dict(re.findall(r"--(\w+)=(\S+)\s", rest)) if word == "COPY" else {}
            stage.steps.append(Step(word, flags, re.sub(r"--\w+=\S+\s+", "", rest) if word == "COPY" else rest))
    return stages


def _instructions(text: str) -> Iterator[str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    yield from re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()


def context_files(checkout: Path = CHECKOUT) -> set[str]:
    """Files of the checkout that git knows and that .dockerignore lets through."""
    rules = [line for line in (checkout / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )

    def is_sent(path: str) -> bool:
        sent = True
        for rule in rules:
            pattern = rule.lstrip("!").removeprefix("**/")
            above = [path, *(str(parent) for parent in Path(path).parents)]
            if any(fnmatch(part, pattern) or fnmatch(Path(part).name, pattern) for part in above if part != "."):
                sent = rule.startswith("!")
        return sent

    return {path for path in listed.stdout.splitlines() if is_sent(path) and (checkout / path).is_file()}


class Rehearsal:
    """Executes stages in a folder.

    Args:
        root: An empty folder.
        stages: As `read_stages` gives them.
    """

    def __init__(self, root: Path, stages: dict[str, Stage]) -> None:
        self._root = root
        self._stages = stages
        self._sent = context_files()
        self.copied_bytes: dict[str, dict[str, int]] = {}

    def folder(self, stage: str) -> Path:
        """Where a stage's files are."""
        return self._root / stage

    def execute(self, name: str) -> None:
        """Run a stage, and before it the stages that it starts from or copies from."""
        stage, folder = self._stages[name], self.folder(name)
        if folder.exists():
            return
        if stage.base in self._stages:
            self.execute(stage.base)
            shutil.copytree(self.folder(stage.base), folder, symlinks=True, copy_function=os.link)
        folder.mkdir(exist_ok=True)
        place, environment = "/", {"PATH": os.environ["PATH"], "HOME": str(Path.home())}
        sizes = self.copied_bytes.setdefault(name, {})
        for step in stage.steps:
            if step.word == "WORKDIR":
                place = step.text
                (folder / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif step.word == "ENV":
                for variable, value in re.findall(r"(\w+)=(\S+)", step.text):
                    environment[variable] = value.replace("$PATH", environment["PATH"]).replace(
                        "${NOVA_CODE_REVISION}", "rehearsal"
                    )
            elif step.word == "COPY":
                sizes[step.text] = self._copy(step, folder, place)
            elif step.word == "RUN":
                self.run(name, step.text, place, environment)

    def _copy(self, step: Step, folder: Path, place: str) -> int:
        *sources, target = step.paths
        inside = Path(place) / target
        into = folder / str(inside).lstrip("/")
        copied = 0
        for source in sources:
            if origin := step.flags.get("from"):
                self.execute(origin)
                if source == "/usr/local/bin/node":  # the machine's, which the bound /usr has
                    copied += Path(shutil.which("node") or source).resolve().stat().st_size
                    continue
                found = self.folder(origin) / source.lstrip("/")
                where = into
            else:
                found = CHECKOUT / source
                where = into if found.is_dir() and len(sources) == 1 else into / found.name
                if found.is_file() and len(sources) == 1 and not target.endswith("/") and target not in (".", "./"):
                    where = into
            copied += self._copy_tree(found, where, is_context=origin is None)
        return copied

    def _copy_tree(self, source: Path, target: Path, *, is_context: bool) -> int:
        if not source.exists():
            raise FileNotFoundError(f"COPY of {source}: it does not exist")
        files = [source] if not source.is_dir() else [p for p in source.rglob("*") if p.is_symlink() or p.is_file()]
        copied = 0
        for file in files:
            if is_context and str(file.relative_to(CHECKOUT)) not in self._sent:
                continue
            goal = target if file == source else target / file.relative_to(source)
            goal.parent.mkdir(parents=True, exist_ok=True)
            if is_context:
                shutil.copy2(file, goal, follow_symlinks=False)
            elif not goal.is_symlink() and not goal.exists():
                os.link(file, goal, follow_symlinks=False)
            copied += 0 if file.is_symlink() else file.stat().st_size
        return copied

    def run(self, stage: str, command: str, place: str = "/app", environment: dict[str, str] | None = None) -> str:
        """Execute a command in a stage; what it printed.

        Raises:
            RuntimeError: It failed.
        """
        for pattern, instead, _ in ADAPTED.values():
            command = re.sub(pattern, instead, command)
        root = self.folder(stage)
        bound = [f"/{name}" for name in SYSTEM if Path(f"/{name}").is_dir()]
        bound += [sys.base_prefix, str(Path.home() / ".cache"), str(Path.home() / ".config")]
        lines = [f"mkdir -p {root}{path} && mount --rbind {path} {root}{path}" for path in bound if Path(path).is_dir()]
        lines += [
            f"mkdir -p {root}/tmp {root}/checkout && mount --bind {CHECKOUT} {root}/checkout",
            f"exec chroot {root} /bin/sh -c {json.dumps(f'cd {place} && {command}')}",
        ]
        python = str(Path(sys.base_prefix) / "bin")
        given = {**(environment or {})}
        given["PATH"] = f"/opt/nova/bin:{python}:{given.get('PATH', os.environ['PATH'])}"
        script = "set -e\n" + "\n".join(line.replace("$", "\\$") if "chroot" in line else line for line in lines)
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
            env={**_to_the_registries(), "HOME": str(Path.home()), **given},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"stage {stage}: {command}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout


def _to_the_registries() -> dict[str, str]:
    """How this machine reaches the package registries."""
    return {
        name: value for name, value in os.environ.items() if re.match(r"(UV|PIP|SSL|CURL|REQUESTS)_|\w+_proxy$", name)
    }


def can_rehearse() -> bool:
    """Whether this machine lets a process have a mount namespace of its own."""
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"], capture_output=True, check=False)
    return done.returncode == 0
