"""The stochastic neuron of reward-based synaptic sampling. Nothing here imports Brian2."""

from __future__ import annotations

from typing import ClassVar

from pydantic import model_validator

from ...parameters import Parameters, quantity
from ...units import Frequency, Number, Time
from .rule import SPORE, RewardSampling

__all__ = ["StochasticNeuron"]


class StochasticNeuron(Parameters):
    """A neuron that fires at the rate e^{u − ϑ} Hz, u = bias + Σ w y, in a dead time at 0.

    ϑ rises by ``adaptation`` at each spike and falls by ``adaptation`` times ``target_rate`` in between (Kappel et al.,
    eNeuro 2018), which holds the rate near the target. There is no reset. The defaults are SPORE's.

    A time step has a spike with the chance 1 − exp(−e^{u − ϑ} dt), as in SPORE. ρ is that chance over dt: so z − ρ has
    mean zero in every step, at rates of more than 1/dt, too.
    """

    bias: Number = quantity(-3.0, "constant current", low=-100, high=100, source=f"{SPORE} (I_e)")
    dead_time: Time = quantity(
        "5 ms", "time without spikes after a spike", low="0 ms", high="1 s", source=SPORE, dimension="time"
    )
    adaptation: Number = quantity(0.1, "rise of ϑ at a spike", low=0, high=100, source=SPORE)
    target_rate: Frequency = quantity(
        "5 Hz", "rate at which ϑ stays", low="0 Hz", high="1 kHz", source=SPORE, dimension="frequency"
    )

    inhibition_fall: Time = quantity(
        "10 ms", "decay time of an inhibitory PSP", low="0.1 ms", high="1 s", source=SPORE, dimension="time"
    )
    inhibition_rise: Time = quantity(
        "1 ms", "rise time of an inhibitory PSP", low="0.01 ms", high="1 s", source=SPORE, dimension="time"
    )

    @model_validator(mode="after")
    def _check(self) -> StochasticNeuron:
        if not self.inhibition_rise < self.inhibition_fall:
            raise ValueError(
                f"inhibition_rise = {self.inhibition_rise:g} s: must be less than "
                f"inhibition_fall = {self.inhibition_fall:g} s"
            )
        return self

    threshold: ClassVar[str] = "rand() < rho*dt"

    def equations(self, rule: RewardSampling, *, inhibited: bool = False) -> str:
        """Brian2 equations of ``u`` and ``rho``, with the PSPs of a rule.

        A presynaptic spike adds w to ``psp_fall`` and ``psp_rise``: :attr:`on_pre`. With ``inhibited``, one of an
        inhibitory neuron adds w < 0 to ``inhibition_fall`` and ``inhibition_rise``: :attr:`on_inhibition`.
        """
        fall, rise = self.inhibition_fall, self.inhibition_rise
        scale = (rise if rule.psp == "published" else fall) / (fall - rise)
        inhibition = f" + {scale!r}*(inhibition_fall - inhibition_rise)" if inhibited else ""
        its_psp = f"""
dinhibition_fall/dt = -inhibition_fall/({fall!r}*second) : 1
dinhibition_rise/dt = -inhibition_rise/({rise!r}*second) : 1
"""
        return f"""
dpsp_fall/dt = -psp_fall/({rule.tau_fall!r}*second) : 1
dpsp_rise/dt = -psp_rise/({rule.tau_rise!r}*second) : 1
spiked : 1
adapted = {self.adaptation!r}*(spiked - {self.target_rate!r}*Hz*t) : 1
u = {self.bias!r} + {rule.psp_scale!r}*(psp_fall - psp_rise){inhibition} : 1
rho = (1 - exp(-exp(u - adapted)*dt*Hz))/dt*int(not_refractory) : Hz
""" + (its_psp if inhibited else "")

    #: What a spike does to its neuron.
    reset: ClassVar[str] = "spiked += 1"
    #: What a presynaptic spike does; it follows the code of the rule.
    on_pre: ClassVar[str] = """
psp_fall_post += w
psp_rise_post += w
"""

    #: What a spike of an inhibitory neuron does.
    on_inhibition: ClassVar[str] = """
inhibition_fall_post += w
inhibition_rise_post += w
"""

    @property
    def refractory(self) -> str:
        """The dead time, for ``brian2.NeuronGroup``."""
        return f"{self.dead_time!r}*second"
