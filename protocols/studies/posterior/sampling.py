"""Everything that the protocol ``posterior`` samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spikingsampling.models.posterior.linear_regression import LinearRegression
from spikingsampling.models.posterior.targets import SPEEDS, TARGETS
from spikingsampling.protocols.studies.posterior.configuration import Configuration
from spikingsampling.protocols.studies.posterior.judgement import Samples
from spikingsampling.protocols.studies.posterior.regression_sampling import sample_regression
from spikingsampling.protocols.studies.posterior.target_sampling import (
    mode_error,
    sample_target,
    sample_wrong,
)
from spikingsampling.protocols.studies.posterior.weak_sampling import sample_weak

__all__ = ["sample_all"]


def sample_all(c: Configuration, rng: Callable[[str], np.random.Generator]) -> Samples:
    """Targets, modes, wrong drifts, regressions and weak convergence; ``rng`` gives the generator of each by name."""
    cases = {
        case: sample_target(TARGETS[case[0]], SPEEDS[case[1]], case[2], c.sampler, rng(str(case)))
        for case in c.cases
    }
    mode_errors = {
        f"{name}.{speed}": mode_error(TARGETS[name], b, c.sampler, rng(f"mode {name} {speed}"))
        for name in c.tempered
        for speed, b in SPEEDS.items()
    }
    wrong = {name: sample_wrong(name, c.sampler, rng(f"wrong {name}")) for name in c.wrong_drifts}
    model = LinearRegression.draw(np.random.default_rng(0), c.n_examples, 2)
    regressions = {
        way: [
            sample_regression(model, b_dt, way == "sequential", c.regression, rng(f"{way} {b_dt}"))
            for b_dt in c.b_steps
        ]
        for way in ("batch", "sequential")
    }
    weak = sample_weak(c.time_steps, c.n_measured, c.sampler, rng("weak convergence"))
    return Samples(cases, mode_errors, wrong, model, regressions, weak)
