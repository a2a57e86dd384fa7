"""What a sweep is asked for: seeds, grids, and its plan in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spikingsampling.errors import ParameterError, ResumeError
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.parameters import Parameters
from spikingsampling.sweeps import plan as plans
from spikingsampling.sweeps.plan import Plan, full_key, parse_grid, parse_seeds
from spikingsampling.sweeps.table import Row, Status, write_table


class Part(Parameters):
    size: int = 1
    rate: float = 0.5


class Other(Parameters):
    depth: int = 2


class Configuration(ProtocolConfiguration):
    first: Part = Part()
    second: Part = Part()
    third: Other = Other()
    width: int = 3
    outer: int = 4


PROTOCOL = Protocol(Configuration, {"quick": {"width": 5}}, lambda run: {}, name="toy")


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0:3", (0, 1, 2)), ("5", (5,)), ("1,2,7", (1, 2, 7)), ("0:10:4", (0, 4, 8)), ("9,0:2", (9, 0, 1))],
)
def test_seeds(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


def test_there_are_at_most_as_many_runs_as_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MAX_RUNS", 6)
    assert len(Plan("toy", "quick", (0, 1, 2), {"a": (1, 2)}).cells()) == 6
    with pytest.raises(ParameterError, match="the sweep has 12 runs: must be at most 6"):
        Plan("toy", "quick", (0, 1, 2), {"a": (1, 2), "b": (3, 4)})
    assert parse_seeds("0:6") == (0, 1, 2, 3, 4, 5)
    with pytest.raises(ParameterError, match="at most 6 seeds"):
        parse_seeds("0:6,9")


def test_every_seed_meets_every_combination_in_order() -> None:
    cells = Plan("toy", "quick", (7, 3), {"a": (1, 2), "b": ("x",)}).cells()
    assert cells == [
        {"seed": 7, "a": 1, "b": "x"},
        {"seed": 7, "a": 2, "b": "x"},
        {"seed": 3, "a": 1, "b": "x"},
        {"seed": 3, "a": 2, "b": "x"},
    ]


def test_the_grid_goes_before_what_all_runs_share_and_that_before_the_preset() -> None:
    plan = Plan("toy", "quick", (7,), {"first.size": (8,)}, {"first": {"rate": 0.25}, "outer": 6})
    found = plan.configure(PROTOCOL, plan.cells()[0])
    assert found == Configuration(seed=7, first=Part(size=8, rate=0.25), width=5, outer=6)
    # Only where a key is set twice does the order matter; a plan refuses that, a cell of its own does not.
    assert plan.configure(PROTOCOL, {"outer": 9}).outer == 9


@pytest.mark.parametrize(
    ("grid", "overrides", "message"),
    [
        ({"seed": (1,)}, {}, "seed: must be given once, --seeds"),
        ({}, {"seed": 1}, "seed: must be given once, --seeds"),
        ({"first.size": (1,)}, {"first": {"size": 2}}, "first.size: must be given once, --grid"),
    ],
)
def test_no_setting_is_given_twice(grid: Any, overrides: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Plan("toy", "quick", (0,), grid, overrides)


def test_a_key_may_be_shortened_where_only_one_ends_so() -> None:
    assert full_key(PROTOCOL, "width") == "width"
    assert full_key(PROTOCOL, "second.size") == "second.size"
    assert full_key(PROTOCOL, "size") == "size"  # of two parts: it stays, and is refused later
    assert full_key(PROTOCOL, "depth") == "third.depth"


def test_the_table_of_runs_has_results_before_costs(tmp_path: Path) -> None:
    metrics = {"wall_seconds": 2.5, "recall": 1 / 3, "label": "a,b", "unknown": None}
    rows = [
        Row(Path("runs/0000"), {"seed": 4, "sizes": [1, 2]}, Status.DONE, metrics),
        Row(Path("runs/0001"), {"seed": 5}, Status.FAILED, {}, "no data"),
    ]
    write_table(tmp_path / "runs.csv", rows)
    assert (tmp_path / "runs.csv").read_text() == (
        "run,status,seed,sizes,recall,label,unknown,wall_seconds,error\n"
        '0000,done,4,"[1, 2]",0.3333333333333333,"a,b",,2.5,\n'
        "0001,failed,5,,,,,,no data\n"
    )


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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds = [\n    2,\n    0,\n]", "seeds = 3", "damaged: seeds"),
        ("seeds = [\n    2,\n    0,\n]", 'seeds = ["a"]', "damaged: seeds"),
        ("seeds = [\n    2,\n    0,\n]", "seeds = []", "damaged: seeds"),
        ("[grid]", "[grid]\nx = 3", r"damaged: grid\.x"),
        ("[grid]", "[grid]\nseed = [3]", "damaged: seed: must be given once"),
        ("[grid]", "[grit]", "damaged: grid, grit"),
        ("[grid]", "[grid", "damaged: "),
    ],
)
def test_a_damaged_file_is_told(old: str, new: str, message: str, tmp_path: Path) -> None:
    Plan("toy", "quick", (2, 0), {"circuit.temperature": (0, 0.1)}).write(tmp_path)
    text = (tmp_path / "sweep.toml").read_text()
    assert old in text
    (tmp_path / "sweep.toml").write_text(text.replace(old, new))
    with pytest.raises(ResumeError, match=message):
        Plan.read(tmp_path)
