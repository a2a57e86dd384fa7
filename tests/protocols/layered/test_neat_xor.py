"""NEAT on exclusive or: what counts as solved, random numbers of its own, and the protocol."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from helpers.small.networks import chance
from spikingsampling.errors import ParameterError
from spikingsampling.experiment.discovery import load
from spikingsampling.experiment.run import Run
from spikingsampling.extras import MissingExtraError
from spikingsampling.protocols.studies.layered.neat_evolution import (
    Evolved,
    error_of,
    evaluations_with_restarts,
    evolve,
    lent_seed,
    solves,
    write_settings,
)

PROTOCOL = load("neat_xor")


def settings(folder: Path, **layer) -> Path:
    write_settings(folder / "neat.ini", PROTOCOL.configure("quick", layer).sections())
    return folder / "neat.ini"


def test_all_outputs_must_be_on_the_right_side() -> None:
    right = {(0.0, 0.0): 0.4, (0.0, 1.0): 0.6, (1.0, 0.0): 0.9, (1.0, 1.0): 0.1}
    np.testing.assert_allclose(error_of(lambda x: [right[x]]), [0.4, 0.4, 0.1, 0.1])
    assert solves(error_of(lambda x: [right[x]]))
    assert not solves(error_of(lambda x: [float(x[0] or x[1])]))  # or: the last input is wrong
    assert not solves(error_of(lambda x: [0.5]))


def test_a_hand_made_network_solves_it() -> None:
    """x or y, and not both, with the sigmoid of slope 5 of neat-python."""
    sigmoid = lambda a: 1 / (1 + np.exp(-5 * a))  # noqa: E731

    def network(x: tuple[float, ...]) -> list[float]:
        both = sigmoid(2 * (x[0] + x[1]) - 3)
        return [sigmoid(2 * (x[0] + x[1]) - 5 * both - 1)]

    assert solves(error_of(network))


def test_the_global_generator_is_as_it_was() -> None:
    random.seed(3)
    expected = random.random()
    random.seed(3)
    with lent_seed(np.random.SeedSequence(1)):
        first = random.random()
    assert random.random() == expected
    with lent_seed(np.random.SeedSequence(1)):
        assert random.random() == first
    with pytest.raises(KeyError), lent_seed(np.random.SeedSequence(1)):
        raise KeyError
    random.seed(3)
    with lent_seed(np.random.SeedSequence(2)):
        assert random.random() != first
    assert random.random() == expected


def test_evolution_counts_its_networks_and_repeats_itself(tmp_path: Path) -> None:
    pytest.importorskip("neat", reason="extra `neat`")
    path = settings(tmp_path, population=50)
    one, other = (evolve(path, 3, np.random.SeedSequence(4)) for _ in range(2))
    assert one == other
    assert one.evaluations == 50 * one.generations
    assert one.generations <= 3


def test_a_solution_needs_a_hidden_unit(tmp_path: Path) -> None:
    """And is not found without the mutation that makes one."""
    pytest.importorskip("neat", reason="extra `neat`")
    assert not evolve(settings(tmp_path, add_node=0), 15, np.random.SeedSequence(0)).solved
    found = [evolve(settings(tmp_path), 60, np.random.SeedSequence(seed)) for seed in range(5)]
    assert any(each.solved for each in found)
    assert all(each.hidden >= 1 and each.connections >= 4 for each in found if each.solved)


def test_settings_that_do_not_fit_are_told(tmp_path: Path) -> None:
    pytest.importorskip("neat", reason="extra `neat`")
    path = settings(tmp_path, threshold=0.01, population=20)
    with pytest.raises(ParameterError, match=r"the settings neat\.ini do not fit each other"):
        evolve(path, 3, np.random.SeedSequence(0))


def test_without_the_package_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "neat", None)
    with pytest.raises(MissingExtraError, match=r"spikingsampling\[neat\]"):
        evolve(settings(tmp_path), 1, np.random.SeedSequence(0))


def test_the_protocol_counts_what_was_solved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of three evolutions end, after 300 and 600 networks."""
    ends = iter([Evolved(True, 2, 300, 1, 5), Evolved(False, 9, 1350, 0, 3), Evolved(True, 4, 600, 2, 7)])
    monkeypatch.setattr("spikingsampling.protocols.layered.neat_xor.evolve", lambda *_: next(ends))
    from spikingsampling.protocols.layered.neat_xor import PROTOCOL as protocol

    metrics = protocol.run(Run(protocol.configure("quick", {"evolutions": 3}), tmp_path))
    assert metrics["neat.solved"].value == pytest.approx(2 / 3)
    found = metrics["neat.evaluations"]
    assert (found["value"], found["n"], found["median"], found["published"]) == (450, 2, 450, 4755)
    assert metrics["neat.hidden"]["value"] == 1.5
    assert metrics["neat.evaluations_at_most"] == 600
    assert metrics["neat.evaluations_with_restarts"].value == pytest.approx(1125)
    assert (tmp_path / "figures" / "evaluations.png").is_file()


def test_restarts_count_what_did_not_end() -> None:
    """Evolutions that end in each generation with probability p need 1/p generations, wherever they are cut off."""
    rng, p, n = np.random.default_rng(1), 0.1, 4000
    for most in (3, 20):
        ends = rng.geometric(p, n)
        evolved = [Evolved(bool(end <= most), int(min(end, most)), int(min(end, most)), 1, 5) for end in ends]
        found = evaluations_with_restarts(evolved)
        error = (found.interval[1] - found.value) / norm.isf(0.025)
        # Of g = Σ generations and s = successes the difference g − s/p has the mean 0 and the variance s (1 − p)/p².
        solved = sum(each.solved for each in evolved)
        assert error == pytest.approx(math.sqrt((1 - p) / p**2 / solved), rel=0.1)
        assert abs(found.value - 1 / p) < chance(2) * error
    assert evaluations_with_restarts([Evolved(False, 3, 30, 0, 3)]) is None
    assert evaluations_with_restarts([Evolved(True, 3, 30, 1, 3)]).interval is None


@pytest.mark.parametrize("preset", PROTOCOL.presets)
def test_presets_are_valid(preset: str) -> None:
    assert PROTOCOL.configure(preset).population == 150
