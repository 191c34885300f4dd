"""The benchmark of large feeds lands what it writes, with figures of its own process."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration import bench_feeds


def test_the_look_alike_of_the_register_lands_whole_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "Estacoes_SMP.csv"
    rows = bench_feeds._write_register(path, 1)
    header = path.read_text().splitlines()[0].split(";")

    seconds, peak_mb, landed = bench_feeds._in_own_process(
        bench_feeds._land_register, str(path), str(tmp_path / "lake")
    )

    assert len(header) == len(set(header)) == 41
    assert landed == rows == sum(1 for _ in path.open()) - 1
    assert 0.8 < path.stat().st_size / 1e6 < 1.2
    assert seconds > 0
    assert 50 < peak_mb < 1_000


def test_a_landing_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="_land_register failed"):
        bench_feeds._in_own_process(bench_feeds._land_register, str(tmp_path / "absent.csv"), str(tmp_path / "lake"))
