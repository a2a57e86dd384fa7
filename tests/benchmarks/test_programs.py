"""What the programs of the benchmarks simulate is what the benchmarks say."""

from __future__ import annotations

import math
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from benchmarks import cases, circuit, harness, replicas
from benchmarks.programs import limit, naive, ours, peer


def test_replicas_are_copies_without_synapses_between_them():
    case = cases.association(n_neurons=3)
    several = replicas.replicated(case, 3)
    indptr, indices = case.connectivity()
    indptr_all, indices_all = several.connectivity()
    np.testing.assert_array_equal(np.diff(indptr_all), np.tile(np.diff(indptr), 3))
    for i in range(3):
        of_replica = indices_all[i * len(indices) : (i + 1) * len(indices)]
        inputs = indices < case.n_inputs
        np.testing.assert_array_equal(of_replica[inputs], indices[inputs] + i * case.n_inputs)
        lateral = indices[~inputs] - case.n_inputs + i * case.n_hidden
        np.testing.assert_array_equal(of_replica[~inputs] - 3 * case.n_inputs, lateral)
    assert several.theta.shape == indices_all.shape
    np.testing.assert_array_equal(several.rates[:, case.n_inputs : 2 * case.n_inputs], case.rates)
    assert several.synapse_events_per_second() == pytest.approx(3 * case.synapse_events_per_second())


def test_nest_has_the_synapses_the_delays_and_the_rates_of_the_case():
    """Counts of 20 s within 4.5 standard deviations of a Poisson count."""
    nest = pytest.importorskip("nest", reason="NEST is not installed (pip install nest-simulator)")
    case, seconds = cases.association(n_neurons=3), 20.0
    inputs, neurons = peer.network(case, seed=2)
    recorders = [nest.Create("spike_recorder") for _ in range(2)]
    for group, recorder in zip((inputs, neurons), recorders, strict=True):
        nest.Connect(group, recorder)
    indptr, sources = case.connectivity()
    plastic = nest.GetConnections(synapse_model="stdp_synapse")
    first = np.array(plastic.get("weight"))
    np.testing.assert_allclose(np.sort(first), np.sort(np.exp(case.theta - 3)))
    ids = np.array(inputs.tolist() + neurons.tolist())
    expected = set(zip(ids[sources], np.repeat(neurons.tolist(), np.diff(indptr)), strict=True))
    assert set(zip(plastic.get("source"), plastic.get("target"), strict=True)) == expected
    late = np.array(plastic.get("source")) > max(inputs.tolist())
    np.testing.assert_array_equal(plastic.get("delay"), np.where(late, 5.0, 1.0))
    nest.Simulate(1e3 * seconds)
    means = [case.rates[case.schedule].mean() * case.n_inputs * seconds, 100 * 8 * seconds]
    for recorder, mean in zip(recorders, means, strict=True):
        assert abs(recorder.n_events - mean) < 4.5 * math.sqrt(mean)
    assert np.any(np.array(plastic.get("weight")) != first)  # they learn


def test_without_nest_the_comparison_has_no_row_of_it_and_says_so(monkeypatch: pytest.MonkeyPatch):
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(peer, "version", missing)
    assert harness.machine()["nest"].startswith("not installed")
    for module in (ours, limit, naive, peer):
        monkeypatch.setattr(module, "build", lambda case: lambda seconds: seconds)
    assert set(circuit.compare(cases.circuit(50), 4.0, 5, 1.0)["median_seconds"]) == {
        "ours",
        "limit",
        "naive",
    }
    monkeypatch.setattr(peer, "version", lambda name: "3.10")
    assert "ratio_to_nest" in circuit.compare(cases.circuit(50), 4.0, 5, 1.0)
    assert "ratio_to_nest" not in circuit.compare(cases.circuit(50), 4.0, 5, None)


def test_kept_psps_run_in_the_same_rounds(monkeypatch: pytest.MonkeyPatch):
    built = []
    for module in (ours, limit):
        name = module.__name__.rpartition(".")[2]
        monkeypatch.setattr(
            module, "build", lambda case, name=name: (built.append((name, case)), lambda s: s)[1]
        )
    case = cases.circuit(50)
    found = circuit.compare(case, 4.0, 5, None, kept=True)
    assert (
        set(found["median_seconds"]) == {"ours", "limit", "kept", "kept_limit"} and "ratio_to_kept" in found
    )
    assert [(name, c.parameters.psp) for name, c in built] == [
        ("ours", "immediate"),
        ("limit", "immediate"),
        ("ours", "kept"),
        ("limit", "kept"),
    ]
    assert all(np.array_equal(c.theta, case.theta) for _, c in built)
