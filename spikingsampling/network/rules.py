"""How the synapses of a network learn: by synaptic sampling, or by spike-timing-dependent plasticity.

A rule supplies the synapses' part of the model as Brian2 equation strings; all else (PSPs, circuits, adaptation, delay)
is the same for all rules, and so is the state that is carried from segment to segment: every potential synapse has a
parameter θ, is active while θ > 0, and then has the weight e^{θ−θ0} − e^{−θ0} on the membrane.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from ..errors import ParameterError
from ..parameters import quantity
from ..units import Number, plain_text
from . import equations as eq
from .parameters import CircuitParameters
from .plasticity import PairSTDP
from .stdp import equations as stdp

__all__ = [
    "LEARNING_MODES",
    "Learning",
    "RuleCode",
    "STDPRule",
    "SamplingRule",
    "SynapseRule",
    "membrane_weight",
    "on_membrane",
    "rule_weight",
]

Array = NDArray[np.float64]
Learning = Literal["sampling", "map", "likelihood", "off"]
LEARNING_MODES: tuple[Learning, ...] = ("sampling", "map", "likelihood", "off")


def rule_weight(theta: ArrayLike, theta_0: float) -> Array:
    """w = e^{θ−θ0}, the weight in the learning rule; of the shape of ``theta``."""
    return np.exp(_real(theta) - theta_0)


def on_membrane(weight: ArrayLike, theta_0: float) -> Array:
    """max(0, w − e^{−θ0}), what a weight of the rule adds to a PSP: 0 where the synapse is retracted (θ ≤ 0)."""
    return np.maximum(0.0, _real(weight) - np.exp(-theta_0))


def membrane_weight(theta: ArrayLike, theta_0: float) -> Array:
    """max(0, e^{θ−θ0} − e^{−θ0}), the weight on the membrane; of the shape of ``theta``."""
    return on_membrane(rule_weight(theta, theta_0), theta_0)


def _real(values: ArrayLike) -> NDArray[np.floating]:
    """Floats as they are; integers as doubles, since in their own type arithmetic wraps round or loses digits."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(float)


@dataclass(frozen=True)
class RuleCode:
    """A rule as Brian2 code. The repr of a NumPy number in it is written as the number alone.

    Attributes
    ----------
    synapses, on_pre, on_post
        Equations of the synapses and what they do at a spike of either neuron; ``on_post`` not where learning is off.
    learnt
        The synapses' variable that holds what they have learnt.
    every_update
        What all synapses do every ``update_period``; nothing when empty.
    on_draw
        What the synapses of a neuron add up to its ``psp`` when its circuit fires, where PSPs are ``immediate``. When
        empty, ``on_pre`` adds to ``psp_fall`` and ``psp_rise`` of the neuron, and PSPs are ``kept``.
    weigh
        What the synapses of a neuron add up to its ``mass`` whenever one of them may have changed; nothing when empty.
    pre, pre_spike, pre_rescale
        Added to the equations of inputs and axons, to what their spikes do, and to what they do when the common origin
        of their traces moves.
    post, post_spike
        Added to the equations of the neurons and to what their spikes do.
    post_each
        Added to the equations of the neurons for each pathway of synapses. In this, and in what the synapses do, the
        name of the pathway stands for ``{pathway}``.
    pre_traces, post_traces
        The variables among these that are carried from segment to segment.
    """

    synapses: str
    on_pre: str
    on_post: str
    learnt: str
    every_update: str = ""
    on_draw: str = ""
    weigh: str = ""
    pre: str = ""
    pre_spike: str = ""
    pre_rescale: str = ""
    post: str = ""
    post_spike: str = ""
    post_each: str = ""
    pre_traces: tuple[str, ...] = ()
    post_traces: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            if isinstance(text := getattr(self, field.name), str):
                object.__setattr__(self, field.name, plain_text(text))


class SynapseRule(Protocol):
    """A learning rule of all synapses of a network."""

    #: The :class:`~spikingsampling.network.parameters.SynapseConstants` that projections may have of their own.
    own_constants: tuple[str, ...]

    def code(self, parameters: CircuitParameters) -> RuleCode:
        """The Brian2 code; all that is compiled in."""
        ...

    def begin(self, theta: Array, parameters: CircuitParameters) -> Array:
        """θ of a new network, from a draw of the prior."""
        ...

    def constants(
        self, parameters: CircuitParameters, learning: Learning, update_period: float
    ) -> dict[str, dict[str, float]]:
        """Shared variables of the ``synapses``, and of the neurons ``pre`` and ``post`` of them, in SI units.

        Raises
        ------
        ParameterError
            The rule has no such mode of learning.
        """
        ...

    def variables(self, theta: Array, intact: Array, parameters: CircuitParameters) -> dict[str, Array]:
        """The synapses' variables at the start of a segment."""
        ...

    def theta(self, learnt: Array, parameters: CircuitParameters) -> Array:
        """θ from the variable that holds what has been learnt, at the end of a segment."""
        ...


@dataclass(frozen=True)
class SamplingRule:
    """Synaptic sampling (Kappel et al., NIPS 2015 and PLOS Comput Biol 2015); its constants are the network's."""

    own_constants = ("gain", "alpha", "n_examples")

    def code(self, parameters: CircuitParameters) -> RuleCode:
        """The Brian2 code; compiled in are the form of the prior, ``psp``, and whether there is a normaliser."""
        normalised, kept = parameters.normaliser, parameters.psp == "kept"
        return RuleCode(
            eq.SYNAPSES,
            (eq.NORMALISED_PSP if normalised else eq.PSP) if kept else "",
            eq.READ_TRACE + eq.LEARN,
            "theta",
            eq.prior_step(parameters.prior),
            "" if kept else eq.NORMALISED_SUM if normalised else eq.SUM,
            weigh=eq.WEIGH if normalised else "",
            post=eq.STALE if normalised else "",
            post_each=eq.NORMALISER if normalised else "",
        )

    def begin(self, theta: Array, parameters: CircuitParameters) -> Array:
        """θ as drawn from the prior, as in the authors' code for experiment 4."""
        return theta

    def constants(
        self, parameters: CircuitParameters, learning: Learning, update_period: float
    ) -> dict[str, dict[str, float]]:
        """The constants of the rule and the strength of its three terms in a mode of learning."""
        p, rate_time = parameters, parameters.b * update_period
        on = {"sampling": (1, 1, 1), "map": (1, 1, 0), "likelihood": (1, 0, 0), "off": (0, 0, 0)}
        if learning not in on:
            raise ParameterError(f"learning = {learning!r}: must be one of {', '.join(on)}")
        likelihood, prior, noise = on[learning]
        synapses = {name: getattr(p, name) for name in ("alpha", "alpha_cap", "theta_0", "theta_floor")} | {
            "likelihood_gain": likelihood * p.n_examples * p.b,
            "prior_gain": prior * rate_time,
            "noise": noise * eq.noise_of(p.prior, rate_time, p.temperature),
            "learns_above": -1e300 if p.retracted_learn else 0.0,
            "gain": 1.0,
        }
        return {"synapses": synapses, "pre": {}, "post": {}}

    def variables(self, theta: Array, intact: Array, parameters: CircuitParameters) -> dict[str, Array]:
        """θ, and the weight e^{θ−θ0}."""
        return {"theta": theta, "weight": intact * rule_weight(theta, parameters.theta_0)}

    def theta(self, learnt: Array, parameters: CircuitParameters) -> Array:
        """θ itself."""
        return learnt


class STDPRule(PairSTDP):
    """Pair STDP of the weight w = e^{θ−θ0} − e^{−θ0} on the membrane, which stays in 0 … ``w_max``.

    A pair of spikes changes w by +A2+ e^{−Δt/τ+} or −A2− e^{−|Δt|/τ−} times a factor. With ``hard`` bounds it is w_max
    (Song, Miller & Abbott 2000); with ``soft`` ones it is w_max − w or w (van Rossum, Bi & Turrigiano 2000; Gütig et
    al. 2003, μ = 1). A synapse at w = 0 has θ = 0 and counts as retracted; potentiation makes it active again. There is
    neither prior nor noise: the modes of learning are ``likelihood`` and ``off``. The presynaptic spike counts when it
    arrives, after the lateral delay. Spikes in the same step do not pair.
    """

    a2_plus: Number = quantity(0.005, "potentiation A2+ of a pair, in units of w_max", low=0, high=1)
    a2_minus: Number = quantity(0.0025, "depression A2− of a pair, in units of w_max", low=0, high=1)
    w_max: Number = quantity(1.0, "largest weight on the membrane", above=0, high=100)
    bounds: Literal["hard", "soft"] = Field("hard", description="how the bounds of the weight act")

    own_constants: ClassVar[tuple[str, ...]] = ("gain",)

    def code(self, parameters: CircuitParameters) -> RuleCode:
        """The Brian2 code; pairing, bounds and ``psp`` are compiled in."""
        if parameters.normaliser:
            raise ParameterError(
                "normaliser = True: must be False with STDP, whose weights are no log-probabilities"
            )
        step = "=" if self.pairing == "nearest" else "+="
        hard, kept = self.bounds == "hard", parameters.psp == "kept"
        depress = stdp.DEPRESS.format(depressed="w_max" if hard else "w")
        return RuleCode(
            stdp.SYNAPSES,
            stdp.PSP + depress if kept else depress,
            stdp.POTENTIATE.format(potentiated="w_max" if hard else "(w_max - w)"),
            "w",
            on_draw="" if kept else stdp.SUM,
            pre=stdp.PRE,
            pre_spike=f"\nr_plus {step} exp((t - origin)/tau_plus)\n",
            pre_rescale=stdp.PRE_RESCALE,
            post=stdp.POST,
            post_spike=f"\no_minus {step} 1\n",
            pre_traces=("r_plus",),
            post_traces=("o_minus",),
        )

    def begin(self, theta: Array, parameters: CircuitParameters) -> Array:
        """θ within the bounds of the weight: retracted synapses begin at θ = 0."""
        return np.clip(theta, 0.0, np.log1p(self.w_max * np.exp(parameters.theta_0)))

    def constants(
        self, parameters: CircuitParameters, learning: Learning, update_period: float
    ) -> dict[str, dict[str, float]]:
        """The constants of the rule; amplitudes are 0 where learning is off."""
        on = {"likelihood": 1.0, "off": 0.0}
        if learning not in on:
            raise ParameterError(
                f"learning = {learning!r}: must be one of {', '.join(on)}, as STDP has no prior and no noise"
            )
        gain = on[learning]
        synapses = {
            "a_plus": gain * self.a2_plus,
            "a_minus": gain * self.a2_minus,
            "w_max": self.w_max,
            "gain": 1.0,
        }
        return {
            "synapses": synapses,
            "pre": {"tau_plus": self.tau_plus},
            "post": {"tau_minus": self.tau_minus},
        }

    def variables(self, theta: Array, intact: Array, parameters: CircuitParameters) -> dict[str, Array]:
        """The weight on the membrane; exactly 0 at θ = 0."""
        return {"w": np.expm1(theta) * np.exp(-parameters.theta_0)}

    def theta(self, learnt: Array, parameters: CircuitParameters) -> Array:
        """θ of a weight on the membrane; exactly 0 at 0."""
        return np.log1p(learnt * np.exp(parameters.theta_0))
