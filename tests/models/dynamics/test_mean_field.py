"""Mean-field theory of integrate-and-fire neurons: published values, limits, and the intervals of one neuron."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics.mean_field import MeanField, firing_cv, firing_rate

NEURON = {"tau": 20e-3, "threshold": 20.0, "reset": 10.0, "refractory": 2e-3}


@pytest.mark.parametrize(
    ("g", "drive", "rate", "cv"),
    [
        # The first three rates are those of Brunel 2000, section 5; the others were made by another hand.
        (6, 4, 55.84, 0.736),
        (5, 2, 37.95, 0.675),
        (4.5, 0.9, 6.517, 0.776),
        (5, 1.5, 23.64, 0.697),
        (8, 2, 12.99, 0.866),
    ],
)
def test_rates_of_model_a(g: float, drive: float, rate: float, cv: float) -> None:
    theory = MeanField(g, drive)
    assert len(theory.rates()) == 1
    assert theory.rate == pytest.approx(rate, rel=2e-4)
    assert theory.cv == pytest.approx(cv, abs=6e-4)


def test_without_inhibition_the_refractory_time_is_the_limit() -> None:
    assert MeanField(3, 2).rate == pytest.approx(327, abs=0.5)
    assert MeanField(4.5, 0.9).threshold_rate == 10
    assert MeanField(1, 2).rate < 500


def test_little_noise_is_none() -> None:
    mean = 30.0
    exact = 1 / (2e-3 + 20e-3 * math.log((mean - 10) / (mean - 20)))
    assert firing_rate(mean, 1e-2, **NEURON) == pytest.approx(exact, rel=1e-5)
    # To first order in σ the time to threshold has the variance σ²τ² ∫ du/u³ between μ − θ and μ − V_r.
    sd = 0.05
    interval = sd * 20e-3 * math.sqrt(0.5 * (1 / 10**2 - 1 / 20**2))
    assert firing_cv(mean, sd, **NEURON) == pytest.approx(
        interval * firing_rate(mean, sd, **NEURON), rel=1e-3
    )


def test_rare_spikes_are_a_poisson_process() -> None:
    assert firing_rate(10.0, 2.5, **NEURON) < 0.01
    assert firing_cv(10.0, 2.5, **NEURON) == pytest.approx(1, abs=1e-3)
    assert firing_rate(0.0, 0.1, **NEURON) == 0


def test_one_neuron_in_white_noise() -> None:
    """Rate of simulated neurons, on two grids and without one."""
    rng = np.random.default_rng(5)
    mean, sd, n, duration = 19.0, 6.0, 2000, 0.6
    found = []
    for dt in (2e-4, 5e-5):
        v, wait, n_spikes = rng.uniform(10, 20, n), np.zeros(n), np.zeros(n)
        for step in range(round(duration / dt)):
            v += np.where(
                wait <= 0, dt / 20e-3 * (mean - v) + sd * math.sqrt(dt / 20e-3) * rng.standard_normal(n), 0.0
            )
            wait -= dt
            fired = v >= 20
            n_spikes += fired & (step * dt >= 0.2)
            v[fired], wait[fired] = 10, 2e-3
        found.append(n_spikes.mean() / (duration - 0.2))
    error = n_spikes.std() / math.sqrt(n) / (duration - 0.2)
    # What √dt leaves is of the order dt/τ, 0.1 % of a rate that changes by 5 %.
    for dt, rate in zip((2e-4, 5e-5), found, strict=True):
        assert rate == pytest.approx(firing_rate(mean, sd, **NEURON, dt=dt), abs=4 * error)
    # A walk of steps √dt crosses the threshold late by 0.58 of a step: linear in √dt, so that two steps give the limit.
    limit = 2 * found[1] - found[0]
    assert limit == pytest.approx(firing_rate(mean, sd, **NEURON), abs=4 * math.sqrt(5) * error)


def test_what_is_not_positive_is_refused() -> None:
    for name in ("g", "drive", "weight"):
        with pytest.raises(ParameterError, match=f"{name} = 0: must be more than 0"):
            MeanField(**{"g": 5, "drive": 2, name: 0})
    with pytest.raises(ParameterError, match="dt = -1: must be at least 0"):
        MeanField(5, 2, dt=-1)


def test_steps_slow_a_neuron_as_a_higher_threshold_does() -> None:
    mean, sd, dt = 21.0, 7.7, 1e-4
    late = NEURON | {"threshold": 20 + 0.5826 * sd * math.sqrt(dt / 20e-3)}
    assert firing_rate(mean, sd, **NEURON, dt=dt) == pytest.approx(firing_rate(mean, sd, **late), rel=1e-5)
    assert firing_cv(mean, sd, **NEURON, dt=dt) == pytest.approx(firing_cv(mean, sd, **late), rel=1e-5)
    # The rate of all neurons maintains itself on the grid, too.
    theory = MeanField(5, 2, dt=dt)
    assert theory.rate == pytest.approx(firing_rate(*theory.moments(theory.rate), **NEURON, dt=dt), rel=1e-9)
    assert theory.rate < MeanField(5, 2).rate


def test_neurons_with_poisson_inputs_in_steps() -> None:
    """Independent neurons that hear as many spikes, at random, as they would in the network, fire as theory says.

    What is left are the finite PSPs: a neuron is half an excitatory PSP (0.05 mV) beyond the threshold when it fires.
    """
    rng, dt, n = np.random.default_rng(3), 1e-4, 4000
    theory = MeanField(5, 2, dt=dt)
    excitatory = theory.c_excitatory * (theory.drive * theory.threshold_rate + theory.rate) * dt
    inhibitory = theory.c_excitatory * theory.gamma * theory.rate * dt
    v, wait, n_spikes = rng.uniform(0, 20, n), np.zeros(n, dtype=int), np.zeros(n)
    for step in range(8000):
        free = wait == 0
        wait -= ~free
        heard = 0.1 * (rng.poisson(excitatory, n) - 5 * rng.poisson(inhibitory, n))
        v = np.where(free, v * math.exp(-dt / 20e-3) + heard, 10.0)
        fired = v >= 20
        n_spikes += fired & (step >= 2000)
        v[fired], wait[fired] = 10, 20
    mean, sd = theory.moments(theory.rate)
    found, error = n_spikes.mean() / 0.6, n_spikes.std() / 0.6 / math.sqrt(n)
    # A step that ends with its input has a mean that is larger by half a step.
    high = firing_rate(mean * (1 + dt / 40e-3), sd, **NEURON, dt=dt)
    low = firing_rate(mean, sd, **NEURON | {"threshold": 20.05}, dt=dt)
    assert low - 4 * error < found < high + 4 * error
    # Without the steps theory is far above.
    assert found < firing_rate(mean, sd, **NEURON) - 8 * error
