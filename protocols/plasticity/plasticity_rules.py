"""Rules of plasticity: what the lectures say beside what the rules do.

Spiking rules (:mod:`spikingsampling.protocols.studies.plasticity.spiking`): the window of 60 pairs at 1 Hz,
60 pairs 10 ms apart at 0.1 to 50 Hz, and 900 presynaptic pulses at 1 to 100 Hz against a postsynaptic neuron that
fires independently at
the same rate; both are Poisson processes. Weights begin at 1 and have no bounds, so large numbers mean saturation.
Rate-based rules (:mod:`spikingsampling.protocols.studies.plasticity.rates`): the same pulses with BCM,
principal components of lecture 003's points (seed 42, N = 1000, η = 0.1), and BCM with six overlapping patterns.

Expected (seed 0, preset ``quick``, half a minute of one core; ± is a standard error over 40 repetitions, brackets are
95 % intervals over 10; all other numbers are exact):

- Lecture 003: with STDP, w grows or shrinks by the order of the spikes. Pair rule: yes, with time constants 16.8 and
  33.7 ms, which are put in and come out.
- Pairs at 10, 20, 40, 50 Hz, triplet rule for visual cortex in which all spikes pair: 0.13, 0.25, 0.53, 0.74 at
  +10 ms and −0.33, −0.35, 0.15, 0.73 at −10 ms; the data are 0.14, 0.29, 0.53, 0.56 and −0.41, −0.34, 0.56, 0.75.
  The pair rule has less and less potentiation at +10 ms: order alone does not explain the data. Lecture 003 cites that
  STDP "rewards synchrony rather than causality"; at 50 Hz the order does not matter to the triplet rule.
- Lecture 001: 900 pulses at 1 to 100 Hz, Dudek & Bear; as remembered depression at 1 to 3 Hz, none near 10 Hz,
  potentiation at 50 Hz. The triplet rules for visual cortex turn from depression to potentiation at 19 Hz (all spikes
  pair; −0.53 ± 0.01 at 3 Hz, −1.02 ± 0.02 at 10, 16.8 ± 0.3 at 50) and 11 Hz (nearest; −0.47 ± 0.01 and
  −0.19 ± 0.03 at 3 and 10 Hz); the hippocampal one in which all spikes pair turns the other way.
- The same from BCM: with θ = 10 Hz, which is put in, −0.36, −0.84, 0 and 82 at 1, 3, 10 and 50 Hz in units of the
  deepest depression, which is at 5 Hz; for the triplets it is 17 and 16 at 50 Hz. Nothing bounds w. The triplet rule in
  which all spikes pair is BCM with θ = 19 Hz.
- Lecture 003: Oja's rule keeps the weights finite and finds PC1. After one pass |w| = 0.9998 and |cos(w, PC1)| =
  0.9992; on fresh points |w| = 1.00025 [1.00025, 1.00026] (theory 1 + ηλ₂/4 = 1.00025), and the angle has the variance
  6.1e-4 [4.7e-4, 7.6e-4] (theory 6.1e-4). Sanger's rule finds both components, 0.9999 and 1.0000 in the 20th pass.
- Lectures 003 and 004: plain Hebb "suffers from instability", its only fixed point is Qw = 0. |w| is 30 after one pass;
  on fresh points its component along PC1 grows 242-fold [204, 280] (theory (1 + ηλ₁)^1000 = 234).
- Lecture 003: BCM with a constant threshold is unstable, a sliding one stabilises the weights. Fixed: responses run
  away in 10 of 10, to ten times the stable response after 5898 patterns [5081, 6715]. Sliding: one of six patterns
  remains, selectivity 0.833 [0.832, 0.834] (theory 5/6), response 5.93 [5.82, 6.04] (theory 6, to first order in η
  5.97).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.plasticity.rates import RateExperiments, run_rate
from spikingsampling.protocols.studies.plasticity.spiking import SpikingExperiments, run_spiking

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the experiments on rules of plasticity."""

    spiking: SpikingExperiments = SpikingExperiments()
    rate: RateExperiments = RateExperiments()


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Stimulate synapses and measure how they change."""
    settings, save = context.configuration, context.save_figure
    trains = np.random.default_rng(context.stream("spike trains"))
    inputs = np.random.default_rng(context.stream("inputs of rate-based rules"))
    return run_spiking(settings.spiking, trains, save) | run_rate(settings.rate, inputs, save)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "spiking": {"repetitions": 3, "n_pulses": 100},
            "rate": {
                **{"repetitions": 2, "n_pulses": 100, "passes": 4},
                **{"presentations": 4000, "bcm_learning_rate": 0.01, "tau_theta": 20},
            },
        },
        "quick": {},
        "paper": {"spiking": {"repetitions": 400}, "rate": {"repetitions": 100}},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
