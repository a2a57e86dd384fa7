"""Baselines of the association task: smoke preset, table, and rows of finished runs."""

from __future__ import annotations

import json

import pytest

from spikingsampling.analysis import Estimate
from spikingsampling.errors import DataError
from spikingsampling.experiment.configuration import parse_assignment
from spikingsampling.experiment.execution import execute
from spikingsampling.experiment.run_directory import create_directory
from spikingsampling.protocols.association.association_baselines import PROTOCOL
from spikingsampling.protocols.studies.association.baselines import (
    COLUMNS,
    estimate_columns,
    read_association_runs,
    recall_table,
    table_rows,
)


def test_smoke_preset_prints_its_table_with_rows_of_spiking_runs(tmp_path, capsys):
    directories = []
    for number in range(2):
        directories.append(tmp_path / f"seed-{number}")
        directories[-1].mkdir()
        numbers = {name: 0.5 + 0.01 * i + 0.2 * number for i, name in enumerate(COLUMNS)}
        (directories[-1] / "metrics.json").write_text(json.dumps(numbers))
    key, value = parse_assignment(f'association_runs=["{directories[0]}", "{directories[1]}"]')
    configuration = PROTOCOL.configure("smoke", {key: value})
    with create_directory(PROTOCOL, "smoke", configuration, tmp_path / "run") as folder:
        execute(PROTOCOL, configuration, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    for name in ("hopfield_hebb", "hopfield_projection", "rbm"):
        found = metrics[f"{name}.audio_to_visual.accuracy"]
        assert found["n"] == 2
        assert 0 <= found["value"] <= 1
    assert metrics["spiking.seed-0.joint.visual_accuracy"] == 0.52
    table = (folder / "table.txt").read_text()
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "held-out items, 2 repetitions, chance 0.50"
    title, _, *lines = table.splitlines()
    assert title == f"**{printed[0]}**"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert all(cell in line for row, line in zip(rows[2:], printed[2:], strict=True) for cell in row)
    assert rows[0] == ["memory", *COLUMNS.values()]
    assert {len(row) for row in rows} == {1 + len(COLUMNS)}
    assert [row[0] for row in rows[2:]] == [
        *("hopfield_hebb", "hopfield_projection", "rbm", "k_means", "linear_classifier"),
        *("spiking, seed-0", "spiking, seed-1", "spiking, 2 runs"),
    ]
    assert rows[6][-2:] == ["–", "–"]  # a classifier reconstructs nothing
    assert rows[7][1:] == ["0.500", "0.510", "0.520", "0.530", "0.540"]
    # Two values 0.2 apart: standard error 0.1, t with one degree of freedom 12.706; a fraction stays in 0 … 1.
    assert rows[9][1] == "0.600 (0.000 … 1.000)"
    assert (folder / "figures" / "seen_when_hearing.png").stat().st_size > 2000


def test_a_run_that_is_none_gives_one_message(tmp_path):
    with pytest.raises(DataError, match=r"association_runs: .*metrics.json is no result of a finished run"):
        read_association_runs([str(tmp_path)])


def test_estimates_stay_within_the_bounds_of_their_measure():
    # Two values 0.2 apart: standard error 0.1, t with one degree of freedom 12.706.
    found = estimate_columns(
        [{"a.accuracy": 0.2, "a.correlation": -0.2}, {"a.accuracy": 0.4, "a.correlation": 0}]
    )
    assert found["a.accuracy"].value == pytest.approx(0.3)
    assert found["a.accuracy"].interval == (0.0, 1.0)
    assert found["a.correlation"].interval == (-1.0, 1.0)
    near = estimate_columns([{"a.correlation": -0.5}, {"a.correlation": -0.48}])["a.correlation"]
    assert near.interval == pytest.approx((-0.49 - 0.12706, -0.49 + 0.12706), abs=1e-4)


def test_a_row_per_memory_and_run():
    row = {name: 0.5 + 0.01 * place for place, name in enumerate(COLUMNS)}
    memories = {"rbm": {name: Estimate(0.25, 2, (0.125, 0.5)) for name in COLUMNS}}
    assert list(table_rows(memories, {"a": row})) == ["rbm", "spiking, a"]
    rows = table_rows(memories, {"a": row, "b": dict.fromkeys(COLUMNS, 1.0)})
    assert list(rows) == ["rbm", "spiking, a", "spiking, b", "spiking, 2 runs"]
    assert rows["spiking, 2 runs"]["joint.visual_accuracy"].value == pytest.approx(0.76)
    table = recall_table(rows, "a title")
    assert table.head == ["memory", *COLUMNS.values()]
    assert (table.title, table.rows[0][:2]) == ("a title", ["rbm", "0.250 (0.125 … 0.500)"])
    assert table.rows[1] == ["spiking, a", "0.500", "0.510", "0.520", "0.530", "0.540"]
