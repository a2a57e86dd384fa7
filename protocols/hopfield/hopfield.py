"""Hopfield network: capacity, phases, unlearning, correlated patterns, noise in recall, completion, basins.

What lectures 1 and 4 state, measured: 0.138 N patterns (theory α_c = 0.1379, m_c = 0.967); recall from part of a
pattern; false memories, removed by unlearning in sleep or left with noise in recall; patterns that share neurons are
lost by Hebb's rule and kept by the projection rule. Temperatures are those of P(s = 1) = 1/(1 + e^{−2h/T})
(convention ``glauber``); in lecture 1's convention they are halved.

Expected: m(0.10) = 0.998 (theory 0.998); one-step bit errors ½ erfc(√(1/2α)); unlearning at λ = 0.01, N = 200: to 1.00
after 2800 dreams at α = 0.3 and 8400 at 0.5 from 0.46 ± 0.06 and 0.36 ± 0.04 (mean and standard deviation of six
networks), 0.19 ± 0.01 after 12,000; correlated patterns: √c with Hebb's rule, 1 with projection to α < 1. Crosses in
the figures are the reference values of :mod:`~spikingsampling.protocols.studies.hopfield.references`.

Two of these are not ours: for N = 2000, from the pattern, without noise they are 0.89 at α = 0.138 and 0.67 at 0.15,
where 16 networks, all patterns tested, have 0.946 (standard deviation between networks 0.008) and 0.787 (0.015). Tried
on two networks with 30 patterns each, the order of updates (random, by index, with replacement, in blocks or all at
once, ties to 1) moves m by 0.01 at most, self-coupling w_ii = α gives 0.996; all ran until nothing moved. Most
patterns stay near 0.97, some fall to 0.3 or 0.4, so that a mean over k patterns of one network has the standard error
0.14/√k and 0.28/√k: the reference values are within it (95 %) for k of 18 at most, and their k is not stated. Ours
agree with the double loop over neurons.

Intervals of every run are in its ``metrics.json``. Seed 0; ``quick`` takes 2.4 min of one core, ``paper`` about half an
hour (estimated from its parts). No engine is used; a run that is resumed begins anew.
"""

from __future__ import annotations

from typing import Any

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.hopfield.measurements import MEASUREMENTS, HopfieldConfiguration

__all__ = ["PROTOCOL"]


def run(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """All measurements, each on networks of its own."""
    metrics: dict[str, Any] = {}
    for part in MEASUREMENTS:
        context.stop_if_interrupted()
        context.log.info("%s", part.__name__)
        metrics |= part(context)
    return metrics


PROTOCOL = Protocol(
    configuration=HopfieldConfiguration,
    presets={
        "smoke": {
            "repetitions": 2,
            "sizes": [60],
            "alphas": [0.05, 0.2],
            "neurons": 60,
            "bit_alphas": [0.1, 0.2],
            "melting_temperatures": [0.2, 0.9],
            "held_alphas": [0.05, 0.5],
            "phase_alphas": [0.05, 0.2],
            "phase_temperatures": [0.1, 1.2],
            "phase_sweeps": 6,
            "dreaming": 30,
            "dreaming_alphas": [0.3],
            "dreams": [0, 10],
            "correlations": [0.0, 0.5],
            "temperatures": [0.0, 0.5],
            "flipped": [0.0, 0.4],
            "basin_alphas": [0.05],
            "struck": [0.1, 0.9],
        },
        "quick": {},
        "real": {"data": "real"},
        "paper": {
            "repetitions": 5,
            "sizes": [500, 1000, 2000, 5000],
            "neurons": 1000,
            "phase_sweeps": 50,
            "dreaming": 200,
        },
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
