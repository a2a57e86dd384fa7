"""What a sweep is asked for: seeds, grids, and its plan in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spikingsampling.errors import ParameterError, ResumeError
from spikingsampling.sweeps.plan import Plan, parse_grid, parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0:3", (0, 1, 2)), ("5", (5,)), ("1,2,7", (1, 2, 7)), ("0:10:4", (0, 4, 8)), ("9,0:2", (9, 0, 1))],
)
def test_seeds(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "1,1", "3:3", "0:4:0", "-1", "0:999999999", "1:2:3:4"])
def test_wrong_seeds(text: str) -> None:
    with pytest.raises(ParameterError, match="--seeds"):
        parse_seeds(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=0,0.1,1", (0, 0.1, 1)),
        ("a.b=streamed,static", ("streamed", "static")),
        ("a=20 ms, 30 ms", ("20 ms", "30 ms")),
        ("a=[0,1],[2]", ([0, 1], [2])),
        ("a='x,y',z", ("x,y", "z")),
        ("a={kind='gaussian',mean=0},true", ({"kind": "gaussian", "mean": 0}, True)),
    ],
)
def test_grids(text: str, values: tuple[Any, ...]) -> None:
    assert parse_grid(text)[1] == values


@pytest.mark.parametrize("text", ["a", "a=", "=1", "a=1,,2", "a=1,1", "a=1,1.0"])
def test_wrong_grids(text: str) -> None:
    with pytest.raises(ParameterError, match="--grid"):
        parse_grid(text)


def test_a_plan_comes_back_from_its_file(tmp_path: Path) -> None:
    plan = Plan("toy", "quick", (2, 0), {"circuit.temperature": (0, 0.1)}, {"circuit": {"x": [1, "2 ms"]}})
    plan.write(tmp_path)
    assert Plan.read(tmp_path).cells() == plan.cells()
    assert Plan.read(tmp_path).overrides == plan.overrides
    assert plan.cells()[:2] == [
        {"seed": 2, "circuit.temperature": 0},
        {"seed": 2, "circuit.temperature": 0.1},
    ]
    (tmp_path / "sweep.toml").write_text("seeds = 3")
    with pytest.raises(ResumeError, match="damaged"):
        Plan.read(tmp_path)
