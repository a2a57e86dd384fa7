from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.small.networks import small_network
from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.simulation.stimuli import SILENCE, Library, Stimuli

RNG = np.random.default_rng(1)
IMAGES = Library(RNG.uniform(0, 50, (3, 40)), np.arange(3), silent_rate=2.0)
SOUNDS = Library(RNG.uniform(0, 50, (2, 4, 20)), np.arange(2))
ORDER = ["image", "sound"]


def stimuli(**changes: object) -> Stimuli:
    settings = {"frame_period": 0.05, "frames_per_presentation": 8, "gap_frames": 2, **changes}
    return Stimuli({"sound": SOUNDS, "image": IMAGES}, **settings)


def test_table_has_silence_and_then_the_frames_of_each_item() -> None:
    table = stimuli().table(small_network())
    assert table.shape == (1 + 2 * 4, 60)
    np.testing.assert_array_equal(table[0], [2.0] * 40 + [1.0] * 20)
    np.testing.assert_array_equal(table[1:4, :40], IMAGES.rates[:, 0])
    np.testing.assert_array_equal(table[4:, :40], 2.0)
    np.testing.assert_array_equal(table[1:, 40:], SOUNDS.rates.reshape(8, 20))


def test_schedule_holds_static_items_and_streams_others() -> None:
    rows = stimuli().schedule({"image": [2, SILENCE], "sound": [1, 0]}, ORDER)
    assert rows.dtype == np.int32
    np.testing.assert_array_equal(rows[:, 0], [3] * 8 + [0] * 12)
    np.testing.assert_array_equal(rows[:, 1], [5, 5, 6, 6, 7, 7, 8, 8, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 0])


def test_a_source_left_out_is_silent() -> None:
    assert not stimuli().schedule({"sound": [1]}, ORDER)[:, 0].any()


@given(st.lists(st.integers(-1, 1), min_size=1, max_size=6), st.integers(1, 3), st.integers(0, 2))
def test_the_rates_shown_are_those_of_the_items(items: list[int], hold: int, gap: int) -> None:
    """Table and schedule together, frame by frame."""
    s = stimuli(frames_per_presentation=4 * hold, gap_frames=gap)
    rates = s.table(small_network())[s.schedule({"sound": items}, ORDER)[:, 1], 40:]
    expected = []
    for item in items:
        for frame in range(4):
            shown = np.full(20, 1.0) if item == SILENCE else SOUNDS.rates[item, frame]
            expected += [shown] * hold
        expected += [np.full(20, 1.0)] * gap
    np.testing.assert_array_equal(rates, expected)


def test_presentation_period_includes_the_gap() -> None:
    assert stimuli().presentation_period == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("rates", "labels", "silent_rate", "message"),
    [
        (np.ones(3), [0], 1.0, r"rates of shape \(3,\)"),
        (np.ones((2, 3)), [0], 1.0, r"labels of shape \(1,\)"),
        (np.ones((0, 3)), [], 1.0, "none of them 0"),
        (-np.ones((1, 3)), [0], 1.0, "from -1.0 to -1.0 Hz; must lie in 0 … 1000 Hz"),
        (np.full((1, 3), np.nan), [0], 1.0, "0 … 1000 Hz"),
        (np.full((1, 3), 1001.0), [0], 1.0, "0 … 1000 Hz"),
        (np.ones((1, 3)), [0], -1.0, "silent_rate = -1.0 Hz"),
        (np.ones((1, 3)), [0], np.nan, "silent_rate = nan: must be finite"),
    ],
)
def test_wrong_libraries(rates, labels, silent_rate, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Library(rates, labels, silent_rate)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames_per_presentation": 6}, "'sound' has 4 frames per item: must divide.*= 6"),
        ({"frames_per_presentation": 0}, "frames_per_presentation = 0"),
        ({"gap_frames": -1}, "gap_frames = -1"),
    ],
)
def test_wrong_rhythm(changes: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        stimuli(**changes)


def test_libraries_that_do_not_fit_the_network() -> None:
    network = small_network()
    with pytest.raises(UnknownNameError, match="unknown source 'imag'"):
        Stimuli({"imag": IMAGES}).table(network)
    with pytest.raises(UnknownNameError, match="unknown library for the source 'sound'"):
        Stimuli({"image": IMAGES}).table(network)
    with pytest.raises(UnknownNameError, match="unknown library for the source 'image'"):
        Stimuli({}).table(network)
    with pytest.raises(ParameterError, match="'sound' has 40 inputs, its source has 20"):
        Stimuli({"image": IMAGES, "sound": IMAGES}).table(network)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ({"image": [3]}, r"items of 'image' \(-1: none\) holds 3: must be from -1 to 2"),
        ({"image": [-2]}, "items of 'image'"),
        ({"image": [0.5]}, "items of 'image'.* holds 0.5: must hold integers"),
        ({"image": [0], "sound": [0, 1]}, "equally long"),
        ({"image": [[0]]}, "1-D"),
        ({"image": []}, "not empty"),
        ({}, "not empty"),
    ],
)
def test_wrong_items(items: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        stimuli().schedule(items, ORDER)


def test_items_of_an_unknown_source() -> None:
    with pytest.raises(UnknownNameError, match="unknown source 'imge'; did you mean 'image'"):
        stimuli().schedule({"imge": [0]}, ORDER)
