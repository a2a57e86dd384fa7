"""What the protocol `posterior` samples, in which order, and from which streams of randomness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikingsampling.models.posterior.targets import SPEEDS, TARGETS, WRONG_DRIFTS
from spikingsampling.protocols.studies.posterior import sampling as sampling
from spikingsampling.protocols.studies.posterior import target_sampling as target_sampling
from spikingsampling.protocols.studies.posterior.chains import SamplerSettings
from spikingsampling.protocols.studies.posterior.configuration import Configuration
from spikingsampling.protocols.studies.posterior.weak_sampling import sample_weak

C = Configuration(
    targets=("gaussian",),
    tempered=("skewed",),
    temperatures=(4.0,),
    sampler=SamplerSettings(n_draws=10),
    regression=SamplerSettings(n_draws=20),
    wrong_drifts=("stratonovich",),
    b_steps=(1e-3,),
    time_steps=(0.1, 0.2, 0.4),
    n_measured=2,
)


def test_everything_is_sampled_with_a_stream_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sample_target", "mode_error", "sample_wrong", "sample_regression", "sample_weak"):
        monkeypatch.setattr(sampling, name, lambda *arguments: arguments)
    samples = sampling.sample_all(C, lambda name: name)
    s, r = C.sampler, C.regression
    assert dict(samples.cases) == {
        (name, speed, t): (TARGETS[name], SPEEDS[speed], t, s, str((name, speed, t)))
        for name, t in (("gaussian", 1.0), ("skewed", 4.0))
        for speed in ("constant", "state_dependent")
    }
    assert dict(samples.mode_errors) == {
        f"skewed.{speed}": (TARGETS["skewed"], SPEEDS[speed], s, f"mode skewed {speed}") for speed in SPEEDS
    }
    assert dict(samples.wrong) == {"stratonovich": ("stratonovich", s, "wrong stratonovich")}
    assert samples.model.examples.shape == (20, 3)
    assert dict(samples.regressions) == {
        "batch": [(samples.model, 1e-3, False, r, "batch 0.001")],
        "sequential": [(samples.model, 1e-3, True, r, "sequential 0.001")],
    }
    assert samples.weak == ((0.1, 0.2, 0.4), 2, s, "weak convergence")


@pytest.mark.parametrize("name", WRONG_DRIFTS)
def test_a_wrong_drift_is_compared_with_the_right_law(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """√T is told from T at T = 4, where it samples at 2; the others at T = 1."""
    calls: list[tuple[Any, ...]] = []
    sample_target = target_sampling.sample_target

    def watch(target: Any, b: Any, temperature: float, *rest: Any, law_temperature: float) -> Any:
        calls.append((target, b.derivative(0.0), temperature, law_temperature))
        return sample_target(target, b, temperature, *rest, law_temperature=law_temperature)

    monkeypatch.setattr(target_sampling, "sample_target", watch)
    outcome = target_sampling.sample_wrong(name, SamplerSettings(n_draws=10), np.random.default_rng(0))
    correction, used, right = {
        "no_b_prime": (0.0, 1.0, 1.0),
        "stratonovich": (1.5, 1.0, 1.0),
        "root_temperature": (1.0, 2.0, 4.0),
    }[name]
    assert calls == [(TARGETS["gaussian"], pytest.approx(correction * 0.8), used, right)]
    assert outcome.temperature == right
    assert outcome.result.laws[0].variance == pytest.approx(right, rel=1e-4)


def test_the_law_is_that_of_the_temperature() -> None:
    settings, rng = SamplerSettings(n_draws=10), np.random.default_rng(0)
    result = target_sampling.sample_target(TARGETS["gaussian"], 1.0, 4.0, settings, rng)
    assert result.laws[0].variance == pytest.approx(4, rel=1e-4)
    assert result.theta.shape == (8, 10, 1)
    assert len(result.distances) == len(result.summaries) == 1


def test_weak_errors_are_measured_at_the_longest_time_steps() -> None:
    """N(0, 1): without T b′ and after Stratonovich the mean is wrong by −⟨b⁻¹ θ⟩ and ⟨b^½ θ⟩, whatever the step."""
    weak = sample_weak((0.1, 0.4, 0.2), 2, SamplerSettings(n_draws=10), np.random.default_rng(0))
    assert weak.time_steps.tolist() == [0.4, 0.2, 0.1]
    assert weak.measured.shape == weak.standard_errors.shape == (2, 2)
    assert list(weak.without) == ["without T b′", "after Stratonovich"]
    assert weak.without["without T b′"][-1, 0] < -0.3
    assert weak.without["after Stratonovich"][-1, 0] > 0.2
    assert np.all(np.diff(np.abs(weak.errors), axis=0) < 0)
