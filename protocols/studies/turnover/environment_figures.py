"""The figures of the enriched-environment experiment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikingsampling.analysis import PriorTurnover, SynapseHistory
from spikingsampling.models.circuits import INPUT_TO_CIRCUIT, Environments
from spikingsampling.network.description import Network
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.timeline import Phase, duration_text
from spikingsampling.plotting.turnover import plot_active, plot_fractions, plot_survival
from spikingsampling.protocols.studies.turnover.environments import survival_fit

__all__ = ["save_figures"]

#: In figures the branches are called by where the circuit is after the enriched environment.
NAMES = {"ee_ee": "EE-EE (stays enriched)", "ee_se": "EE-SE (back to standard)"}


def save_figures(
    save: SaveFigure, histories: Mapping[str, SynapseHistory], environments: Environments, network: Network
) -> None:
    """Survival of the synapses new at the end of the enriched environment, active synapses, formation.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    histories : mapping of str to SynapseHistory
        Of the whole branches ``ee_ee`` and ``ee_se``.
    environments : Environments
    network : Network
    """
    e, p = environments, network.parameters
    law = PriorTurnover(p.prior, p.b, e.interval, p.temperature)
    histories_by_name = {NAMES[branch]: history for branch, history in histories.items()}
    _save_survival(save, histories_by_name, e, law)
    _save_active(save, histories_by_name, e, network)
    _save_formation(save, next(iter(histories.values())), e, law)


def _save_survival(
    save: SaveFigure, histories: Mapping[str, SynapseHistory], e: Environments, law: PriorTurnover
) -> None:
    at = e.follow_up_times
    curves = {name: history.survival(e.end - e.interval, e.end, at) for name, history in histories.items()}
    fits = {name: survival_fit(history, e) for name, history in histories.items()}
    prior = ("prior and noise alone, exact", e.interval * np.arange(len(at) + 1), law.survival(len(at)))
    lines = "fits of two exponentials" if any(fits.values()) else "between the samples"
    save(
        "survival",
        plot_survival(curves, fits={name: fit for name, fit in fits.items() if fit}, reference=prior),
        "Survival of the synapses that are new in the last interval of the enriched environment, with 95 % bands: when "
        f"it stays (EE-EE) and when the circuit goes back (EE-SE). Lines: {lines}. "
        "Dashed: prior and noise alone, exact.",
    )


def _save_active(
    save: SaveFigure, histories: Mapping[str, SynapseHistory], e: Environments, network: Network
) -> None:
    neuron = network.projection(INPUT_TO_CIRCUIT).post_index
    size = network.population("circuit").size
    counts = {name: history.per_neuron(neuron, size) for name, history in histories.items()}
    phases = [
        Phase("standard", 0.0, e.standard),
        Phase("enriched", e.standard, e.end),
        Phase("EE-EE or EE-SE", e.end, e.end + e.follow_up),
    ]
    save(
        "active_synapses",
        plot_active(next(iter(histories.values())).times, counts, phases=phases, shared=e.end),
        "Active synapses of each neuron over time (thin) and their mean (thick); grey until the two branches part.",
    )


def _save_formation(save: SaveFigure, history: SynapseHistory, e: Environments, law: PriorTurnover) -> None:
    formation = {
        "standard,\nlast interval": [history.formation(e.standard - e.interval, e.standard).value],
        "enriched,\nfirst interval": [history.formation(e.standard, e.standard + e.interval).value],
        "enriched,\nlast interval": [
            history.formation(e.end - e.interval, e.end, reference=e.standard).value
        ],
    }
    save(
        "formation",
        plot_fractions(
            formation,
            ylabel=f"new synapses in {duration_text(e.interval)}\n(% of the active ones)",
            references={"prior and noise alone": law.formation},
        ),
        "Synapses that form in an interval, in percent of the active ones, in both environments.",
    )
