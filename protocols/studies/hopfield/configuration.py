"""Settings of the protocol ``hopfield``."""

from __future__ import annotations

from pydantic import Field

from spikingsampling.experiment.configuration import ProtocolConfiguration

__all__ = ["HopfieldConfiguration"]


class HopfieldConfiguration(ProtocolConfiguration):
    """Sizes, loads and noise of the networks that are measured."""

    repetitions: int = Field(3, ge=2, le=1000, description="networks per point, each with a seed of its own")
    sizes: tuple[int, ...] = Field((250, 1000, 2000), min_length=1, description="neurons, for the capacity")
    alphas: tuple[float, ...] = Field(
        (0.05, 0.08, 0.1, 0.12, 0.13, 0.138, 0.145, 0.15, 0.16, 0.18, 0.2),
        min_length=2,
        description="patterns per neuron",
    )
    neurons: int = Field(400, ge=20, le=20000, description="neurons of all other measurements")
    bit_alphas: tuple[float, ...] = Field(
        (0.09, 0.105, 0.138, 0.185, 0.25), min_length=2, description="α of the bit errors"
    )
    melting_temperatures: tuple[float, ...] = Field(
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2), min_length=2, description="T of two patterns"
    )
    phase_alphas: tuple[float, ...] = Field(
        (0.01, 0.03, 0.05, 0.08, 0.11, 0.14, 0.17), min_length=2, description="α"
    )
    phase_temperatures: tuple[float, ...] = Field(
        (0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2), min_length=2, description="T of the phase diagram"
    )
    phase_sweeps: int = Field(20, ge=2, le=10000, description="sweeps at each temperature")
    dreaming: int = Field(100, ge=20, le=2000, description="neurons of the network that unlearns")
    dreaming_alphas: tuple[float, ...] = Field(
        (0.3, 0.5), min_length=1, description="its patterns per neuron"
    )
    dreams: tuple[int, ...] = Field(
        (0, 5, 10, 14, 20, 30, 42, 60), min_length=2, description="dreams per neuron at which it is tested"
    )
    rate: float = Field(0.01, gt=0, le=1, description="λ of unlearning")
    correlations: tuple[float, ...] = Field(
        (0.0, 0.05, 0.1, 0.25, 0.5), min_length=2, description="of patterns"
    )
    held_alphas: tuple[float, ...] = Field(
        (0.05, 0.2, 0.4, 0.6, 0.8, 0.95), min_length=2, description="α of patterns with correlation 0.25"
    )
    temperatures: tuple[float, ...] = Field(
        (0.0, 0.3, 0.5, 0.7, 0.9), min_length=2, description="noise in recall"
    )
    flipped: tuple[float, ...] = Field(
        (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45), min_length=2, description="flips to be tolerated"
    )
    basin_alphas: tuple[float, ...] = Field(
        (0.02, 0.06, 0.1, 0.13), min_length=1, description="α of the basins"
    )
    struck: tuple[float, ...] = Field(
        (0.1, 0.3, 0.5, 0.7, 0.9), min_length=2, description="letters struck out"
    )
