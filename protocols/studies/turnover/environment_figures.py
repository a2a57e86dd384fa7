"""The figures of the enriched-environment experiment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from spikingsampling.analysis import PriorTurnover
from spikingsampling.analysis.turnover.histories import read_history
from spikingsampling.network.description import Network
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.timeline import Phase
from spikingsampling.plotting.turnover import plot_active, plot_fractions, plot_survival
from spikingsampling.protocols.studies.turnover.environments import PROJECTION, Environments, survival_fit

__all__ = ["save_figures"]

NAMES = {"ee_ee": "EE-EE", "ee_se": "EE-SE"}


def save_figures(
    save: SaveFigure,
    trunk: Path,
    branches: Mapping[str, Path],
    environments: Environments,
    network: Network,
) -> None:
    """Survival of the synapses born at the end of the enriched environment, active synapses, formation.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    trunk : Path
        Recording up to the end of the enriched environment.
    branches : mapping of str to Path
        Recordings of ``ee_ee`` and ``ee_se``.
    environments : Environments
    network : Network
    """
    e, end = environments, environments.standard + environments.enriched
    histories = {name: read_history([trunk, folder], PROJECTION) for name, folder in branches.items()}
    at = e.follow_up_times
    curves = {NAMES[name]: history.survival(end - e.interval, end, at) for name, history in histories.items()}
    p = network.parameters
    law = PriorTurnover(p.prior, p.b, e.interval, p.temperature)
    found = {NAMES[name]: survival_fit(history, e) for name, history in histories.items()}
    fits = {name: fit for name, fit in found.items() if fit is not None}
    reference = ("prior alone, exact", e.interval * np.arange(len(at) + 1), law.survival(len(at)))
    save(
        "survival",
        plot_survival(curves, fits=fits, reference=reference),
        "Survival of the synapses that were born in the last interval of the enriched environment, when it stays "
        "(EE-EE) and when the animal goes back (EE-SE). Lines: fits of two exponentials. "
        "Dashed: prior and noise alone, exact.",
    )
    neuron = network.projection(PROJECTION).post_index
    size = network.population("circuit").size
    first = next(iter(histories.values()))
    counts = {NAMES[name]: history.per_neuron(neuron, size) for name, history in histories.items()}
    phases = [
        Phase("standard", 0.0, e.standard),
        Phase("enriched", e.standard, end),
        Phase("EE-EE or EE-SE", end, end + e.follow_up),
    ]
    save(
        "active_synapses",
        plot_active(first.times, counts, phases=phases),
        "Active synapses of each neuron over time (thin) and their mean (thick).",
    )
    formation = {
        "standard,\nlast interval": [first.formation(e.standard - e.interval, e.standard).value],
        "enriched,\nfirst": [first.formation(e.standard, e.standard + e.interval).value],
        "enriched,\nlast": [first.formation(end - e.interval, end, reference=e.standard).value],
    }
    references = {"prior alone": law.formation}
    label = f"new synapses per {e.interval / 60:g} min and active synapse"
    save(
        "formation",
        plot_fractions(formation, ylabel=label, references=references),
        "Synapses formed in an interval, of those active, in the standard and in the enriched environment.",
    )
