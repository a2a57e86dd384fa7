"""Settings of the experiments with restricted Boltzmann machines."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.inference.prior_setting import PriorSetting
from spikingsampling.inference.priors import UniformPrior
from spikingsampling.models.rbm import RBM
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Number

__all__ = ["RBMConfiguration", "RBMSettings", "bimodal", "trimodal"]

_REPORT = "Fournier's report, section 4.2"


def bimodal(sd: float) -> dict[str, Any]:
    """½N(0, sd²) + ½N(1, sd²), as a configuration names it (Kappel et al., PLOS Comput Biol 2015)."""
    return {"kind": "mixture", "weights": [0.5, 0.5], "means": [0.0, 1.0], "sds": [sd, sd]}


def trimodal(sd: float) -> dict[str, Any]:
    """The same with a third component between the two (Fournier's report, section 4.7)."""
    return {"kind": "mixture", "weights": [1 / 3, 1 / 3, 1 / 3], "means": [0.0, 0.5, 1.0], "sds": [sd] * 3}


class RBMSettings(Parameters):
    """The machine and its learning rule, with the constants of Fournier's report."""

    n_hidden: int = quantity(9, "hidden units", low=1, high=10000, source=_REPORT)
    mode: Literal["sampling", "map", "likelihood"] = Field(
        "sampling", description="prior, likelihood and noise; without noise; without noise and prior"
    )
    prior: PriorSetting = Field(
        default_factory=UniformPrior, description="prior of each weight; biases have none"
    )
    eta: Number = quantity(1e-4, "learning rate η = bΔt", above=0, high=1, source=_REPORT)
    n_examples: Number = quantity(
        100.0, "number N of independent examples that the data count as", low=0, high=1e6, source=_REPORT
    )
    temperature: Number = quantity(
        1.0, "temperature T of the sampling", low=0, high=1e4, source="Kappel et al., PLOS Comput Biol 2015"
    )
    k: int = quantity(5, "Gibbs steps of contrastive divergence", low=1, high=10000, source=_REPORT)
    persistent: bool = Field(False, description="chains go on where those of the image before ended")

    def machine(self, n_visible: int, seed: np.random.SeedSequence, **changes: Any) -> RBM:
        """A machine with these settings, other than ``changes``, and its initial parameters."""
        names = ("n_hidden", "mode", "prior", "eta", "n_examples", "temperature", "k", "persistent")
        settings = {name: getattr(self, name) for name in names}
        return RBM(**{**settings, "random_state": seed, **changes}).initialise(n_visible)


class RBMConfiguration(ProtocolConfiguration):
    """What the configurations of all these experiments have."""

    images: int = Field(6000, ge=1, le=10**8, description="images shown, one after the other")
    test_every: int = Field(500, ge=1, le=10**8, description="images between two measurements")
    repetitions: int = Field(5, ge=2, le=10000, description="runs, each with a seed of its own")
    rbm: RBMSettings = RBMSettings()
