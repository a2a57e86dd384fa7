"""Settings of the protocol ``plasticity_rules``: how synapses are stimulated, and what rate-based rules are shown."""

from __future__ import annotations

from pydantic import Field

from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Frequency, Number, Time

__all__ = ["RateExperiments", "SpikingExperiments"]


class SpikingExperiments(Parameters):
    """Protocols of stimulation."""

    n_pairs: int = Field(
        60, ge=2, le=10_000, description="pairs of spikes (Bi & Poo 1998; Sjöström et al. 2001)"
    )
    window_rate: Frequency = quantity(
        "1 Hz", "rate of the pairs of the window", low="0.01 Hz", high="2 Hz", dimension="frequency"
    )
    pairing_rates: tuple[Frequency, ...] = Field(
        ("0.1 Hz", "5 Hz", "10 Hz", "15 Hz", "20 Hz", "25 Hz", "30 Hz", "35 Hz", "40 Hz", "45 Hz", "50 Hz"),
        min_length=2,
        validate_default=True,
        description="rates of pairs 10 ms apart; those of the data are always among them",
    )
    lag: Time = quantity(
        "10 ms", "time between the spikes of a pair", low="1 ms", high="10 ms", dimension="time"
    )
    n_pulses: int = Field(
        900, ge=10, le=100_000, description="presynaptic spikes of a train (Dudek & Bear 1992)"
    )
    pulse_rates: tuple[Frequency, ...] = Field(
        ("1 Hz", "3 Hz", "5 Hz", "7 Hz", "10 Hz", "15 Hz", "20 Hz", "30 Hz", "50 Hz", "100 Hz"),
        min_length=2,
        validate_default=True,
        description="rates of presynaptic trains (Dudek & Bear 1992)",
    )
    post_ratio: Number = quantity(1.0, "postsynaptic over presynaptic rate in a train", above=0, high=100)
    repetitions: int = Field(40, ge=2, le=10_000, description="pairs of Poisson trains of each rate")


class RateExperiments(Parameters):
    """What is shown to rate-based rules."""

    n_pulses: int = Field(
        900, ge=10, le=100_000, description="presynaptic pulses of a train (Dudek & Bear 1992)"
    )
    pulse_rates: tuple[Frequency, ...] = Field(
        ("1 Hz", "3 Hz", "5 Hz", "10 Hz", "20 Hz", "30 Hz", "50 Hz", "100 Hz"),
        min_length=2,
        validate_default=True,
        description="rates of presynaptic trains (Dudek & Bear 1992)",
    )
    thresholds: tuple[Frequency, ...] = Field(
        ("10 Hz", "5 Hz", "20 Hz"),
        min_length=1,
        validate_default=True,
        description="thresholds θ_v of BCM during a train; the first is compared with the triplet rules",
    )
    pulse_learning_rate: Number = quantity(
        1e-6, "η of BCM: a pulse changes w by η v (v − θ)/θ²", above=0, high=1e-3
    )
    n_points: int = Field(1000, ge=10, le=1_000_000, description="points of the cloud (lecture 003)")
    learning_rate: Number = quantity(0.1, "η of Oja, Sanger and Hebb (lecture 003)", above=0, high=1)
    passes: int = Field(
        20, ge=2, le=10_000, description="clouds shown in each repetition, and passes of the lecture's"
    )
    n_patterns: int = Field(6, ge=2, le=100, description="patterns shown to BCM, and inputs")
    pattern_width: Number = quantity(0.6, "width of a pattern, in inputs", above=0, high=2)
    bcm_learning_rate: Number = quantity(2e-3, "η of BCM with patterns", above=0, high=0.1)
    tau_theta: Number = quantity(50.0, "time constant of the sliding threshold, in patterns", low=1, high=1e6)
    presentations: int = Field(30_000, ge=100, le=10_000_000, description="patterns shown to BCM")
    repetitions: int = Field(10, ge=2, le=10_000, description="clouds and sequences of patterns drawn")
