"""Rules of plasticity: what the lectures say beside what the rules do.

Spiking rules (:mod:`spikingsampling.models.plasticity_spiking`): the window of 60 pairs at 1 Hz, 60 pairs 10 ms apart
at 0.1 to 50 Hz, and 900 presynaptic pulses at 1 to 100 Hz against a postsynaptic neuron that fires independently at
the same rate; both are Poisson processes. Weights begin at 1 and have no bounds, so large numbers mean saturation.

Expected (the first two are exact, the third mean ± standard error of 40 repetitions, seed 0; a few seconds):

- Lecture 003: with STDP, w grows or shrinks by the order of the spikes. Pair rule: yes, with time constants 16.8 and
  33.7 ms, which are put in and come out.
- Pairs at 10, 20, 40, 50 Hz, triplet rule for visual cortex in which all spikes pair: 0.13, 0.25, 0.53, 0.74 at
  +10 ms and −0.33, −0.35, 0.15, 0.73 at −10 ms; the data are 0.14, 0.29, 0.53, 0.56 and −0.41, −0.34, 0.56, 0.75.
  The pair rule has less and less potentiation at +10 ms: order alone does not explain the data. Lecture 003 cites that
  STDP "rewards synchrony rather than causality"; at 50 Hz the order does not matter to the triplet rule.
- Lecture 004: whether LTP or LTD follows depends on the activity of both neurons. Dudek & Bear, as remembered:
  depression at 1 to 3 Hz, none near 10 Hz, potentiation at 50 Hz. The triplet rules for visual cortex turn from
  depression to potentiation at 19 Hz (all spikes pair) and 11 Hz (nearest); the hippocampal one in which all spikes
  pair turns the other way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from spikingsampling.models.plasticity_spiking import SpikingExperiments, run_spiking

from spikingsampling.configuration import ProtocolConfiguration
from spikingsampling.protocol import Protocol
from spikingsampling.run import Run

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the experiments on rules of plasticity."""

    spiking: SpikingExperiments = SpikingExperiments()


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Stimulate synapses and measure how they change."""
    rng = np.random.default_rng(context.stream("spike trains"))
    return run_spiking(context.configuration.spiking, rng, context.save_figure)


PROTOCOL = Protocol(
    name="plasticity_rules",
    summary="Rules of plasticity against the lectures and data: window, pairing rate, frequency",
    configuration=Configuration,
    presets={
        "smoke": {"spiking": {"repetitions": 3, "n_pulses": 100}},
        "quick": {},
        "paper": {"spiking": {"repetitions": 400}},
    },
    default_preset="quick",
    run=run,
)

if __name__ == "__main__":
    PROTOCOL.main()
