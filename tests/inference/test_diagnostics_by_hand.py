"""Diagnostics on few numbers: against the equations of Vehtari et al. 2021, written out anew with loops."""

from __future__ import annotations

import math
from statistics import NormalDist, mean, median, variance

import numpy as np
import pytest
from scipy.stats import kstwobign

from spikingsampling.inference.diagnostics import (
    LawDistance,
    PosteriorSummary,
    autocorrelation_time,
    distance_to_law,
    effective_sample_size,
    split_rhat,
    standard_error,
    summarise,
)

CHAIN = [[1.0, 2.0, 4.0, 8.0]]
RNG = np.random.default_rng(5)
#: Two chains that move slowly, of an odd number of draws and different means.
SLOW = np.cumsum(RNG.normal(size=(2, 41)), axis=1) * 0.3 + RNG.normal(size=(2, 41)) + [[0.0], [0.7]]


def halves_of(chains: list[list[float]]) -> list[list[float]]:
    """First and last half of each chain; a draw in the middle is left out."""
    n = len(chains[0]) // 2
    return [list(chain[:n]) for chain in chains] + [list(chain[-n:]) for chain in chains]


def rhat_of(chains: list[list[float]]) -> float:
    """Equations 1 to 4."""
    n = len(chains[0])
    between = n * variance([mean(chain) for chain in chains])
    within = mean([variance(chain) for chain in chains])
    return math.sqrt(((n - 1) / n * within + between / n) / within)


def ess_of(chains: list[list[float]]) -> float:
    """Equations 10 to 13."""
    m, n = len(chains), len(chains[0])
    means = [mean(chain) for chain in chains]

    def covariance(lag: int) -> float:
        return mean(
            [
                sum((c[i] - mu) * (c[i + lag] - mu) for i in range(n - lag)) / n
                for c, mu in zip(chains, means, strict=True)
            ]
        )

    within = mean([variance(chain) for chain in chains])
    total = (n - 1) / n * within + (variance(means) if m > 1 else 0.0)
    rho = [1.0] + [1 - (within - covariance(lag)) / total for lag in range(1, n)]
    tau, last = -1.0, math.inf
    for pair in range(max((n - 1) // 2, 1)):
        both = rho[2 * pair] + rho[2 * pair + 1]
        if both <= 0 or pair == max((n - 1) // 2, 1) - 1:
            tau += max(rho[2 * pair], 0.0)
            break
        last = min(last, both)
        tau += 2 * last
    return m * n / max(tau, 1 / math.log10(m * n))


def test_classic_rhat_of_four_draws() -> None:
    # Halves (1, 2) and (4, 8): means 1.5 and 6, variances 0.5 and 8, so B = 2·10.125 and W = 4.25.
    expected = math.sqrt((20.25 / 4.25 + 1) / 2)
    assert split_rhat(CHAIN, rank=False) == pytest.approx(expected, rel=1e-12)
    assert rhat_of(halves_of(CHAIN)) == pytest.approx(expected, rel=1e-12)


def scores(ranks: list[float], size: int) -> list[float]:
    return [NormalDist().inv_cdf((rank - 0.375) / (size + 0.25)) for rank in ranks]


def test_rank_normalised_rhat_is_the_larger_of_two() -> None:
    a, b, c, d = scores([1, 2, 3, 4], 4)
    # The median is 3: distances 2, 1, 1, 5 with ranks 3, 1½, 1½, 4.
    e, f, g, h = scores([3, 1.5, 1.5, 4], 4)
    bulk, folded = rhat_of([[a, b], [c, d]]), rhat_of([[e, f], [g, h]])
    assert bulk > folded
    assert split_rhat(CHAIN) == pytest.approx(bulk, rel=1e-9)
    wide = [[0.0, 0.1, -0.1, 9.0, -8.0, 10.0]]
    halves = halves_of(wide)
    centre = median(wide[0])
    distances = [[abs(value - centre) for value in half] for half in halves]
    flat = sorted(v for half in distances for v in half)
    ranks = [[flat.index(v) + 1 + (flat.count(v) - 1) / 2 for v in half] for half in distances]
    folded = rhat_of([scores(half, 6) for half in ranks])
    assert split_rhat(wide) == pytest.approx(folded, rel=1e-9)
    assert folded > 1.5


@pytest.mark.parametrize("chains", [SLOW, SLOW[:1], RNG.normal(size=(3, 12)), -(SLOW[:, ::-1] ** 3)])
def test_effective_sample_size_is_that_of_the_equations(chains: np.ndarray) -> None:
    expected = ess_of(halves_of(chains.tolist()))
    assert effective_sample_size(chains, method="mean") == pytest.approx(expected, rel=1e-9)
    order = np.argsort(np.argsort(np.concatenate(halves_of(chains.tolist()))))
    ranks = (order + 1).reshape(2 * len(chains), -1).tolist()
    size = len(order)
    bulk = ess_of([scores(half, size) for half in ranks])
    assert effective_sample_size(chains) == pytest.approx(bulk, rel=1e-9)


def test_the_tails_are_those_of_5_and_95_percent() -> None:
    low, high = np.quantile(SLOW, 0.05), np.quantile(SLOW, 0.95)
    indicators = [
        [[float(v <= edge) for v in half] for half in halves_of(SLOW.tolist())] for edge in (low, high)
    ]
    expected = [ess_of(chains) for chains in indicators]
    assert expected[0] != pytest.approx(expected[1])
    assert effective_sample_size(SLOW, method="tail") == pytest.approx(min(expected), rel=1e-9)


def test_time_and_error_follow_from_the_effective_size() -> None:
    ess = ess_of(halves_of(SLOW.tolist()))
    assert ess < 40
    assert autocorrelation_time(SLOW) == pytest.approx(82 / ess, rel=1e-9)
    spread = math.sqrt(variance(SLOW.ravel().tolist()))
    assert standard_error(SLOW) == pytest.approx(spread / math.sqrt(ess), rel=1e-9)


def test_distance_to_a_law() -> None:
    """Steps of 1/4 at 0.1, 0.2, 0.3, 0.9 are farthest from the uniform law just after the third."""
    found = distance_to_law([[0.1, 0.9, 0.3, 0.2]], lambda x: x, false_alarm=0.01)
    assert found.distance == pytest.approx(0.75 - 0.3)
    assert found.tolerance == pytest.approx(kstwobign.isf(0.01) / math.sqrt(found.ess))
    chains = np.abs(np.sin(SLOW))
    deciles = [
        ess_of([[float(v <= q / 10) for v in half] for half in halves_of(chains.tolist())])
        for q in range(1, 10)
    ]
    assert distance_to_law(chains, lambda x: x).ess == pytest.approx(min(deciles), rel=1e-9)


def test_agreement_includes_the_tolerance_itself() -> None:
    assert LawDistance(0.2, 0.2, 10.0).agrees
    assert not LawDistance(0.21, 0.2, 10.0).agrees


def test_a_summary_of_twenty_one_numbers() -> None:
    draws = np.random.default_rng(1).permutation(np.arange(21.0))[None]
    both = np.stack([draws, 10 * draws], axis=-1)
    (summary, tenfold) = summarise(both)
    assert (summary.mean, summary.sd) == (10.0, pytest.approx(math.sqrt(38.5)))
    assert summary.interval == (pytest.approx(1.0), pytest.approx(19.0))
    assert tenfold.interval == (pytest.approx(10.0), pytest.approx(190.0))
    assert summary.standard_error == standard_error(draws)
    assert (summary.ess_bulk, summary.ess_tail) == (
        effective_sample_size(draws),
        effective_sample_size(draws, method="tail"),
    )
    assert summary.rhat == split_rhat(draws)
    assert summarise(draws) == [summary]
    assert PosteriorSummary(0, 1, (0, 1), 0.1, 30.0, 20.0, 1.0).ess == 20.0
    assert PosteriorSummary(0, 1, (0, 1), 0.1, 10.0, 20.0, 1.0).ess == 10.0
