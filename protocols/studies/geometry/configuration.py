"""Settings of the protocol ``geometry``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Number

__all__ = ["GeometryConfiguration", "ReadoutSettings", "RecurrentSettings", "RegressionSettings"]

_PAPER = "Pogodin et al., ICLR 2024"


class RegressionSettings(Parameters):
    """Linear regression with N < D examples, trained by mirror descent."""

    sizes: tuple[Annotated[int, Field(ge=16, le=20_000)], ...] = Field(
        (100, 324, 1050, 3404), min_length=1, description="numbers of weights D"
    )
    exponent: Number = quantity(0.5, "N = D^exponent examples", above=0, high=0.9, source=_PAPER)
    power: Number = quantity(
        2.0, "inputs i and j correlate as 1/(1 + |i − j|^power)", low=1, high=2, source=_PAPER
    )
    repetitions: int = Field(10, ge=2, le=1000, description="data sets, each with weights of its own")
    epochs: int = Field(
        100,
        ge=1,
        le=10_000,
        description="epochs; as many again, up to five times, while the loss is above 1e-3",
    )


class RecurrentSettings(Parameters):
    """A recurrent network that reads digits row by row: pretrained, then fine-tuned on few images."""

    n_hidden: int = Field(
        100, ge=4, le=1000, description="hidden units; it is fine-tuned on as many test images"
    )
    images: int = Field(60_000, ge=100, le=60_000, description="training images at most")
    epochs: int = Field(100, ge=1, le=1000, description="epochs of pretraining")
    batch: int = Field(256, ge=1, le=60_000, description="images of a minibatch")
    tuning_epochs: int = Field(60, ge=1, le=10_000, description="epochs of fine-tuning")
    repetitions: int = Field(5, ge=2, le=1000, description="sets of images for fine-tuning")


class ReadoutSettings(Parameters):
    """A linear readout of the spike counts of input neurons that show images."""

    presentations: int = Field(28, ge=10, le=10_000, description="presentations; their counts stay the same")
    standardised: bool = Field(True, description="the counts of every neuron have mean 0 and sd 1")
    epochs: int = Field(
        100,
        ge=1,
        le=10_000,
        description="epochs; as many again, up to five times, while the loss is above 1e-3",
    )
    repetitions: int = Field(10, ge=2, le=1000, description="sets of presentations")


class GeometryConfiguration(ProtocolConfiguration):
    """What is trained, and how changes are read."""

    n_weights: int = Field(
        1000, ge=16, le=1_000_000, description="weights of the table of true and read maps"
    )
    n_changes: int = Field(30, ge=2, le=10_000, description="changes for each entry of that table")
    regression: RegressionSettings = Field(
        default_factory=RegressionSettings, description="linear regression"
    )
    recurrent: RecurrentSettings = Field(default_factory=RecurrentSettings, description="recurrent network")
    readout: ReadoutSettings = Field(default_factory=ReadoutSettings, description="readout of spike counts")
    n_synapses: int = Field(
        200_000, ge=100, le=10_000_000, description="synapses under prior and noise alone"
    )
