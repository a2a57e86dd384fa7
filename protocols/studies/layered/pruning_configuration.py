"""Settings of the protocol ``pruning``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Number

__all__ = ["PARTS", "DescentSettings", "PruningConfiguration", "RewiringSettings"]

Fraction = Annotated[float, Field(gt=0, le=1)]
Units = Annotated[int, Field(ge=1, le=10_000)]
_SCRIPT = "Bellec et al., ICLR 2018, the authors' program"


class DescentSettings(Parameters):
    """How the dense network is trained, and trained again when it has been pruned."""

    epochs: int = Field(12, ge=1, le=1000, description="epochs of the dense network")
    eta: Number = quantity(0.1, "learning rate at first", above=0, high=10)
    decay: Number = quantity(0.8, "factor of the learning rate after each epoch", above=0, high=1)
    momentum: Number = quantity(0.9, "momentum", low=0, high=0.999)
    l2: Number = quantity(1e-4, "decay of weights", low=0, high=1)
    batch_size: int = Field(100, ge=1, le=100_000, description="images of a minibatch")
    retrain_eta: Number = quantity(0.05, "learning rate of what has been pruned, constant", above=0, high=10)
    retrain_epochs: int = Field(3, ge=1, le=1000, description="epochs after pruning at once")
    step_epochs: int = Field(2, ge=1, le=1000, description="epochs after each step of iterative pruning")


class RewiringSettings(Parameters):
    """DEEP R and soft-DEEP R, with the constants of the authors' program."""

    n_active: tuple[int, int, int] = Field(
        (2352, 900, 300), description=f"connections K of each layer [{_SCRIPT}]"
    )
    factors: tuple[Annotated[float, Field(gt=0, le=50)], ...] = Field(
        (1.0,), description="multiples of these numbers of connections"
    )
    p_active: tuple[float, float, float] = Field(
        (0.005, 0.005, 0.1), description=f"probability of an active connection of soft-DEEP R [{_SCRIPT}]"
    )
    images: int = Field(55_000, ge=1, le=60_000, description="training images at most")
    epochs: int = Field(10, ge=1, le=1000, description="epochs", json_schema_extra={"source": _SCRIPT})
    batch_size: int = quantity(10, "images of a minibatch", low=1, high=10_000, source=_SCRIPT)
    eta: Number = quantity(0.5, "learning rate of DEEP R at first", above=0, high=10, source=_SCRIPT)
    soft_eta: Number = quantity(
        0.05, "learning rate of soft-DEEP R at first", above=0, high=10, source=_SCRIPT
    )
    decay: Number = quantity(
        0.8, "factor of the learning rate after each epoch", above=0, high=1, source=_SCRIPT
    )
    alpha: Number = quantity(1e-5, "L1 pull α", above=0, high=1, source=_SCRIPT)
    nu: Number = quantity(1e-5, "noise ν", above=0, high=1, source=_SCRIPT)
    soft_repetitions: int = Field(1, ge=1, le=1000, description="repetitions of soft-DEEP R, which is slow")


#: What can be measured. No part needs another, or changes the numbers of another.
PARTS = ("one_shot", "retrained", "iterative", "units", "losses", "deep_r", "without_rewiring", "soft_deep_r")


class PruningConfiguration(ProtocolConfiguration):
    """The network 784-300-100-10, and how it is pruned."""

    repetitions: int = Field(5, ge=2, le=1000, description="networks, each with a seed of its own")
    parts: tuple[Literal[PARTS], ...] = Field(PARTS, min_length=1, description="what is measured")
    hidden: tuple[Units, Units] = Field((300, 100), description="units of the hidden layers")
    descent: DescentSettings = DescentSettings()
    one_shot: tuple[Fraction, ...] = Field(
        (0.5, 0.3, 0.2, 0.1, 0.08, 0.05, 0.03, 0.02, 0.01),
        min_length=1,
        description="fractions of connections kept, pruned at once",
    )
    retrained: tuple[Fraction, ...] = Field(
        (0.05, 0.02), min_length=1, description="fractions at which the network is trained again"
    )
    iterative: tuple[Fraction, ...] = Field(
        (0.5, 0.25, 0.12, 0.08, 0.05, 0.03, 0.02, 0.01),
        min_length=1,
        description="fractions of iterative pruning, falling",
    )
    hessian_images: int = Field(
        10_000, ge=1, le=60_000, description="training images that the Hessian averages over"
    )
    removed: tuple[Fraction, ...] = Field(
        (1 / 3, 1 / 2, 2 / 3, 5 / 6, 11 / 12),
        min_length=1,
        description="parts of the units of the first hidden layer that are removed",
    )
    unit_images: int = Field(2000, ge=1, le=60_000, description="training images of the criteria of units")
    small_hidden: int = Field(
        40, ge=1, le=10_000, description="hidden units of the network with squared error, of predicted losses"
    )
    rewiring: RewiringSettings = RewiringSettings()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(one < other for one, other in zip(self.iterative, self.iterative[1:], strict=False)):
            raise ValueError(f"iterative = {self.iterative}: must fall")
        if 1.0 not in self.rewiring.factors:
            raise ValueError(f"rewiring.factors = {self.rewiring.factors}: must have 1")
        return self
