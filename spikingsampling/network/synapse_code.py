"""Learning rules as code for the synapses of any Brian2 network, on neurons of any kind.

>>> code = synapse_code(SamplingRule(), CircuitParameters(temperature=0.5))
>>> synapses = brian2.Synapses(pre, post, code.model, on_pre=code.on_pre + "v_post += w", on_post=code.on_post)
>>> synapses.connect()
>>> synapses.theta = prior.sample(rng, len(synapses))
>>> code.attach(synapses)

The equations are those of the circuits (:mod:`spikingsampling.network.equations`). There a presynaptic trace belongs to
the neuron and is read by all its synapses; here neurons are the user's, and each synapse keeps its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from .._checks import finite_number, positive_time
from ..errors import ParameterError
from ..units import Time
from . import equations as eq
from .parameters import CircuitParameters
from .plasticity import PairSTDP, TripletSTDP
from .reward.code import RewardCode, reward_code
from .reward.rule import RewardSampling
from .rules import Learning, SamplingRule, STDPRule

if TYPE_CHECKING:
    import brian2

__all__ = ["SamplingCode", "SynapseCode", "synapse_code"]

# x(t) = Σ e^{−(t−s)/τ_f} − e^{−(t−s)/τ_r} over past spikes s: only spikes cost anything.
_TRACE = """
dx_fall/dt = -x_fall/tau_fall : 1 (event-driven)
dx_rise/dt = -x_rise/tau_rise : 1 (event-driven)
tau_fall : second (shared, constant)
tau_rise : second (shared, constant)
w = gain*(weight - exp(-theta_0))*int(weight > exp(-theta_0)) : 1
"""
_TRACE_SPIKE = """
x_fall += 1
x_rise += 1
"""
_READ_TRACE = """
x = x_fall - x_rise
"""


@dataclass(frozen=True)
class SynapseCode:
    """What ``brian2.Synapses`` takes: the weight is ``w``; add to ``on_pre`` what a spike does to its target."""

    model: str
    on_pre: str
    on_post: str


@dataclass(frozen=True)
class SamplingCode(SynapseCode):
    """Synaptic sampling for ``brian2.Synapses``.

    The synapses' parameter is ``theta``; ``w`` = max(0, e^{θ−θ0} − e^{−θ0}) is the weight on the membrane, to be read
    only (a ``gain`` other than 1 multiplies it), and ``weight`` the e^{θ−θ0} of the rule. A synapse whose ``intact``
    and ``weight`` are set to 0 is lesioned.
    """

    parameters: CircuitParameters
    learning: Learning
    update_period: float
    rule: SamplingRule = field(default_factory=SamplingRule)

    def attach(self, synapses: brian2.Synapses) -> None:
        """Set the constants of connected synapses, and let prior and noise act every ``update_period``.

        Call it once, when ``theta`` is set and before the network runs.

        Raises
        ------
        ParameterError
            The synapses are not connected yet, are not made of this code, or were attached before.
        """
        import brian2 as b2

        label, name = f"synapses = {synapses.name}", f"{synapses.name}_prior_and_noise"
        if missing := {"theta", "weight", "x_fall", "prior_gain"} - set(synapses.variables):
            raise ParameterError(f"{label}: has no {min(missing)!r}; it must be made of this code's model")
        if any(member.name == name for member in synapses.contained_objects):
            raise ParameterError(f"{label}: is attached already; `learn` changes its mode")
        try:
            synapses.intact = 1
        except TypeError:
            raise ParameterError(f"{label}: must be connected first") from None
        # A PSP in the step of a learning step carries the learnt weight, as in the circuits.
        synapses.post.order = synapses.pre.order - 1
        p = self.parameters
        synapses.tau_fall, synapses.tau_rise = p.tau_fall * b2.second, p.tau_rise * b2.second
        self.learn(synapses, self.learning)
        synapses.weight = "exp(theta - theta_0)"
        period = self.update_period * b2.second
        synapses.run_regularly(eq.prior_step(p.prior), dt=period, when="start", name=name)

    def learn(self, synapses: brian2.Synapses, learning: Learning) -> None:
        """Change the mode of learning, between two runs of the network.

        Raises
        ------
        ParameterError
            The rule has no such mode.
        """
        constants = self.rule.constants(self.parameters, learning, self.update_period)["synapses"]
        for name, value in constants.items():
            setattr(synapses, name, value)


@overload
def synapse_code(rule: PairSTDP, *, bounds: tuple[float, float] | None = None) -> SynapseCode: ...
@overload
def synapse_code(
    rule: SamplingRule,
    parameters: CircuitParameters | None = None,
    *,
    learning: Learning = "sampling",
    update_period: Time = 1.0,
) -> SamplingCode: ...
@overload
def synapse_code(rule: RewardSampling, *, reward: str = ..., rate: str = ...) -> RewardCode: ...
def synapse_code(
    rule: PairSTDP | SamplingRule | RewardSampling,
    parameters: CircuitParameters | None = None,
    *,
    learning: Learning = "sampling",
    update_period: Time = 1.0,
    bounds: tuple[float, float] | None = None,
    reward: str | None = None,
    rate: str | None = None,
) -> SynapseCode | RewardCode:
    """A rule as code for ``brian2.Synapses(pre, post, code.model, on_pre=code.on_pre, on_post=code.on_post)``.

    All traces are event-driven: only spikes cost anything. Synaptic sampling needs ``code.attach(synapses)``, too. With
    STDP, spikes of both neurons in the same step pair as pre before post: Brian2 executes that first.

    Parameters
    ----------
    rule : SamplingRule, PairSTDP, TripletSTDP or RewardSampling
    parameters : CircuitParameters, optional
        Constants of synaptic sampling: τ_f, τ_r, b, N, α, θ0, T and the prior. Those of neurons have no meaning here.
    learning : {"sampling", "map", "likelihood", "off"}
        ``map`` is without noise, ``likelihood`` without noise and prior.
    update_period : float or str
        Time between two steps of prior and noise (s).
    bounds : (low, high), optional
        Clip the weight of an STDP rule.
    reward, rate : str
        Brian2 expressions for reward-based sampling: the reward, and the rate of the postsynaptic neuron in Hz;
        ``reward_post`` and ``rho_post`` when None (:func:`.reward_code`). It needs ``code.attach(synapses)``, too, and
        steps e and g in every time step.

    Raises
    ------
    ParameterError
        An unknown rule or mode, ``bounds`` that do not rise, arguments that are not for this rule, or b times
        ``update_period`` above 1e-3.
    """
    if isinstance(rule, RewardSampling):
        if parameters is not None or bounds is not None or (learning, update_period) != ("sampling", 1.0):
            raise ParameterError(
                "parameters, learning, update_period, bounds: are not for reward-based sampling; its rule holds its own"
            )
        return reward_code(rule, reward or "reward_post", rate or "rho_post")
    if reward is not None or rate is not None:
        raise ParameterError(f"reward = {reward!r}, rate = {rate!r}: are for reward-based sampling")
    if isinstance(rule, SamplingRule):
        return _sampling(rule, parameters or CircuitParameters(), learning, update_period, bounds)
    if isinstance(rule, STDPRule):
        raise ParameterError(
            f"rule = {rule!r}: is for circuits; outside them use PairSTDP with bounds = (0, {rule.w_max:g})"
        )
    if not isinstance(rule, PairSTDP):
        raise ParameterError(
            f"rule = {rule!r}: must be a SamplingRule, PairSTDP or TripletSTDP, or RewardSampling"
        )
    if parameters is not None:
        raise ParameterError("parameters: are for synaptic sampling; an STDP rule holds its own")
    return _stdp(rule, bounds)


def _sampling(
    rule: SamplingRule,
    parameters: CircuitParameters,
    learning: Learning,
    update_period: Time,
    bounds: tuple[float, float] | None,
) -> SamplingCode:
    if bounds is not None:
        raise ParameterError(f"bounds = {bounds!r}: are for STDP; synaptic sampling has theta_floor")
    if parameters.normaliser:
        raise ParameterError("normaliser = True: must be False here, the potential is that of circuits")
    period = positive_time("update_period", update_period)
    if parameters.b * period > 1e-3:
        raise ParameterError(
            f"update_period = {period:g} s: b times it is {parameters.b * period:g} and must be at most 1e-3"
        )
    rule.constants(parameters, learning, period)  # an unknown mode is told here
    code = rule.code(parameters)
    return SamplingCode(
        code.synapses + _TRACE, _TRACE_SPIKE, _READ_TRACE + eq.LEARN, parameters, learning, period, rule
    )


def _stdp(rule: PairSTDP, bounds: tuple[float, float] | None) -> SynapseCode:
    """The numbers are written into the code, so that it needs no names from outside."""
    triplet = isinstance(rule, TripletSTDP)
    if bounds is not None:
        low, high = (finite_number("bounds", bound) for bound in bounds)
        if not low < high:
            raise ParameterError(f"bounds = {bounds!r}: must be (low, high) with low below high")
        bounds = low, high
    taus = {"r1": rule.tau_plus, "o1": rule.tau_minus}
    up, down = f"r1*{rule.a2_plus!r}", f"o1*{rule.a2_minus!r}"
    if isinstance(rule, TripletSTDP):
        taus |= {"r2": rule.tau_x, "o2": rule.tau_y}
        up = f"r1*({rule.a2_plus!r} + {rule.a3_plus!r}*o2)"
        down = f"o1*({rule.a2_minus!r} + {rule.a3_minus!r}*r2)"
    model = ["w : 1", *(f"d{x}/dt = -{x}/({tau!r}*second) : 1 (event-driven)" for x, tau in taus.items())]

    def at_spike(change: str, traces: tuple[str, ...]) -> str:
        new = f"w {change}" if bounds is None else f"clip(w {change}, {bounds[0]!r}, {bounds[1]!r})"
        step = " = 1" if rule.pairing == "nearest" else " += 1"
        return "\n".join([f"w = {new}", *(trace + step for trace in traces)])

    before, after = (("r1", "r2"), ("o1", "o2")) if triplet else (("r1",), ("o1",))
    return SynapseCode("\n".join(model), at_spike(f"- {down}", before), at_spike(f"+ {up}", after))
