"""Settings of the protocol ``deep_belief``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.inference.prior_setting import PriorSetting
from spikingsampling.inference.priors import prior_from_mapping
from spikingsampling.models.rbm import RBM, contrastive_machine
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.protocols.studies.rbm.configuration import bimodal
from spikingsampling.units import Number

__all__ = ["DeepBeliefConfiguration", "FineTuning", "LayerLearning"]


class LayerLearning(Parameters):
    """How a layer learns without labels."""

    epochs: int = Field(10, ge=1, le=1000, description="epochs of each layer")
    batch_size: int = Field(100, ge=1, le=100_000, description="images of a minibatch")
    eta: Number = quantity(0.1, "learning rate of contrastive divergence", above=0, high=10)
    l2: Number = quantity(2e-4, "its decay of weights", low=0, high=1)
    prior: PriorSetting = Field(
        default_factory=lambda: prior_from_mapping(bimodal(0.15)),
        description="prior of synaptic sampling, as in Kappel et al., PLOS Comput Biol 2015",
    )

    def contrastive(self) -> RBM:
        """CD-1 with weight decay and no noise."""
        return contrastive_machine(self.eta, self.l2, self.epochs, self.batch_size)

    def sampling(self, n_examples: int, temperature: float) -> RBM:
        """Synaptic sampling of ``n_examples`` with the prior, along the likelihood as fast as the other."""
        return self.contrastive().set_params(
            mode="sampling" if temperature else "map",
            temperature=temperature,
            prior=self.prior,
            n_examples=float(n_examples),
            eta=self.eta / n_examples,
        )


class FineTuning(Parameters):
    """Back-propagation through all layers."""

    epochs: int = Field(20, ge=1, le=1000, description="epochs")
    eta: Number = quantity(0.3, "learning rate", above=0, high=10)
    momentum: Number = quantity(0.9, "momentum", low=0, high=0.999)
    batch_size: int = Field(100, ge=1, le=100_000, description="images of a minibatch")
    few_epochs: int = Field(50, ge=1, le=10_000, description="epochs with few labels")
    few_eta: Number = quantity(0.1, "learning rate with few labels", above=0, high=10)
    few_batches: int = Field(10, ge=1, le=1000, description="minibatches in each of these epochs")


class DeepBeliefConfiguration(ProtocolConfiguration):
    """The stack, how it learns, and how many labels there are."""

    repetitions: int = Field(5, ge=2, le=1000, description="runs, each with images and a seed of its own")
    images: int = Field(
        10_000, ge=100, le=60_000, description="training images, drawn at random; all if there are fewer"
    )
    hidden: tuple[Annotated[int, Field(ge=1, le=10_000)], ...] = Field(
        (256, 128), min_length=1, description="units of the hidden layers"
    )
    layers: LayerLearning = LayerLearning()
    fine_tuning: FineTuning = FineTuning()
    labels: tuple[Annotated[int, Field(ge=20, le=60_000)], ...] = Field(
        (100, 300, 1000),
        description="numbers of labels of the comparison of contrastive divergence and sampling",
    )
