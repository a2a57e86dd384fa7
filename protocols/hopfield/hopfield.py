"""Hopfield network: capacity, phases, unlearning, correlated patterns, noise in recall, completion, basins.

What lectures 1 and 4 ("Réseaux et apprentissage") state of attractor networks, measured beside the theory: how many
patterns fit, at which temperature memory melts, what unlearning in sleep and noise in recall are good for, which
patterns Hebb's rule loses and the projection rule keeps. Temperatures are those of P(s = 1) = 1/(1 + e^{−2h/T})
(convention ``glauber``); in lecture 1's convention they are halved. No engine is used; a resumed run begins anew.

What to expect (tables and what differs from the reference values: ``docs/results/hopfield.md``):

- The overlap of a pattern with its memory is 0.998 at α = 0.10, and collapses near α_c = 0.138 patterns per neuron.
- In one synchronous step ½ erfc(√(1/2α)) of the neurons leave a stored pattern.
- Unlearning (λ = 0.01, N = 200) lifts the overlap to 1.00 after 2800 dreams at α = 0.3; after 12,000 it is 0.19.
- Hebb's rule keeps the mean of correlated patterns, with the overlap √c; the projection rule keeps each up to α < 1.
- Memory of two patterns melts at T = 1; in lecture 1's convention at T = ½.
- ``quick`` (seed 0) takes 2.4 minutes of one core, ``paper`` about half an hour (estimated from its parts).
"""

from __future__ import annotations

from typing import Any

from spikingsampling.cli import run_script
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.files import write_text
from spikingsampling.protocols.studies.hopfield.configuration import HopfieldConfiguration
from spikingsampling.protocols.studies.hopfield.measurements import MEASUREMENTS

__all__ = ["PROTOCOL"]


def run(context: Run[HopfieldConfiguration]) -> dict[str, Any]:
    """All experiments, each on networks of its own."""
    metrics: dict[str, Any] = {}
    for measurement in MEASUREMENTS:
        context.stop_if_interrupted()
        context.log.info("%s", measurement.__name__)
        outcome = measurement(context.configuration, context.stream)
        metrics |= outcome.metrics
        for name, (draw, caption) in outcome.figures.items() if context.figures_enabled else ():
            context.save_figure(name, draw(), caption)
        for name, text in outcome.texts.items():
            write_text(context.directory / name, text)
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
