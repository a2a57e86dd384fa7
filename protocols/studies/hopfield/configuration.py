"""Settings of the protocol ``hopfield``."""

from __future__ import annotations

from pydantic import Field

from spikingsampling.experiment.configuration import ProtocolConfiguration

__all__ = ["HopfieldConfiguration"]


class HopfieldConfiguration(ProtocolConfiguration):
    """Sizes, loads and noise of the networks that are measured."""

    repetitions: int = Field(3, ge=2, le=1000, description="networks per point, each with a seed of its own")
    sizes: tuple[int, ...] = Field(
        (250, 1000, 2000), min_length=1, description="numbers of neurons N for the capacity"
    )
    alphas: tuple[float, ...] = Field(
        (0.05, 0.08, 0.1, 0.12, 0.13, 0.138, 0.145, 0.15, 0.16, 0.18, 0.2),
        min_length=2,
        description="patterns per neuron α for the capacity",
    )
    neurons: int = Field(400, ge=20, le=20000, description="neurons of the networks in all other experiments")
    bit_alphas: tuple[float, ...] = Field(
        (0.09, 0.105, 0.138, 0.185, 0.25),
        min_length=2,
        description="patterns per neuron α for the errors of one step",
    )
    melting_temperatures: tuple[float, ...] = Field(
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2),
        min_length=2,
        description="temperatures T at which one of two patterns is recalled",
    )
    phase_alphas: tuple[float, ...] = Field(
        (0.01, 0.03, 0.05, 0.08, 0.11, 0.14, 0.17),
        min_length=2,
        description="patterns per neuron α of the phase diagram",
    )
    phase_temperatures: tuple[float, ...] = Field(
        (0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2), min_length=2, description="temperatures T of the phase diagram"
    )
    phase_sweeps: int = Field(
        20, ge=2, le=10000, description="updates per neuron at each point of the phase diagram"
    )
    dreaming: int = Field(100, ge=20, le=2000, description="neurons of the networks that unlearn")
    dreaming_alphas: tuple[float, ...] = Field(
        (0.3, 0.5), min_length=1, description="patterns per neuron α of the networks that unlearn"
    )
    dreams: tuple[int, ...] = Field(
        (0, 5, 10, 14, 20, 30, 42, 60),
        min_length=2,
        description="dreams per neuron after which recall is tested",
    )
    rate: float = Field(0.01, gt=0, le=1, description="learning rate λ of unlearning")
    correlations: tuple[float, ...] = Field(
        (0.0, 0.05, 0.1, 0.25, 0.5),
        min_length=2,
        description="correlations of patterns; parts of active neurons that patterns share",
    )
    held_alphas: tuple[float, ...] = Field(
        (0.05, 0.2, 0.4, 0.6, 0.8, 0.95),
        min_length=2,
        description="patterns per neuron α for patterns of correlation 0.25",
    )
    temperatures: tuple[float, ...] = Field(
        (0.0, 0.3, 0.5, 0.7, 0.9),
        min_length=2,
        description="temperatures from which noise falls to none during recall",
    )
    flipped: tuple[float, ...] = Field(
        (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45),
        min_length=2,
        description="parts of the neurons that are flipped in a cue",
    )
    basin_alphas: tuple[float, ...] = Field(
        (0.02, 0.06, 0.1, 0.13),
        min_length=1,
        description="patterns per neuron α for recall from flipped cues",
    )
    struck: tuple[float, ...] = Field(
        (0.1, 0.3, 0.5, 0.7, 0.9), min_length=2, description="parts of the letters that are struck out"
    )
