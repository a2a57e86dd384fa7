"""What the parts of the protocol `hopfield` ask of its experiments, which are replaced by formulae here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikingsampling.models.hopfield import theory as theory
from spikingsampling.protocols.hopfield.hopfield import PROTOCOL
from spikingsampling.protocols.studies.hopfield import experiments as experiments
from spikingsampling.protocols.studies.hopfield.completion import annealing, basins, pictures, text
from spikingsampling.protocols.studies.hopfield.figures import CONVENTION_NAMES
from spikingsampling.protocols.studies.hopfield.interference import correlated, projection_limit, sharing
from spikingsampling.protocols.studies.hopfield.limits import melting

C = PROTOCOL.configure("smoke", {})  # 60 neurons, two repetitions
RULES = {"hebb": 0.1, "storkey": 0.2, "projection": 0.3}


class Streams:
    """Streams that remember their names; ``seeds`` are counted from the first one that is spawned."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> np.random.SeedSequence:
        self.names.append(name)
        return np.random.SeedSequence(1)


@pytest.fixture
def streams() -> Streams:
    return Streams()


def number(seed: np.random.SeedSequence) -> float:
    """0 and 0.2 for the first two seeds, so that their mean adds 0.1."""
    return 0.2 * seed.spawn_key[-1] if seed.spawn_key else 0.0


def test_correlated_patterns(monkeypatch: pytest.MonkeyPatch, streams: Streams) -> None:
    def recall(rule: str, n: int, alpha: float, c: float, seed: Any) -> float:
        return RULES[rule] + alpha / 10 + c / 5 + n / 1e4 + number(seed)

    monkeypatch.setattr(experiments, "recall_of_correlated", recall)
    outcome = correlated(C, streams)
    assert streams.names == [f"correlated.{rule}." for rule in RULES]
    for rule, value in RULES.items():
        for c in (0.0, 0.5):
            mean = outcome.metrics[f"correlated.{rule}.{c:g}"].value
            assert mean == pytest.approx(value + 0.02 + c / 5 + 0.006 + 0.1)
    outcome = projection_limit(C, streams)
    assert streams.names[3:] == ["held.hebb.alpha_", "held.projection.alpha_"]
    for rule in ("hebb", "projection"):
        value = outcome.metrics[f"held.{rule}.alpha_0.5"].value
        assert value == pytest.approx(RULES[rule] + 0.05 + 0.05 + 0.006 + 0.1)


def test_patterns_that_share_neurons(monkeypatch: pytest.MonkeyPatch, streams: Streams) -> None:
    """0.05 · 60 = 3 patterns."""
    monkeypatch.setattr(
        experiments,
        "recall_of_sharing",
        lambda rule, n, count, shared, seed: RULES[rule] + n / 1e4 + count / 100 + shared / 10 + number(seed),
    )
    outcome = sharing(C, streams)
    assert streams.names == [f"sharing.{rule}." for rule in RULES]
    assert outcome.metrics["sharing.storkey.0.5"].value == pytest.approx(0.2 + 0.006 + 0.03 + 0.05 + 0.1)


def test_noise_in_recall(monkeypatch: pytest.MonkeyPatch, streams: Streams) -> None:
    """0.02 · 150 = 3 patterns, and two at least."""
    monkeypatch.setattr(
        experiments,
        "annealed_recall",
        lambda n, count, t, seed: n / 1e4 + count / 100 + t / 10 + number(seed),
    )
    for n, count in ((150, 3), (60, 2)):
        metrics = annealing(PROTOCOL.configure("smoke", {"neurons": n}), streams).metrics
        value = metrics["noise.recalled.T_0.5"].value
        assert value == pytest.approx(n / 1e4 + count / 100 + 0.05 + 0.1)
    assert streams.names == ["noise.recalled.T_"] * 2


def test_flipped_cues(monkeypatch: pytest.MonkeyPatch, streams: Streams) -> None:
    monkeypatch.setattr(
        experiments,
        "recalled_after_flips",
        lambda n, alpha, flipped, seed: [n / 1e4 + alpha + part / 2 + number(seed) for part in flipped],
    )
    metrics = basins(C, streams).metrics
    assert streams.names == ["basin 0.05"]
    assert metrics["basin.alpha_0.05.flipped_0.4"].value == pytest.approx(0.006 + 0.05 + 0.2 + 0.1)
    assert metrics["basin.alpha_0.05.flipped_0"].value == pytest.approx(0.006 + 0.05 + 0.1)
    assert metrics["basin.alpha_0.05.flipped_0"].interval[0] == 0


def test_a_text(monkeypatch: pytest.MonkeyPatch, streams: Streams) -> None:
    def completed(rule: str, lines: Any, struck: Any, seed: Any) -> tuple[float, list[str]]:
        part = struck / 2 if isinstance(struck, float) else 0.25
        return RULES[rule] + part + number(seed), [rule, "read"]

    monkeypatch.setattr(experiments, "completed_letters", completed)
    outcome = text(C, streams)
    assert streams.names == [
        f"text {r}" if i else f"text.{r}.struck_" for r in ("hebb", "projection") for i in (1, 0)
    ]
    assert outcome.metrics["text.projection.lecture"] == pytest.approx(0.55)
    assert outcome.metrics["text.hebb.struck_0.1"].value == pytest.approx(0.1 + 0.05 + 0.1)
    assert outcome.texts == {"text_hebb.txt": "hebb\nread\n", "text_projection.txt": "projection\nread\n"}


def test_melting_in_both_conventions(monkeypatch: pytest.MonkeyPatch, streams: Streams) -> None:
    conventions = {"glauber": 0.1, "logistic": -0.2}
    monkeypatch.setattr(
        experiments, "melting", lambda n, t, name, seed: n / 1e4 + t / 10 + conventions[name] + number(seed)
    )
    outcome = melting(C, streams)
    assert streams.names == [f"melting.{name}.T_" for name in conventions]
    for name, value in conventions.items():
        mean = outcome.metrics[f"melting.{name}.T_0.9"].value
        assert mean == pytest.approx(0.006 + 0.09 + value + 0.1)
    lines = outcome.figures["melting"][0].keywords["theory_lines"]
    for name, factor in (("glauber", 1), ("logistic", 2)):
        t, m = lines[CONVENTION_NAMES[name]]
        assert m[80] == theory.unsaturated_overlap(factor * t[80])


def test_pictures_lose_their_lower_half_or_a_quarter_of_their_pixels() -> None:
    outcome = pictures(C, lambda _: np.random.SeedSequence(1))
    rows = [(name, np.array(images)) for name, images in outcome.figures["completion"][0].args[0]]
    stored, half, flipped = rows[0][1], rows[1][1], rows[5][1]
    assert [name for name, _ in (rows[0], rows[1], rows[5])] == ["stored", "lower half off", "25 % flipped"]
    np.testing.assert_array_equal(half[:, :14], stored[:, :14])
    np.testing.assert_array_equal(half[:, 14:], -1)
    assert ((flipped != stored).sum(axis=(1, 2)) == 196).all()
    for k, rule in enumerate(RULES):
        for cue, first in (("lower_half_off", 2), ("25_flipped", 6)):
            same = (rows[first + k][1] == stored).all(axis=(1, 2)).mean()
            assert outcome.metrics[f"pictures.{rule}.{cue}"] == same
