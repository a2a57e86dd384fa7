"""Which lateral synapses are pruned, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikingsampling.protocols.lesion.lateral_pruning import PROTOCOL
from spikingsampling.protocols.studies.lesion import pruning
from spikingsampling.protocols.studies.lesion.pruning import age, lesions_of, removed, scores
from spikingsampling.protocols.studies.lesion.recall import LATERAL

ACTIVE = np.array([[1, 0, 1, 1, 0], [1, 1, 0, 1, 0], [1, 1, 1, 1, 0]], dtype=bool)


def test_age_is_counted_from_the_end_without_a_break() -> None:
    assert age(ACTIVE).tolist() == [3, 2, 1, 3, 0]


def test_the_lowest_scores_of_active_synapses_go() -> None:
    score = np.array([0.5, 0.1, 0.3, 0.0, 0.9])
    active = np.array([True, True, True, False, True])
    assert removed(score, active, 0.5).tolist() == [1, 2]
    assert removed(score, active, 0.25).tolist() == [0, 1, 2]
    assert removed(score, active, 0.99).tolist() == []


def test_numbers_run_through_both_projections() -> None:
    first, second = lesions_of(np.array([0, 3, 4, 6]), dict(zip(LATERAL, (4, 5), strict=True)))
    assert (first.projection, np.asarray(first.synapses).tolist()) == (LATERAL[0], [0, 3])
    assert (second.projection, np.asarray(second.synapses).tolist()) == (LATERAL[1], [0, 2])
    (only,) = lesions_of(np.array([5]), dict(zip(LATERAL, (4, 5), strict=True)))
    assert only.projection == LATERAL[1]


@pytest.mark.parametrize("criterion", ["weight", "age", "random"])
def test_scores(criterion: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {LATERAL[0]: [0.2, 0.1, 0.7], LATERAL[1]: [0.4, 0.0]}
    monkeypatch.setattr(pruning, "read_history", lambda paths, *names: type("H", (), {"active": ACTIVE}))
    monkeypatch.setattr(
        pruning, "read_parameters", lambda paths, name, variable: ([0.0], np.array([weights[name]]))
    )
    score, active = scores(Path(), criterion, np.random.default_rng(1))
    assert active.tolist() == [True, True, True, True, False]
    if criterion == "weight":
        assert score.tolist() == [0.2, 0.1, 0.7, 0.4, 0.0]
    elif criterion == "age":
        assert removed(score, active, 0.75).tolist() == [2]
        assert removed(score, active, 0.5).tolist() == [1, 2]
        first = {
            int(np.argmin(scores(Path(), "age", np.random.default_rng(k))[0][[0, 3]])) for k in range(20)
        }
        assert first == {0, 1}  # of equal age: in random order
    else:
        assert ((score > 0) & (score < 1)).all()


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    assert all(0 < kept < 1 for kept in PROTOCOL.configure(preset).kept)
