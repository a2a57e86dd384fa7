"""The experiments of `oscillation` beside theory: on the side of linear theory they must agree with it."""

from __future__ import annotations

import numpy as np
import pytest

from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics import ThresholdLinearPair, WilsonCowan
from spikingsampling.protocols.studies.dynamics.oscillation_excitable import (
    cycle_around,
    cycle_branch,
    cycle_end,
)
from spikingsampling.protocols.studies.dynamics.oscillation_onset import (
    delay_diagram,
    hopf_line,
    pair_diagram,
)
from spikingsampling.protocols.studies.dynamics.trajectories import settle, trajectory


def test_a_trajectory_of_a_known_equation() -> None:
    times, states = trajectory(lambda t, s: np.array([s[1], -s[0]]), (1.0, 0.0), 20.0, 100)
    np.testing.assert_allclose(states, [np.cos(times), -np.sin(times)], atol=1e-7)


def test_a_trajectory_settles_on_its_cycle() -> None:
    """r' = r(1 − r²), φ' = 2: the unit circle with the period π; with r' = −r, rest."""

    def derivative(t: float, state: np.ndarray) -> np.ndarray:
        x, y = state
        growth = 1 - x * x - y * y
        return np.array([growth * x - 2 * y, growth * y + 2 * x])

    cycle = settle(derivative, (0.1, 0.0), 0.0, np.pi).cycle
    assert (cycle.period, cycle.low, cycle.high) == pytest.approx((np.pi, -1, 1), rel=1e-6)
    assert settle(lambda t, s: -np.asarray(s), (1.0, 0.0), 2.0, 1.0).cycle is None
    with pytest.raises(RuntimeError, match="has not settled within 40 periods"):
        settle(lambda t, s: np.array([0.01 * s[0] - s[1], 0.01 * s[1] + s[0]]), (1, 0), 0, 6, windows=2)


def test_the_pair_agrees_with_linear_theory_until_the_threshold() -> None:
    """Decaying oscillations have theory's frequency; their last periods are not large beside the solver's error."""
    diagram = pair_diagram(ThresholdLinearPair(), (-0.05, -0.01, 1 / 300, 0.1 / 3))
    np.testing.assert_allclose(diagram.frequencies[:2], diagram.theory[:2], rtol=1e-6)
    assert diagram.critical == pytest.approx(3, abs=1e-7)
    assert diagram.hopf_frequency == pytest.approx(100 / (2 * np.pi), rel=1e-7)
    assert diagram.cycles[:2] == [None, None]
    assert diagram.frequencies[3] == pytest.approx(15.34, abs=0.01)
    # The cycle begins with the size at which it touches the threshold, and E goes no further down from there.
    begin = diagram.cycles[2]
    assert diagram.onset == pytest.approx((5 - np.sqrt(5), 5 + np.sqrt(5)))
    assert begin.high == pytest.approx(diagram.onset[1], abs=0.15)
    assert begin.low == pytest.approx(diagram.onset[0], abs=0.15)


def test_a_distance_without_oscillation_is_refused() -> None:
    """The eigenvalues of the pair are real from w_EE = √32 − 1 = 4.657 on."""
    assert ThresholdLinearPair(w_ee=4.656).eigenvalue.imag > 0
    with pytest.raises(ParameterError, match=r"distances holds 0.56: at w_EE = 4.68 deviations"):
        pair_diagram(ThresholdLinearPair(), (0.1, 0.56))


def test_the_hopf_line_is_that_of_theory() -> None:
    """At another ratio of time constants, too."""
    line = hopf_line(ThresholdLinearPair(w_ee=1.0, tau_e=0.02, tau_i=0.016), (0.0, 0.4))
    np.testing.assert_allclose(line[:, 1], 1 + 1.25 * np.array([1, 1.4]))
    np.testing.assert_allclose(line[:, 0], line[:, 1], rtol=1e-7)


def test_delayed_inhibition_agrees_with_theory() -> None:
    """The growth rate bends over 0.2 % of J, which moves its zero by 1e-6."""
    diagram = delay_diagram(0.005, 0.01, (-0.05, 0.02))
    assert diagram.critical == pytest.approx(diagram.critical_theory, rel=5e-6)
    assert diagram.hopf_frequency == pytest.approx(diagram.hopf_frequency_theory, rel=1e-6)
    assert diagram.frequencies[0] == pytest.approx(diagram.theory[0], rel=1e-4)
    cycle = diagram.cycles[1]
    assert diagram.cycles[0] is None
    assert cycle.high - cycle.low > 0.9 * (diagram.onset[1] - diagram.onset[0])


def test_wilson_and_cowans_cycle() -> None:
    """Periods and extremes of an independent program, to their last digit; the square root law below the Hopf point."""
    model = WilsonCowan()
    branch = cycle_branch(model, (0.5, 1.0, 1.25, 1.5, 1.8, 1.86, 2.5))
    assert branch.inputs.tolist() == [1.86, 1.8, 1.5, 1.25]
    expected = [2.392, 2.501, 3.320, 4.996]
    np.testing.assert_allclose(branch.periods, expected, atol=1.2e-3)
    last = branch.cycles[-1]
    assert (last.low, last.high) == pytest.approx((0.103, 0.270), abs=5e-4)
    hopf = model.hopf_points()[0].p
    ratio = branch.amplitudes[1] / branch.amplitudes[0]
    # The next term of the law is of the relative order (P_H − P)/P_H, 4 %.
    assert ratio == pytest.approx(np.sqrt((hopf - 1.8) / (hopf - 1.86)), rel=0.04)


@pytest.mark.slow
def test_the_cycle_ends_at_the_saddle() -> None:
    """The period grows as −ln(P − P_h)/λ + a constant.

    P_h is known to 1 % of the smallest distance, which moves a slope over two decades by 1 % at most.
    """
    model = WilsonCowan()
    end = cycle_end(model, 1.05, 1.08, 1e-8)
    assert cycle_around(model, end.p - 2e-8) is None
    assert end.slope == pytest.approx(end.slope_theory, rel=0.01)
