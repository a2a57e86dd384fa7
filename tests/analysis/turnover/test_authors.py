"""Our measures of turnover, applied to the synapses of the authors' own runs, give the authors' numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.analysis import SynapseHistory
from spikingsampling.analysis.information import mutual_information

MINUTE = 60.0
#: Start of each phase (min) of 90 min of standard environment, 60 min of the enriched one, and two follow-ups.
STARTS = {"se": 0, "ee": 90, "eeee": 150, "eese": 150}


@pytest.fixture(scope="module")
def numbers(authors: Path) -> dict[str, np.ndarray]:
    with np.load(authors / "reference_stats.npz") as file:
        return dict(file)


def history_of(numbers: dict[str, np.ndarray], seed: int, *phases: str) -> SynapseHistory:
    """Phases one after another, every minute; the first sample of a phase is the last one of the phase before."""
    parts = [np.unpackbits(numbers[f"{phase}_active_packed"][seed], axis=-1).astype(bool) for phase in phases]
    rows = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
    return SynapseHistory(MINUTE * (STARTS[phases[0]] + np.arange(len(rows))), rows)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("phase", STARTS)
def test_turnover_in_each_half_hour(numbers: dict[str, np.ndarray], phase: str, seed: int) -> None:
    history = history_of(numbers, seed, phase)
    starts = history.times[:-30]
    formation = [100 * history.formation(start, start + 30 * MINUTE).value for start in starts]
    elimination = [100 * history.elimination(start, start + 30 * MINUTE).value for start in starts]
    np.testing.assert_allclose(formation, numbers[f"{phase}_formation30_pct"][seed], rtol=1e-12)
    np.testing.assert_allclose(elimination, numbers[f"{phase}_elimination30_pct"][seed], rtol=1e-12)
    neurons = np.repeat(np.arange(10), 1000)
    np.testing.assert_array_equal(history.per_neuron(neurons, 10), numbers[f"{phase}_n_active"][seed])


@pytest.mark.parametrize("seed", [0, 1])
def test_formation_of_the_paper(numbers: dict[str, np.ndarray], seed: int) -> None:
    """In the standard environment against its start, in the enriched one against its onset."""
    history = history_of(numbers, seed, "se", "ee")
    standard = history.formation(60 * MINUTE, 90 * MINUTE).value
    first = history.formation(90 * MINUTE, 120 * MINUTE).value
    last = history.formation(120 * MINUTE, 150 * MINUTE, reference=90 * MINUTE).value
    names = ("paper_formation_SE_pct", "formation_EE_first30_pct", "paper_formation_EE_pct")
    assert [100 * standard, 100 * first, 100 * last] == pytest.approx([numbers[name][seed] for name in names])


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("branch", ["eeee", "eese"])
@pytest.mark.parametrize("step", [5, 30])
def test_survival_of_the_paper(numbers: dict[str, np.ndarray], branch: str, seed: int, step: int) -> None:
    """Looked at every 5 or 30 min; who is once seen inactive does not come back."""
    history = history_of(numbers, seed, "se", "ee", branch)
    at = MINUTE * np.arange(150 + step, 211, step)
    curve = history.survival(120 * MINUTE, 150 * MINUTE, at)
    assert curve.n_synapses == numbers["n_new_spines"][seed]
    np.testing.assert_allclose(
        100 * curve.survival, numbers[f"{branch}_survival_cum{step}min_pct"][seed], rtol=1e-12
    )


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("phase", STARTS)
def test_mutual_information_between_winner_and_cluster(
    numbers: dict[str, np.ndarray], phase: str, seed: int
) -> None:
    information = mutual_information(numbers[f"{phase}_counts_last10min"][seed])
    assert information == pytest.approx(numbers[f"{phase}_mi_bits_last10min"][seed], rel=1e-12)
