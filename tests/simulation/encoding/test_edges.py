"""Images upright, and edges by orientation: ramps and slanted bars made by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.simulation.encoding import EdgeParameters, edge_maps, upright

ROWS, COLUMNS = np.mgrid[:12, :12].astype(float)
PLAIN = EdgeParameters(smoothing=0, grid=3)


def ramp(angle: float) -> np.ndarray:
    """Grey that rises towards an angle (degrees) from the direction of columns towards that of rows."""
    a = math.radians(angle)
    return 50 + math.cos(a) * COLUMNS + math.sin(a) * ROWS


def middle(image: np.ndarray, parameters: EdgeParameters = PLAIN) -> np.ndarray:
    """Strengths of the orientations in the middle patch of three by three, away from the borders."""
    maps = edge_maps(image[None], parameters)[0].reshape(3, parameters.orientations, 3)
    return maps[1, :, 1]


@pytest.mark.parametrize("turned", [0, 180])
@pytest.mark.parametrize("k", range(4))
def test_a_ramp_has_the_orientation_of_its_gradient_whichever_way_it_rises(k: int, turned: int) -> None:
    strengths = middle(ramp(45 * k + turned))
    np.testing.assert_allclose(strengths, np.eye(4)[k] * strengths[k], atol=1e-12 * strengths[k])
    assert strengths[k] > 0


def test_a_gradient_between_two_orientations_is_shared_out_linearly() -> None:
    strengths = middle(ramp(60))
    assert strengths / strengths.sum() == pytest.approx([0, 2 / 3, 1 / 3, 0], abs=1e-12)
    many = middle(ramp(170), PLAIN.replace(orientations=6))  # between 150° and 180°, which is 0°
    assert many / many.sum() == pytest.approx([2 / 3, 0, 0, 0, 0, 1 / 3], abs=1e-12)


def test_patches_have_the_mean_strength_of_their_pixels_and_the_strongest_has_1() -> None:
    """A ramp twice as steep in the right half of 14 columns; 4 patches of 3, 4, 4 and 3 columns."""
    columns = np.tile(np.arange(14.0), (4, 1))
    image = columns + np.maximum(0, columns - 7)
    maps = edge_maps(image[None], EdgeParameters(orientations=2, grid=4, smoothing=0))[0].reshape(4, 2, 4)
    # Sobel at column c: (image[c+1] − image[c−1])·4, with the border column repeated.
    slope = np.array([1.0, *[2] * 6, 3, *[4] * 5, 2])
    edges = [0, 4, 7, 10, 14]  # np.rint(3.5) = 4, np.rint(10.5) = 10
    means = np.array([slope[a:b].mean() for a, b in pairwise(edges)])
    np.testing.assert_allclose(maps[:, 0], np.tile(means / means.max(), (4, 1)), rtol=1e-12)
    np.testing.assert_allclose(maps[:, 1], 0, atol=1e-12)


def test_an_empty_image_has_no_edges_and_every_image_its_own_scale() -> None:
    images = np.stack([np.zeros((12, 12)), ramp(0), 0.1 * ramp(0)])
    maps = edge_maps(images)
    assert maps.shape == (3, 7, 28)
    assert not maps[0].any()
    np.testing.assert_allclose(maps[1], maps[2], atol=1e-12)
    assert maps[1].max() == 1


def test_a_slanted_bar_comes_upright_in_the_middle() -> None:
    """Row r has its ink at column 1 + r, so the slope is 1 and the centre (4, 5); the middle is (4, 6)."""
    image, ink = np.zeros((9, 13)), np.array([1, 2, 3, 4, 5, 4, 3, 2, 1])
    image[np.arange(9), 1 + np.arange(9)] = ink
    expected = np.zeros((9, 13))
    expected[:, 6] = ink
    np.testing.assert_allclose(upright(image[None])[0], expected, atol=1e-12)


def test_an_upright_image_in_the_middle_stays_as_it_is() -> None:
    image = np.zeros((11, 11))
    image[2:9, 5] = [1, 3, 2, 2, 2, 3, 1]
    image[5, 3:8] = 4
    np.testing.assert_allclose(upright(image[None])[0], image, atol=1e-12)
    flat = np.zeros((2, 5, 5))
    flat[1, 2, 1:4] = 1  # one row: no slope can be told
    np.testing.assert_array_equal(upright(flat), flat)


def test_skew_and_place_of_an_image_do_not_matter_for_its_upright_form() -> None:
    blob = np.exp(-((ROWS - 5.5) ** 2 / 6 + (COLUMNS - 5.5) ** 2 / 3))[None]
    slanted = np.exp(-((ROWS - 5) ** 2 / 6 + (COLUMNS - 6 - 0.6 * (ROWS - 5)) ** 2 / 3))[None]
    assert np.abs(slanted - blob).max() > 0.3
    assert np.abs(upright(slanted) - upright(blob)).max() < 0.12  # a linear interpolation of a narrow blob


@pytest.mark.parametrize("images", [np.zeros((5, 5)), -np.ones((1, 5, 5)), np.full((1, 5, 5), np.nan)])
@pytest.mark.parametrize("function", [upright, edge_maps])
def test_wrong_images(function, images: np.ndarray) -> None:
    with pytest.raises(ParameterError, match=r"must be \(n, height, width\), finite, with values from 0"):
        function(images)


def test_a_grid_finer_than_pixels() -> None:
    with pytest.raises(ParameterError, match="grid = 7: must be at most the 5 rows and 9 columns"):
        edge_maps(np.ones((1, 5, 9)))
