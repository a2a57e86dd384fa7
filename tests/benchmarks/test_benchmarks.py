"""The C kernel simulates the model, and the harness compares what it says it compares."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import association as association_benchmark
from benchmarks import cases, circuit, harness
from benchmarks.programs import build, limit
from helpers import ROOT
from spikingsampling.errors import CompilerError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.reference import replay

#: A prior so wide that it leaves θ alone, without noise: what remains is the learning rule.
RULE_ONLY = {"prior": GaussianPrior(sd=1e9), "temperature": 0}


def _replay_circuit(case: cases.Case, run: limit.LimitRun, index: int, seconds: float):
    """Replay one circuit with the spikes of the kernel; its lateral sources are inputs that come late.

    The kernel lets inputs act at the end of the step in which they fall, on the output spikes of later steps.
    """
    indptr, indices = case.connectivity()
    k0 = index * case.n_neurons
    sources = indices[indptr[k0] : indptr[k0 + 1]]
    delay = round(case.parameters.lateral_delay / case.dt)
    (in_step, in_index), (out_step, out_index) = run.input_spikes, run.output_spikes
    step = np.concatenate([in_step, out_step + delay])
    source = np.concatenate([in_index, case.n_inputs + out_index])
    kept = np.isin(source, sources) & (step < round(seconds / case.dt))
    order = np.argsort(step[kept], kind="stable")
    own = out_index // case.n_neurons == index
    rows = slice(indptr[k0], indptr[k0 + case.n_neurons])
    shape = (case.n_neurons, len(sources))
    record = replay(
        np.searchsorted(sources, source[kept][order]),
        step[kept][order] * case.dt,
        out_step[own] * case.dt,
        out_index[own] - k0,
        case.theta[rows].reshape(shape),
        seconds,
        case.parameters,
    )
    return record, run.theta[rows].reshape(shape), out_index[own] - k0


def _small_association(**parameters: float) -> cases.Case:
    case = cases.association(n_neurons=3)
    return replace(case, parameters=case.parameters.replace(**parameters))


def test_rule_and_lateral_delay_match_the_reference():
    case = _small_association(**RULE_ONLY)
    run = limit.simulate(case, 2.0, seed=3)
    for index in (0, 5):
        record, theta, _ = _replay_circuit(case, run, index, 2.0)
        assert np.ptp(record.theta - case.theta.mean()) > 0
        np.testing.assert_allclose(theta, record.theta, atol=1e-9, rtol=0)


def test_prior_without_noise_matches_the_reference():
    # The kernel moves θ once per second by the exact transition, the reference before every output spike by
    # Euler: these differ by no more than one second's drift b |θ − μ|.
    case = _small_association(temperature=0)
    run = limit.simulate(case, 10.0, seed=4)
    record, theta, _ = _replay_circuit(case, run, 2, 10.0)
    without_prior = replace(case, parameters=case.parameters.replace(**RULE_ONLY))
    rule_only, _, _ = _replay_circuit(without_prior, run, 2, 10.0)
    bound = 1.1 * case.parameters.b * np.abs(case.theta - 0.5).max()
    np.testing.assert_allclose(theta, record.theta, atol=bound, rtol=0)
    assert np.abs(theta - rule_only.theta).max() > 2 * bound  # the prior is there to be seen


@pytest.mark.parametrize("psp", ["kept", "immediate"])
def test_winners_are_drawn_from_the_softmax(psp: str):
    case = _small_association(**RULE_ONLY, psp=psp, b=1e-3, adaptation=-0.5)
    run = limit.simulate(case, 20.0, seed=5)
    record, theta, winners = _replay_circuit(case, run, 1, 20.0)
    np.testing.assert_allclose(theta, record.theta, atol=1e-9, rtol=0)
    p = record.p
    surprise = np.log(p[winners, np.arange(len(winners))])
    mean, second = (p * np.log(p)).sum(axis=0), (p * np.log(p) ** 2).sum(axis=0)
    assert abs((surprise - mean).sum()) < 4.5 * math.sqrt((second - mean**2).sum())
    for k in range(3):
        excess = (winners == k).sum() - p[k].sum()
        assert abs(excess) < 4.5 * math.sqrt((p[k] * (1 - p[k])).sum())


def test_rates_are_those_of_the_stimulus_and_the_counts_poisson():
    case, seconds = cases.circuit(1000), 40.0
    run = limit.simulate(case, seconds, seed=6)
    shown = case.schedule[: round(seconds / case.pattern_duration)]
    step, index = run.input_spikes
    pattern = case.schedule[step // 200]
    counts = np.zeros(case.rates.shape)
    np.add.at(counts, (pattern, index), 1)
    expected = case.rates * np.bincount(shown, minlength=len(case.rates))[:, None] * case.pattern_duration
    # chi² of Poisson counts has mean 1 and variance (2 + 1/λ) per term
    terms = expected > 1
    chi2 = ((counts - expected) ** 2 / np.where(terms, expected, 1))[terms]
    assert abs(chi2.mean() - 1) < 4.5 * math.sqrt((2 + 1 / expected[terms]).mean() / chi2.size)
    n_out = len(run.output_spikes[0])
    assert abs(n_out - 100 * seconds) < 4.5 * math.sqrt(100 * seconds)
    assert np.all(np.diff(step) >= 0)


def test_prior_and_noise_follow_the_ornstein_uhlenbeck_law():
    # no output spikes: θ moves by prior and noise alone, 50 updates of 1 s, the last of them at 50 s
    case = cases.circuit(2000)
    parameters = case.parameters.replace(b=0.01, rho_net=0.01, temperature=0.8, theta_floor=-100)
    case = replace(case, parameters=parameters, theta=np.full(20_000, 2.0))
    run = limit.simulate(case, 50.001, seed=7)
    untouched = run.theta.reshape(10, -1)[np.bincount(run.output_spikes[1], minlength=10) == 0]
    decay, sd = parameters.prior.transition(0.01 * 50, 0.8)
    z = (untouched.ravel() - (0.5 + 1.5 * decay)) / sd
    assert abs(z.mean()) < 4.5 / math.sqrt(z.size)
    assert abs(z.var() - 1) < 4.5 * math.sqrt(2 / z.size)
    assert abs(np.mean(z[1:] * z[:-1])) < 4.5 / math.sqrt(z.size)


def test_floor_holds():
    case = cases.circuit(50)
    case = replace(case, theta=np.full(500, -10.0))
    assert limit.simulate(case, 1.001, seed=8).theta.max() == -5.0


def test_seed_determines_the_run():
    case = cases.circuit(50)
    first, again, other = (limit.simulate(case, 2.0, seed).theta for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_connectivity_of_the_association_network():
    case = cases.association()
    indptr, indices = case.connectivity()
    assert len(indices) == 40 * 784 + 40 * 616 + 2 * 40 * 40 == len(case.theta)
    assert set(indices[: indptr[1]]) == {*range(784), *range(1400 + 40, 1400 + 80)}
    within = cases.association(lateral=np.eye(8, dtype=bool))
    indptr, indices = within.connectivity()
    assert set(indices[indptr[11] : indptr[12]]) - {*range(784)} == {1400 + i for i in range(10, 20)} - {1411}


def test_synapse_events_of_the_circuit():
    # 20 Hz reach 10 neurons, and 100 Hz of output spikes teach one row of 1,000
    assert cases.circuit(1000).synapse_events_per_second() == pytest.approx(20 * 1000 * 10 + 100 * 1000)


@pytest.mark.parametrize(("n", "low", "high", "coverage"), [(5, 1, 5, 0.9375), (9, 2, 8, 0.9609375)])
def test_median_interval(n: int, low: int, high: int, coverage: float):
    estimate = harness.median_interval([float(i) for i in range(n, 0, -1)])
    assert (estimate.median, estimate.low, estimate.high) == ((n + 1) / 2, low, high)
    assert estimate.coverage == pytest.approx(coverage)


def test_median_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    estimates = [harness.median_interval(rng.exponential(size=9).tolist()) for _ in range(2000)]
    hits = np.mean([e.low <= math.log(2) <= e.high for e in estimates])
    assert abs(hits - 0.9609375) < 4.5 * math.sqrt(0.961 * 0.039 / 2000)


def test_competitors_take_turns_and_the_first_round_does_not_count():
    calls: list[str] = []

    def competitor(name: str, wall: float, seconds: float) -> harness.Competitor:
        def run() -> float:
            calls.append(name)
            return wall * len(calls)

        return harness.Competitor(name, run, seconds)

    times = harness.interleave([competitor("ours", 6.0, 2.0), competitor("limit", 1.0, 1.0)], 5)
    assert calls == ["ours", "limit"] * 6
    assert times["ours"] == [3.0 * i for i in (3, 5, 7, 9, 11)]
    found = harness.summary(times, events_per_second=1e9)
    assert found["ratio_to_limit"] == pytest.approx(3 * 7 / 8)
    assert found["pairs"] == 5
    assert found["ns_per_synapse_event"] == found["median_seconds"]
    json.dumps(found)


@pytest.mark.parametrize("name", ["circuit", "association"])
def test_too_few_pairs_are_refused_with_one_message(name: str):
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--pairs", "4"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "error: --pairs 4: a ratio needs at least 5 pairs\n"


@pytest.mark.parametrize("module", [circuit, association_benchmark])
def test_a_missing_compiler_is_one_message(module, monkeypatch, capsys):
    monkeypatch.setenv("CC", "no-such-compiler")
    assert module.main([]) == 2
    assert capsys.readouterr().err.startswith("error: no C compiler found (tried no-such-compiler)")


def test_a_failing_compiler_says_what_it_said(monkeypatch, tmp_path):
    source = tmp_path / "kernel.c"
    source.write_text("#error nonsense\n")
    monkeypatch.setattr(build, "SOURCE", source)
    build.load_kernel.cache_clear()
    with pytest.raises(CompilerError, match=r"could not compile kernel\.c"):
        build.load_kernel()
    build.load_kernel.cache_clear()


@pytest.mark.slow
def test_naive_network_fires_at_the_rates_of_the_model():
    from benchmarks.programs import naive

    case, seconds = _small_association(), 20.0
    program = naive.Program(case, seconds)
    assert program() > 0
    inputs, outputs = program.spike_counts()
    shown = case.schedule[: round(seconds / case.pattern_duration)]
    expected = case.rates[shown].mean(axis=0) * seconds
    assert abs(inputs.sum() - expected.sum()) < 4.5 * math.sqrt(expected.sum())
    per_circuit = outputs.reshape(8, 3).sum(axis=1)
    assert np.all(abs(per_circuit - 100 * seconds) < 4.5 * math.sqrt(100 * seconds))
    assert outputs.min() > 0  # with adaptation every neuron has its turn


def test_the_kernel_leaves_the_arithmetic_of_the_process_alone() -> None:
    build.load_kernel()
    smallest = np.nextafter(0.0, 1.0)
    assert smallest > 0 and smallest * np.float64(1.0) == smallest
