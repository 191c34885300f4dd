"""`make chaos`: kill the daily job at random moments, and see that every next run succeeds and gold is always whole.

Each round lets the company of size `ci` live one day, starts the daily run, kills it with SIGKILL (the command, its
job, or both) after a random share of the time that an undisturbed run takes, looks at gold, and runs again. The moments
come from a seed, but what is going on at them depends on the machine.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click
from conftest import Installation, run_succeeded
from killing import DAILY, assert_nothing_is_held, kill, published_version, start

VICTIMS = {"command": (True, False), "job": (False, True), "both": (True, True)}


def step_of(installation: Installation) -> str:
    """The step that was at work when the log ended."""
    log = installation.data / "logs" / "daily.log"
    starts = (
        [line for line in log.read_text(errors="replace").splitlines() if " - STEP_START - " in line]
        if log.exists()
        else []
    )
    return starts[-1].split(" - STEP_START - ")[0].rpartition(" - ")[2] if starts else "before the first step"


@click.command()
@click.option("--kills", type=click.IntRange(1, 1_000), default=50, show_default=True)
@click.option("--seed", type=int, default=20260616, show_default=True)
@click.option("--minutes", type=click.IntRange(1), help="Stop after a round that ends later than this.")
def chaos(kills: int, seed: int, minutes: int | None) -> None:
    """Kill the daily job at random moments; the exit code is 1 if anything was lost, torn or held."""
    draw = random.Random(seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nova-chaos-") as folder:
        installation = Installation.at(Path(folder) / "data")
        run_succeeded(installation.nova(*DAILY))
        run_succeeded(installation.nova("simulate"))
        at = time.monotonic()
        run_succeeded(installation.nova(*DAILY))
        usual = time.monotonic() - at
        click.echo(f"a run with one more day takes {usual:.0f} s; {kills} kills, seed {seed}")
        moments: Counter[str] = Counter()
        done = 0
        while done < kills and (minutes is None or time.monotonic() - began < 60 * minutes):
            before = published_version(installation)
            run_succeeded(installation.nova("simulate"))
            victim = draw.choice(sorted(VICTIMS))
            seconds = draw.uniform(0, usual)
            process = start(installation)
            time.sleep(seconds)
            command, job = VICTIMS[victim]
            was_running = kill(installation, process, command=command, job=job)
            step = step_of(installation) if was_running else "after its end"
            left = published_version(installation)
            run_succeeded(installation.nova(*DAILY))
            after = published_version(installation)
            assert_nothing_is_held(installation)
            if after == before:
                sys.exit(f"round {done + 1}: the new day was not published after the kill at {seconds:.1f} s")
            done += was_running
            moments[step] += was_running
            click.echo(
                f"{done:>4}  {victim:<8} at {seconds:>6.1f} s  {step:<28} "
                f"gold {'unchanged' if left == before else 'new'}, then published"
            )
        click.echo(f"{done} kills, {done} runs that succeeded after them, in {(time.monotonic() - began) / 60:.0f} min")
        for step, count in moments.most_common():
            click.echo(f"{count:>4}  {step}")


if __name__ == "__main__":
    chaos()
