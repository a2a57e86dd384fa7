"""A change read through maps: the map that it was made in has the least ΔCDF."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from spikingsampling.analysis.geometry import delta_cdf, read_change
from spikingsampling.errors import ParameterError
from spikingsampling.inference import BurgEntropy, NegativeEntropy, PNorm, Potential

POTENTIALS = (BurgEntropy(), NegativeEntropy(), PNorm(2), PNorm(3))
MAPS = {potential.name: potential.dual for potential in POTENTIALS}


@pytest.mark.parametrize("potential", POTENTIALS)
def test_the_map_of_a_change_is_found(potential: Potential) -> None:
    """Changes are Gaussian quantiles in a random order: in the right map ΔCDF is below 10/n, without chance."""
    rng, n = np.random.default_rng(1), 2000
    start = rng.choice([-1, 1], n) * np.exp(rng.normal(0, 0.5, n))
    change = 0.05 * rng.permutation(norm.ppf((np.arange(n) + 0.5) / n))
    end = potential.moved(start, change)
    found = read_change(start, end, MAPS)
    assert found[potential.name].delta_cdf < 10 / n
    assert all(found[name].delta_cdf > found[name].bound for name in MAPS if name != potential.name)


def test_what_a_reading_says() -> None:
    start, end = np.array([1.0, 2.0, -2.0, 4.0]), np.array([1.5, 2.0, -3.0, 4.5])
    found = read_change(start, end, {"w": PNorm(2).dual, "cubic": PNorm(4).dual})["w"]
    change = end - start
    assert found.delta_cdf == delta_cdf(change)
    assert found.magnitude == pytest.approx(np.sqrt(1.5) / 5)
    centred = change - change.mean()
    assert found.excess_kurtosis == pytest.approx((centred**4).mean() / (centred**2).mean() ** 2 - 3)
    assert (found.n, found.metric()["n"], found.metric()["bound"]) == (4, 4, found.bound)
    one = read_change(start, end, {"w": PNorm(2).dual}, centred=True)["w"]
    assert one.delta_cdf == delta_cdf(change, centred=True)
    assert one.floor < found.floor
    assert one.bound < found.bound


def test_wrong_arguments() -> None:
    with pytest.raises(ParameterError, match="end has 3 weights: must have those of start, 2"):
        read_change([1.0, 2.0], [1.0, 2.0, 3.0], MAPS)
    with pytest.raises(ParameterError, match=r"maps\['burg'\] is not finite at the weight 0: leave such"):
        read_change([1.0, 0.0], [1.0, 2.0], MAPS)
    with pytest.raises(ParameterError, match=r"maps\['sum'\] gives shape \(\)"):
        read_change([1.0, 2.0], [2.0, 2.0], {"sum": np.sum})
