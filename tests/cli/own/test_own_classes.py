"""Priors, rules and models of the user's own in a configuration, as ``module:Class``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import spikingsampling as ss
from spikingsampling.errors import ParameterError
from spikingsampling.inference.priors import GaussianPrior, prior_from_mapping, prior_to_mapping
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import SamplingRule
from spikingsampling.parameters import Parameters, object_from_mapping, object_to_mapping


@dataclass(frozen=True)
class Wide(GaussianPrior):
    """A prior of the user's own."""

    sd: float = 3.0


@dataclass(frozen=True)
class Ceiling(SamplingRule):
    """A rule of the user's own."""

    ceiling: float = 3.0


class Model(ss.ProtocolConfiguration):
    """A configuration with a rule."""

    rule: ss.ObjectSetting = Ceiling()
    circuit: CircuitParameters = CircuitParameters()


HERE = __name__


def test_what_is_written_is_read_back() -> None:
    made = Model(rule=Ceiling(2.5), circuit=CircuitParameters(prior=Wide(0.25, 2.0)))
    written = made.to_mapping()
    assert written["rule"] == {"kind": f"{HERE}:Ceiling", "ceiling": 2.5}
    assert written["circuit"]["prior"] == {"kind": f"{HERE}:Wide", "mean": 0.25, "sd": 2.0}
    assert Model(**written) == made
    assert type(Model(**written).circuit.prior) is Wide
    assert prior_from_mapping({"kind": f"{HERE}:Wide"}) == Wide()
    assert prior_to_mapping(GaussianPrior(0.5, 1.0)) == {"kind": "gaussian", "mean": 0.5, "sd": 1.0}


def test_parameters_are_written_with_their_units() -> None:
    written = object_to_mapping(ss.STDPRule(tau_plus="20 ms"))
    assert written is not None
    assert (written["kind"], written["tau_plus"]) == ("spikingsampling.network.rules:STDPRule", "20 ms")
    assert object_from_mapping(written) == ss.STDPRule(tau_plus="20 ms")


def test_a_prior_of_the_working_directory_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lab_priors.py").write_text(
        "from dataclasses import dataclass\n"
        "from spikingsampling.priors import GaussianPrior\n"
        "@dataclass(frozen=True)\n"
        "class Narrow(GaussianPrior):\n"
        "    sd: float = 0.1\n".replace("spikingsampling.priors", "spikingsampling.inference.priors")
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["/nowhere", *__import__("sys").path])
    parameters = CircuitParameters(prior={"kind": "lab_priors:Narrow", "mean": 1.0})
    assert (parameters.prior.mean, parameters.prior.sd) == (1.0, 0.1)
    theta = parameters.prior.sample(np.random.default_rng(1), 1000)
    assert theta.std() == pytest.approx(0.1, rel=4 / np.sqrt(2000))
    assert CircuitParameters(**parameters.to_mapping()) == parameters


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("no_such_module:Prior", r"kind = 'no_such_module:Prior': cannot be imported \(ModuleNotFoundError"),
        (f"{HERE}:Nothing", r"cannot be imported \(AttributeError"),
        (f"{HERE}:HERE", "is a str; must be a class"),
        (f"{HERE}:Model", "must be a prior: an object with log_density"),
    ],
)
def test_wrong_references_are_named(kind: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        CircuitParameters(prior={"kind": kind})


def test_wrong_settings_and_objects_that_cannot_be_written_are_named() -> None:
    with pytest.raises(ParameterError, match=r"Wide does not take \{'width': 1\}"):
        CircuitParameters(prior={"kind": f"{HERE}:Wide", "width": 1})

    @dataclass(frozen=True)
    class Local(SamplingRule):
        """Cannot be found by its name."""

    assert object_to_mapping(Local()) is None
    with pytest.raises(Exception, match="cannot be written to a configuration"):
        Model(rule=Local()).to_mapping()
    assert issubclass(Model, Parameters)
