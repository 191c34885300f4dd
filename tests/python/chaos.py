"""`make chaos`: kill the daily job at random moments, and see that every next run succeeds and gold is always whole.

Each round lets the company of size `ci` live one day and starts the daily run, which is killed with SIGKILL (the
command, its job, or both) after a random share of the time that an undisturbed run takes. So is, one to seven times in
all, the run that follows: also what mends is killed. After each kill gold is looked at; the round ends with a run that
is left alone, has to succeed and has to publish the new day. The moments come from a seed, but what is going on at
them depends on the machine.
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

_MOST_IN_A_ROW = 7
_ENDED = "after its end"
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


def run_and_kill(installation: Installation, victim: str, seconds: float) -> str | None:
    """Start a daily run and kill it after some seconds; the step that was at work, None if it had ended by itself."""
    process = start(installation)
    time.sleep(seconds)
    command, job = VICTIMS[victim]
    return step_of(installation) if kill(installation, process, command=command, job=job) else None


def seconds_of_a_run(installation: Installation) -> float:
    """Run the daily job undisturbed; it has to succeed."""
    at = time.monotonic()
    run_succeeded(installation.nova(*DAILY))
    return time.monotonic() - at


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
        usual = seconds_of_a_run(installation)
        click.echo(f"a run with one more day takes {usual:.0f} s; {kills} kills, seed {seed}")
        moments: Counter[str] = Counter()
        done = rounds = 0
        # A round that kills nothing, because its run had ended before, counts as a round.
        while done < kills and rounds < kills and (minutes is None or time.monotonic() - began < 60 * minutes):
            before = published_version(installation)
            run_succeeded(installation.nova("simulate"))
            for _ in range(min(draw.randint(1, _MOST_IN_A_ROW), kills - done)):
                victim, seconds = draw.choice(sorted(VICTIMS)), draw.uniform(0, usual)
                step = run_and_kill(installation, victim, seconds)
                gold = "unchanged" if published_version(installation) == before else "new"
                done += step is not None
                moments[step or _ENDED] += 1
                click.echo(f"{done:>4}  {victim:<8} at {seconds:>6.1f} s  {step or _ENDED:<28} gold {gold}")
                if gold == "new":
                    break
            usual = seconds_of_a_run(installation)  # other work makes runs slower, and its end faster
            after = published_version(installation)
            assert_nothing_is_held(installation)
            if after == before:
                sys.exit(f"round {rounds + 1}: the new day was not published after the last kill")
            rounds += 1
            click.echo("      left alone, it published the new day")
        minutes_taken = (time.monotonic() - began) / 60
        click.echo(f"{done} kills; {rounds} runs left alone, which all succeeded; {minutes_taken:.0f} min")
        for step, count in moments.most_common():
            click.echo(f"{count:>4}  {step}")


if __name__ == "__main__":
    chaos()
