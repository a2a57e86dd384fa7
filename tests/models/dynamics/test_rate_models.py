"""Rate models beside closed forms, derivatives by differences, and numbers of an independent program."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime, root

from spikingsampling.errors import ParameterError
from spikingsampling.models.dynamics import DelayedInhibition, ThresholdLinearPair, WilsonCowan, cycle_of

PAIR = ThresholdLinearPair(w_ee=2.7, w_ei=2.5, w_ie=1.7, w_ii=0.3, tau_e=0.02, tau_i=0.012, h_e=10.0, h_i=1.0)


def leading(derivative, state) -> complex:
    """The leading eigenvalue of the Jacobian that differences give."""
    jacobian = [approx_fprime(state, lambda s, k=k: derivative(s)[k], 1e-7) for k in (0, 1)]
    values = np.linalg.eigvals(jacobian)
    value = values[np.argmax(values.real)]
    return complex(value.real, abs(value.imag))


def test_the_fixed_point_of_a_pair_stays_and_has_its_eigenvalue() -> None:
    np.testing.assert_allclose(PAIR.derivative(0.0, PAIR.fixed_point), 0, atol=1e-11)
    found = leading(lambda s: PAIR.derivative(0.0, s), PAIR.fixed_point)
    assert PAIR.eigenvalue == pytest.approx(found, rel=1e-5)


def test_a_silent_pair_decays() -> None:
    """Where the net input is negative, each rate decays with its own time constant."""
    pair = ThresholdLinearPair(h_e=1.0)
    np.testing.assert_allclose(pair.derivative(0.0, (1.0, 4.0)), (-1 / 0.02, (2 - 4) / 0.01))


def test_the_hopf_line_of_a_pair() -> None:
    """w_EE = 1 + (τ_E/τ_I)(1 + w_II): the eigenvalue is imaginary, ω² τ_E τ_I = w_EI w_IE − (τ_E/τ_I)(1 + w_II)²."""
    assert ThresholdLinearPair().hopf_w_ee == 3
    assert ThresholdLinearPair().eigenvalue == pytest.approx(100j)
    for w_ii in (0.0, 0.1, 0.3):
        w_ee = 1 + 2 * (1 + w_ii)
        value = ThresholdLinearPair(w_ee=w_ee, w_ii=w_ii).eigenvalue
        assert value.real == pytest.approx(0, abs=1e-9)
        assert value.imag**2 * 0.02 * 0.01 == pytest.approx(4 - 2 * (1 + w_ii) ** 2)


@pytest.mark.parametrize(("h_e", "h_i"), [(10.0, 0.0), (-5.0, -10.0)])
def test_the_onset_touches_a_threshold(h_e: float, h_i: float) -> None:
    """On the Hopf line an ellipse of the onset's size brings a net input to 0: that of E, and that of I."""
    pair = ThresholdLinearPair(h_e=h_e, h_i=h_i)
    e, i = pair.fixed_point
    phase = np.linspace(0, 2 * np.pi, 2000)
    wave = pair.onset_amplitude * np.exp(1j * phase)
    answer = pair.w_ie * wave / (1 + pair.w_ii + 1j * 100 * pair.tau_i)
    net_e = pair.w_ee * (e + wave.real) - pair.w_ei * (i + answer.real) + pair.h_e
    net_i = pair.w_ie * (e + wave.real) - pair.w_ii * (i + answer.real) + pair.h_i
    assert min(net_e.min(), net_i.min()) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"w_ie": -1.0}, r"ThresholdLinearPair.w_ie = -1.0: must be a finite number, at least 0"),
        ({"tau_e": "0 ms"}, r"ThresholdLinearPair.tau_e = '0 ms': must be"),
        ({"w_ee": 5.0}, r"ThresholdLinearPair.w_ee = 5: must be less than 5"),
        ({"h_i": 6.0}, r"ThresholdLinearPair.h_e = 10, h_i = 6: both populations must fire"),
    ],
)
def test_pairs_that_cannot_oscillate_are_refused(values, message) -> None:
    with pytest.raises(ParameterError, match=message):
        ThresholdLinearPair(**values)


@pytest.mark.parametrize(
    ("delay", "tau", "frequency", "strength"),
    [(2e-3, 20e-3, 129.87, 16.351), (2e-3, 10e-3, 134.38, 8.502), (5e-3, 10e-3, 58.46, 3.807)],
)
def test_delayed_inhibition_begins_to_oscillate(delay, tau, frequency, strength) -> None:
    """Numbers to their last digit; at J_c the leading root is iω, and every root solves its equation."""
    network = DelayedInhibition(1.0, delay, tau)
    assert network.hopf_omega / (2 * np.pi) == pytest.approx(frequency, abs=5.1e-3)
    assert network.hopf_strength == pytest.approx(strength, abs=5.1e-4)
    root_there = DelayedInhibition(network.hopf_strength, delay, tau).eigenvalue
    assert root_there == pytest.approx(1j * network.hopf_omega, rel=1e-9)
    for j in (0.9 * strength, 1.2 * strength):
        value = DelayedInhibition(j, delay, tau).eigenvalue
        assert value * tau + 1 + j * np.exp(-value * delay) == pytest.approx(0, abs=1e-9)
        assert (value.real > 0) == (j > strength)


def test_delayed_inhibition_in_its_first_two_delays() -> None:
    """From the constant past r₀: an exponential, then its integral; d = τ = 10 ms, J = 0.5, h = 100 Hz, r₀ = 20 Hz.

    r = a + (r₀ − a)e^{−s} with a = 90 in the first delay; in the second the input is h − J r(s − 1).
    """
    times, rates = DelayedInhibition(0.5, delay=0.01, tau=0.01, h=100.0).simulate(20.0, 0.02)
    s = times / 0.01
    first = 90 - 70 * np.exp(-s)
    b, u = 100 - 0.5 * 90, s - 1
    second = b + (90 - 70 * np.exp(-1) - b) * np.exp(-u) + 35 * u * np.exp(-u)
    np.testing.assert_allclose(rates, np.where(s <= 1, first, second), rtol=1e-6)


def test_an_oscillation_with_delay_has_the_period_of_its_root() -> None:
    """Above the threshold the equation is linear: other roots have gone after 20 of 60 periods."""
    network = DelayedInhibition(8.45)
    times, rates = network.simulate(network.fixed_point + 0.3, 60 * 2 * np.pi / network.eigenvalue.imag)
    late = times > times[-1] / 3
    cycle = cycle_of(times[late], rates[late], network.fixed_point)
    assert 2 * np.pi * cycle.frequency == pytest.approx(network.eigenvalue.imag, rel=1e-5)
    assert network.onset_amplitude == pytest.approx(network.fixed_point / 8.45)


def test_delayed_inhibition_needs_positive_numbers() -> None:
    with pytest.raises(ParameterError, match=r"DelayedInhibition.strength = 0: must be more than 0"):
        DelayedInhibition(0.0)
    with pytest.raises(ParameterError, match=r"DelayedInhibition.delay"):
        DelayedInhibition(1.0, delay="0 ms")


def test_wilson_and_cowans_fixed_points() -> None:
    """Saturations; points stay; eigenvalues by differences; SciPy's root finder ends on the same points."""
    model = WilsonCowan()
    assert model.saturations == pytest.approx((0.9945, 0.9994), abs=5e-5)
    points = model.fixed_points(1.0)
    assert len(points) == 3
    assert [point.stable for point in points] == [True, False, False]
    for point in points:
        np.testing.assert_allclose(model.derivative(1.0, (point.e, point.i)), 0, atol=1e-12)
        found = leading(lambda s: model.derivative(1.0, s), np.array([point.e, point.i]))
        assert point.eigenvalue == pytest.approx(found, rel=1e-4, abs=1e-5)
        near = root(lambda s: model.derivative(1.0, s), (point.e + 1e-3, point.i), tol=1e-13)
        assert near.x == pytest.approx((point.e, point.i), abs=1e-9)
    assert points[0].e == pytest.approx(0.0283, abs=5e-5)
    (alone,) = model.fixed_points(2.5)
    assert alone.e == pytest.approx(0.2887, abs=5e-5)
    assert alone.stable


def test_where_wilson_and_cowans_fixed_points_change() -> None:
    model = WilsonCowan()
    upper, lower = model.saddle_nodes()
    assert (lower.p, upper.p) == pytest.approx((0.9087, 1.0873), abs=5e-5)
    assert upper.eigenvalue == pytest.approx(0, abs=1e-5)
    (hopf,) = model.hopf_points()
    assert (hopf.e, hopf.eigenvalue.imag) == pytest.approx((0.2493, 2.664), abs=5e-4)
    found = leading(lambda s: model.derivative(hopf.p, s), np.array([hopf.e, hopf.i]))
    assert found == pytest.approx(hopf.eigenvalue, abs=1e-5)


def test_wilson_and_cowans_numbers_are_checked() -> None:
    with pytest.raises(ParameterError, match=r"WilsonCowan.c2 = 0: must be more than 0"):
        WilsonCowan(c2=0)
    with pytest.raises(ParameterError, match=r"WilsonCowan.c1 = -1: must be a finite number, at least 0"):
        WilsonCowan(c1=-1)
    with pytest.raises(ParameterError, match=r"e = 0.6: must be more than 0 and less than 0.49"):
        WilsonCowan().fixed_point(0.6)
