"""Synapses that a new stimulus recruits, before, while and after it is there.

The circuits see one digit, then two, then the first alone again. Recruited synapses become active in the second phase,
onto neurons that are tuned to the second digit at its end (Fournier's report).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from spikingsampling.analysis import PriorTurnover, Selectivity, SynapseHistory
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters

__all__ = ["PHASES", "NewSynapses", "new_synapses", "recruited_metrics", "tuned_neurons"]

PHASES = ("first digit", "both digits", "first digit again")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NewSynapses:
    """Synapses that are new at the end of phase 2.

    Attributes
    ----------
    recruited : (n_synapses,) bool array
        Onto neurons that are tuned to the new digit.
    others : (n_synapses,) bool array
        Onto the other neurons.
    """

    recruited: Mask
    others: Mask


def tuned_neurons(tuning: Selectivity, digit: int) -> Mask:
    """Neurons (n_neurons,) that respond to ``digit`` more than to the other digits."""
    return (tuning.preferred == digit) & (tuning.index > 0)


def new_synapses(
    history: SynapseHistory, start: float, stop: float, post: NDArray[np.integer], tuned: Mask
) -> NewSynapses:
    """The synapses that are inactive at ``start`` and active at ``stop``, by the tuning of their neuron.

    Parameters
    ----------
    history : SynapseHistory
    start, stop : float
        Start and end of phase 2 (s), sampled.
    post : (n_synapses,) int array
        Neuron of each synapse.
    tuned : (n_neurons,) bool array
        Whether a neuron is tuned to the new digit at the end of phase 2.
    """
    new, onto_tuned = history.new(start, stop), tuned[post]
    return NewSynapses(new & onto_tuned, new & ~onto_tuned)


def recruited_metrics(
    history: SynapseHistory,
    theta: NDArray[np.float64],
    new: NewSynapses,
    ends: Sequence[float],
    parameters: CircuitParameters,
) -> dict[str, Any]:
    """How many recruited synapses survive phase 3, against chance, and how their θ moved.

    A synapse survives if it is active at the end of phase 3. There are two kinds of chance: the new synapses onto
    other neurons, and new synapses under prior and noise alone, in an interval as long as a phase.

    Parameters
    ----------
    history : SynapseHistory
    theta : (n_times, n_synapses) array
        At the times of ``history``.
    new : NewSynapses
    ends : sequence of float
        Ends of the three phases (s), sampled; phases 2 and 3 are of the same length.
    parameters : CircuitParameters

    Returns
    -------
    dict
        ``recruited`` and ``born_onto_others``: new synapses of the two groups.
        ``surviving_recruited``, ``surviving_others``: fractions of them; ``p_others``: Fisher's exact test.
        ``surviving_prior_alone``: exact; only with a Gaussian prior and T > 0.
        ``returned_to_first``: active synapses at the end of phase 3, less those at the end of phase 1.
        ``theta_<group>_<k>``: mean θ at the first sample (0) and at the end of phase k.
    """
    active = history.at(ends[2])
    groups = {"recruited": new.recruited, "others": new.others}
    n = {name: int(group.sum()) for name, group in groups.items()}
    n_surviving = {name: int((group & active).sum()) for name, group in groups.items()}
    table = [[n_surviving[name], n[name] - n_surviving[name]] for name in groups]
    metrics: dict[str, Any] = {
        "recruited": n["recruited"],
        "born_onto_others": n["others"],
        **{f"surviving_{name}": n_surviving[name] / n[name] if n[name] else float("nan") for name in groups},
        "p_others": float(fisher_exact(table).pvalue),
        "returned_to_first": history.count(ends[2]) - history.count(ends[0]),
    }
    if isinstance(parameters.prior, GaussianPrior) and parameters.temperature > 0:
        law = PriorTurnover(parameters.prior, parameters.b, ends[1] - ends[0], parameters.temperature)
        metrics["surviving_prior_alone"] = float(law.survival(1)[1])
    rows = [0, *(int(np.argmin(np.abs(history.times - end))) for end in ends)]
    for name, group in groups.items():
        if group.any():
            mean = theta[:, group].mean(axis=1)
            metrics |= {f"theta_{name}_{phase}": float(mean[row]) for phase, row in enumerate(rows)}
    return metrics
