"""What a synapse takes in the memory of a compiled program."""

from __future__ import annotations

import json

import pytest

from benchmarks import memory
from benchmarks.cases import circuit


def test_a_synapse_takes_at_most_40_bytes() -> None:
    """5 numbers of 8 bytes: θ, its weight, whether it is intact, its two neurons, and its place in a row."""
    small, large = (memory.measure(circuit(n_inputs, 100), 1.0) for n_inputs in (1_000, 5_000))
    per_synapse = (large.peak - small.peak) / (large.n_synapses - small.n_synapses)
    # What a program cannot do without is 32 bytes: less would mean that something else was measured.
    assert 32 <= per_synapse <= 40


def test_the_benchmark_says_what_it_measured(tmp_path, capsys) -> None:
    assert (
        memory.main(
            ["--inputs", "50", "--neurons", "4", "--seconds", "2", "--json", str(tmp_path / "m.json")]
        )
        == 0
    )
    assert "200 synapses: " in capsys.readouterr().out
    found = json.loads((tmp_path / "m.json").read_text())
    assert found["bytes_per_synapse"] == pytest.approx(found["peak"] / 200)
    assert found["n_synapses"] == 200 and found["files"] > 200 * 24
