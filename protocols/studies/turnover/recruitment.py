"""Synapses that a new stimulus recruits, before, while and after it is there (B; S0).

The visual circuits see one digit, then two, then the first alone again. What is followed are the synapses that the
second digit recruits: those that become active while it is shown, onto neurons that are tuned to it at that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.analysis.selectivity import Selectivity
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.parameters import CircuitParameters

__all__ = ["PHASES", "PROJECTION", "Recruited", "recruited_metrics", "recruited_synapses", "visual_network"]

PHASES = ("first digit", "both digits", "first digit again")
PROJECTION = "visual_input_to_visual"


def visual_network(
    n_inputs: int, n_circuits: int, circuit_size: int, parameters: CircuitParameters
) -> Network:
    """The visual part of the association network alone, without lateral synapses."""
    source, population = Source("visual_input", n_inputs), Population("visual", n_circuits, circuit_size)
    return Network([source], [population], [all_to_all(source, population)], parameters)


@dataclass(frozen=True, eq=False)
class Recruited:
    """Synapses born in phase 2 that are active at its end.

    Attributes
    ----------
    mine : (n_synapses,) bool array
        Onto neurons tuned to the new digit.
    others : (n_synapses,) bool array
        Onto the other neurons.
    """

    mine: NDArray[np.bool_]
    others: NDArray[np.bool_]


def recruited_synapses(
    history: SynapseHistory,
    borders: tuple[float, float],
    post: NDArray[np.int32],
    tuning: Selectivity,
    digit: int,
) -> Recruited:
    """The synapses that are inactive at the first border (s), active at the second, by the tuning of their neuron.

    Parameters
    ----------
    history : SynapseHistory
    borders : (float, float)
        Start and end of phase 2 (s), sampled.
    post : (n_synapses,) int array
        Neuron of each synapse.
    tuning : Selectivity
        Of the neurons, at the end of phase 2.
    digit : int
        The new digit.
    """
    born = history.born(*borders)
    to_new = ((tuning.preferred == digit) & (tuning.index > 0))[post]
    return Recruited(born & to_new, born & ~to_new)


def recruited_metrics(
    history: SynapseHistory,
    theta: NDArray[np.float64],
    recruited: Recruited,
    ends: tuple[float, float, float],
    parameters: CircuitParameters,
) -> dict[str, Any]:
    """How many recruited synapses survive phase 3, against chance, and how their θ moved.

    Survive: active at the end of phase 3. Chance is twofold: the synapses that were born in phase 2 onto the other
    neurons (``surviving_others``, and Fisher's exact test ``p_others``), and, where the prior is Gaussian, synapses
    under prior and noise alone that were born in an interval of that length (``surviving_prior_alone``, exact).

    Parameters
    ----------
    history : SynapseHistory
    theta : (n_times, n_synapses) array
        At the times of ``history``.
    recruited : Recruited
    ends : (float, float, float)
        Ends of the phases (s), sampled; phases 2 and 3 as long as each other.
    parameters : CircuitParameters
    """
    rows = [int(np.argmin(np.abs(history.times - end))) for end in ends]
    after = history.active[rows[2]]
    kept = [int((group & after).sum()) for group in (recruited.mine, recruited.others)]
    born = [int(group.sum()) for group in (recruited.mine, recruited.others)]
    table = [[kept[0], born[0] - kept[0]], [kept[1], born[1] - kept[1]]]
    metrics: dict[str, Any] = {
        "recruited": born[0],
        "born_onto_others": born[1],
        "surviving_recruited": kept[0] / born[0] if born[0] else float("nan"),
        "surviving_others": kept[1] / born[1] if born[1] else float("nan"),
        "p_others": float(fisher_exact(table).pvalue),
        "returned_to_first": int(history.count(ends[2]) - history.count(ends[0])),
    }
    if isinstance(parameters.prior, GaussianPrior) and parameters.temperature > 0:
        law = PriorTurnover(parameters.prior, parameters.b, ends[1] - ends[0], parameters.temperature)
        metrics["surviving_prior_alone"] = float(law.survival(1)[1])
    start = int(np.argmin(np.abs(history.times - (ends[0] - (ends[1] - ends[0])))))
    for name, group in (("recruited", recruited.mine), ("others", recruited.others)):
        if group.any():
            mean = theta[:, group].mean(axis=1)
            for phase, row in enumerate([start, *rows]):
                metrics[f"theta_{name}_{phase}"] = float(mean[row])
    return metrics
