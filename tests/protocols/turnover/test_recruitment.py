"""The measures of recruited synapses on arrays made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from spikingsampling.analysis import PriorTurnover, SynapseHistory, selectivity
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.inference.priors import GaussianPrior, LaplacePrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.protocols.studies.turnover.recruitment import (
    NewSynapses,
    new_synapses,
    recruited_metrics,
    tuned_neurons,
)

#: Ends of the phases (s); there is a sample in phase 1, one after the test, and one in phase 3.
ENDS = (20.0, 40.0, 65.0)
TIMES = np.array([10.0, 20.0, 40.0, 45.0, 55.0, 65.0])
#: Columns 0 to 3 are new in phase 2, onto neurons 1, 1, 1 and 0 or 2; 4 is old; 5 forms in phase 3; then three more.
ACTIVE = np.array(
    [
        [0, 1, 0, 0, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 1, 1, 0],
        [1, 1, 1, 1, 0, 0, 1, 1, 0],
        [1, 0, 1, 0, 0, 1, 1, 1, 0],
        [1, 1, 0, 0, 0, 1, 1, 1, 0],
    ],
    dtype=bool,
)
POST = np.array([1, 1, 1, 0, 1, 1, 0, 2, 1])
HISTORY = SynapseHistory(TIMES, ACTIVE)
NEW = new_synapses(HISTORY, ENDS[0], ENDS[1], POST, np.array([False, True, False]))
#: θ of synapse k at sample t is 10 t + k.
THETA = 10.0 * np.arange(6)[:, None] + np.arange(9)


def test_neurons_that_prefer_a_digit() -> None:
    """Neuron 0 prefers 7, neuron 1 prefers 3, neuron 2 does not care and neuron 3 is silent."""
    counts = np.array([[1, 4, 2, 0], [3, 0, 2, 0]])
    tuning = selectivity(counts, [3, 7])
    assert tuned_neurons(tuning, 7).tolist() == [True, False, False, False]
    assert tuned_neurons(tuning, 3).tolist() == [False, True, False, False]


def test_new_synapses_by_the_tuning_of_their_neuron() -> None:
    assert np.flatnonzero(NEW.recruited).tolist() == [0, 1, 2]
    assert np.flatnonzero(NEW.others).tolist() == [3, 6, 7]


def test_recruited_synapses_by_hand() -> None:
    parameters = CircuitParameters(b=2e-4, temperature=0.5, prior=GaussianPrior(0.4, 1.2))
    # Draws without replacement: of six synapses four survive; three are recruited. Two of these survive.
    survivors = hypergeom(6, 4, 3)
    p = sum(survivors.pmf(k) for k in range(1, 4) if survivors.pmf(k) <= survivors.pmf(2) * (1 + 1e-7))
    assert recruited_metrics(HISTORY, THETA, NEW, ENDS, parameters) == pytest.approx(
        {
            "recruited": 3,
            "born_onto_others": 3,
            "surviving_recruited": 2 / 3,  # 0 and 1; that 1 was away for a time does not count
            "surviving_others": 2 / 3,
            "p_others": p,
            "returned_to_first": 5 - 1,
            "surviving_prior_alone": PriorTurnover(parameters.prior, 2e-4, 20.0, 0.5).survival(1)[1],
            # Means over columns 0, 1, 2 and 3, 6, 7 at samples 0, 1, 2 and 5.
            **{f"theta_recruited_{k}": 10 * row + 1 for k, row in enumerate((0, 1, 2, 5))},
            **{f"theta_others_{k}": 10 * row + 16 / 3 for k, row in enumerate((0, 1, 2, 5))},
        }
    )


def test_fewer_survivors_are_significant_only_in_their_own_group() -> None:
    """Of six recruited synapses one survives, of four others all: Fisher's table [[1, 5], [4, 0]]."""
    active = np.zeros((3, 10), dtype=bool)
    active[1] = True
    active[2, [5, 6, 7, 8, 9]] = True
    history = SynapseHistory([20.0, 40.0, 65.0], active)
    new = NewSynapses(np.arange(10) < 6, np.arange(10) >= 6)
    metrics = recruited_metrics(history, np.zeros((3, 10)), new, ENDS, CircuitParameters())
    assert (metrics["surviving_recruited"], metrics["surviving_others"]) == (1 / 6, 1)
    # Of the C(10, 5) = 252 ways to choose the survivors 6 leave one recruited synapse, and 6 leave five.
    assert metrics["p_others"] == pytest.approx(12 / 252)


def test_without_others_or_a_closed_form_these_measures_are_left_out() -> None:
    parameters = CircuitParameters(prior=LaplacePrior(0.5, 0.8))
    nobody = NewSynapses(NEW.recruited, np.zeros(9, dtype=bool))
    metrics = recruited_metrics(HISTORY, THETA, nobody, ENDS, parameters)
    assert np.isnan(metrics["surviving_others"])
    assert not any(name.startswith("theta_others") for name in metrics)
    assert "surviving_prior_alone" not in metrics
    cold = recruited_metrics(HISTORY, THETA, NEW, ENDS, CircuitParameters(temperature=0.0))
    assert "surviving_prior_alone" not in cold


def test_the_two_digits_differ() -> None:
    with pytest.raises(ParameterError, match="must be two different ones"):
        load("three_phases").configure("smoke", {"digits": [2, 2]})
