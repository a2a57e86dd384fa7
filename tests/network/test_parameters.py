from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Time


def test_defaults_are_the_published_constants() -> None:
    p = CircuitParameters()
    assert (p.rho_net, p.tau_fall, p.tau_rise, p.lateral_delay) == (100, 0.02, 0.002, 0.005)
    assert (p.adaptation, p.tau_adaptation_fall, p.tau_adaptation_rise) == (-8, 30, 10)
    assert (p.b, p.n_examples, p.alpha, p.alpha_cap) == (1e-4, 100, math.exp(-2), 5)
    assert (p.theta_0, p.theta_floor, p.temperature) == (3, -5, 1)
    assert p.prior == GaussianPrior(0.5, 1.0)


def test_every_constant_says_what_it_is_and_where_it_is_from() -> None:
    for name, field in CircuitParameters.model_fields.items():
        assert field.description, name
        assert field.json_schema_extra["source"], name


def test_values_with_units() -> None:
    import brian2 as b2

    for value in ("30 ms", 0.03, 30 * b2.ms):
        assert CircuitParameters(tau_fall=value).tau_fall == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tau_fall": "30 mV"}, r"CircuitParameters.tau_fall = '30 mV': unit 'mV' is wrong here"),
        ({"tau_fall": "2 s"}, r"CircuitParameters.tau_fall = 2.0: must be at most 1 s"),
        ({"rho_net": -1}, r"CircuitParameters.rho_net = -1.0: must be at least (0.01 Hz|36 1/h)"),
        ({"lateral_delay": 0}, r"lateral_delay = 0.0: must be more than 0 s"),
        ({"alpha": math.nan}, r"alpha = nan: must be finite"),
        ({"b": math.inf}, r"b = inf: must be finite"),
        ({"adaptation": 1}, r"adaptation = 1.0: must be at most 0"),
        ({"temperature": -0.1}, r"temperature = -0.1: must be at least 0"),
        ({"temperature": True}, r"temperature = True"),
        ({"psp": "late"}, r"psp = 'late': input should be 'kept' or 'immediate'"),
        ({"tau_rise": "20 ms"}, "tau_rise = 0.02 s must be less than tau_fall = 0.02 s"),
        ({"tau_adaptation_rise": "30 s"}, "must be less than tau_adaptation_fall = 30.0 s"),
        ({"tau_fal": "20 ms"}, "has no parameter 'tau_fal'; did you mean 'tau_fall'"),
        ({"prior": 3}, "prior = 3: must be a prior"),
        ({"prior": {"sd": -1}}, "prior: GaussianPrior.sd = -1: must be more than 0"),
        ({"alpha": 0, "b": -1}, "b = -1.*; .*alpha = 0|alpha = 0.*b = -1"),
    ],
)
def test_wrong_values_name_the_field_and_what_is_allowed(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        CircuitParameters(**values)


def test_parameters_are_frozen_and_replace_checks_again() -> None:
    p = CircuitParameters()
    with pytest.raises(Exception, match="frozen"):
        p.b = 1.0
    assert p.replace(b="1 1/h").b == pytest.approx(1 / 3600)
    assert p.b == 1e-4
    with pytest.raises(ParameterError, match="b = 2"):
        p.replace(b=2)


@given(st.floats(0.01, 1000), st.floats(1e-4, 1.0), st.floats(0, 1), st.floats(-3, 3), st.floats(0.01, 10))
def test_a_mapping_gives_equal_parameters(rho: float, tau: float, b: float, mean: float, sd: float) -> None:
    p = CircuitParameters(rho_net=rho, tau_fall=tau, tau_rise=tau / 2, b=b, prior=GaussianPrior(mean, sd))
    mapping = p.to_mapping()
    assert CircuitParameters(**mapping) == p
    assert isinstance(mapping["tau_fall"], str)


def test_bounds_of_a_new_parameter_set() -> None:
    class Rhythm(Parameters):
        period: Time = quantity("1 s", "period", above="10 ms", high="1 min", dimension="time")

    assert Rhythm(period="20 ms").period == pytest.approx(0.02)
    for wrong, message in (("10 ms", "0.01: must be more than 10 ms"), (61, "61.0: must be at most 1 min")):
        with pytest.raises(ParameterError, match=f"Rhythm.period = {message}"):
            Rhythm(period=wrong)
