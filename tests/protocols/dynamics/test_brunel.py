"""What is measured of spikes, on arrays made by hand; the protocol at its smallest."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikingsampling.models.dynamics.activity import Activity
from spikingsampling.protocols.dynamics.brunel import PROTOCOL
from spikingsampling.protocols.studies.dynamics.spiking.activity import (
    interval_cv,
    population_rate,
    rate,
    spectrum,
)


def activity(trains: list[list[float]], duration: float = 1.0) -> Activity:
    times = np.concatenate([np.array(train, dtype=float) for train in trains])
    neurons = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    order = np.argsort(times, kind="stable")
    return Activity(times[order], neurons[order].astype(np.int32), len(trains), duration)


def test_rate_and_irregularity_by_hand() -> None:
    regular = [0.1 * k for k in range(7)]
    two_lengths = list(np.cumsum([0, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3]))
    few = [0.1, 0.2]
    found = activity([regular, two_lengths, few, []], 2.0)
    assert rate(found) == 16 / 4 / 2
    values = np.array([0.1, 0.3] * 3)
    assert interval_cv(found) == pytest.approx((0 + values.std(ddof=1) / 0.2) / 2)
    assert math.isnan(interval_cv(activity([few])))


def test_poisson_trains_have_a_flat_spectrum_at_the_floor() -> None:
    rng = np.random.default_rng(1)
    trains = [sorted(rng.uniform(0, 20, rng.poisson(400))) for _ in range(50)]
    found = spectrum(activity(trains, 20.0))
    part = found.frequencies > 10
    # 100 windows of 0.2 s that overlap by half: each power has a relative error of about 1/√100.
    assert np.mean(found.power[part] / found.floor) == pytest.approx(
        1, abs=4 * 0.1 / math.sqrt(part.sum()) + 0.01
    )
    assert interval_cv(activity(trains, 20.0)) == pytest.approx(1, abs=0.02)


def test_a_common_rhythm_is_found() -> None:
    rng = np.random.default_rng(2)
    beats = np.arange(0, 4, 1 / 35)
    trains = [
        sorted((beats + rng.normal(0, 2e-3, len(beats)))[rng.random(len(beats)) < 0.3] % 4) for _ in range(80)
    ]
    found = spectrum(activity(trains, 4.0))
    assert found.peak() == 35
    # A rhythm of the rate r: a line of power 2 r² exp(−(2πfσ)²), in windows of 0.2 s that spread it over 1.5/0.2 Hz.
    line = 2 * rate(activity(trains, 4.0)) ** 2 * math.exp(-((2 * math.pi * 35 * 2e-3) ** 2))
    assert found.power[found.frequencies == 35][0] == pytest.approx(line * 0.2 / 1.5, rel=0.1)


def test_bins_share_out_all_spikes() -> None:
    found = activity([[0.0, 0.0004, 0.0005, 0.0099]], 0.01)
    times, values = population_rate(found)
    assert times[0] == 0.00025
    assert (values * 5e-4).tolist() == [2, 1, *[0] * 17, 1]


def test_the_protocol_names_its_points_once() -> None:
    configuration = PROTOCOL.configure("quick")
    assert configuration.network.n_synapses == 15_625_000
    with pytest.raises(Exception, match="must be distinct numbers"):
        PROTOCOL.configure("quick", {"line": [5.0, 5.0]})
