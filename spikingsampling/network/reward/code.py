"""Reward-based synaptic sampling for the synapses of any Brian2 network, on neurons of any kind.

>>> code = synapse_code(RewardSampling(), reward="dopamine_post", rate="rho_post")
>>> synapses = brian2.Synapses(pre, post, code.model, on_pre=code.on_pre + "v_post += w", on_post=code.on_post)
>>> synapses.connect()
>>> synapses.theta = rng.normal(-0.5, 0.5, len(synapses))
>>> code.attach(synapses)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ParameterError
from ...units import Frequency
from . import equations as eq
from .rule import RewardSampling

if TYPE_CHECKING:
    import brian2

__all__ = ["RewardCode", "reward_code"]


@dataclass(frozen=True)
class RewardCode:
    """What ``brian2.Synapses`` takes: the weight is ``w``; add to ``on_pre`` what a spike does to its target.

    ``theta``, ``eligibility`` and ``gradient`` are θ, e and g (in s, or in steps). A synapse
    whose ``intact`` and ``w`` are set to 0 is lesioned.
    """

    model: str
    on_pre: str
    on_post: str
    rule: RewardSampling
    reward: str
    rate: str

    def attach(self, synapses: brian2.Synapses) -> None:
        """Set the constants of connected synapses, and let e and g act in every step and θ every ``update_period``.

        Call it once, when ``theta`` is set and before the network runs.

        Raises
        ------
        ParameterError
            The synapses are not connected yet, are not made of this code, or were attached before; the
            ``update_period`` is no multiple of the time step.
        """
        import brian2 as b2

        label, name = f"synapses = {synapses.name}", f"{synapses.name}_reward_update"
        if missing := {"theta", "w", "eligibility", "gradient", "g_step"} - set(synapses.variables):
            raise ParameterError(f"{label}: has no {min(missing)!r}; it must be made of this code's model")
        if any(member.name == name for member in synapses.contained_objects):
            raise ParameterError(f"{label}: is attached already; `anneal` changes b and T")
        rule, dt = self.rule, float(synapses.clock.dt)
        steps = rule.update_period / dt
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-6 * steps:
            raise ParameterError(
                f"update_period = {rule.update_period:g} s: must be a multiple of the time step, {dt:g} s"
            )
        try:
            synapses.intact = 1
        except TypeError:
            raise ParameterError(f"{label}: must be connected first") from None
        seconds = {"tau_fall": rule.tau_fall, "tau_rise": rule.tau_rise}
        seconds |= {"tau_e": rule.tau_eligibility, "tau_g": rule.tau_gradient}
        for constant, value in seconds.items():
            setattr(synapses, constant, value * b2.second)
        names = ("psp_scale", "reward_gain", "direct_gain", "gradient_cap")
        for constant in (*names, "w_0", "theta_0", "theta_floor", "theta_ceiling"):
            setattr(synapses, constant, getattr(rule, constant))
        synapses.g_step = dt if rule.accumulation == "integral" else 1.0
        self.anneal(synapses, rule.b, rule.temperature)
        synapses.w = "w_0*exp(theta - theta_0)*int(theta > 0)"
        traces = eq.TRACES.format(reward=self.reward, rate=self.rate)
        synapses.run_regularly(traces, when="before_thresholds", name=f"{synapses.name}_reward_traces")
        update = eq.UPDATE.format(reward=self.reward, prior=rule.prior.grad_log_density_code)
        synapses.run_regularly(update, dt=rule.update_period * b2.second, when="start", name=name)

    def anneal(self, synapses: brian2.Synapses, b: Frequency, temperature: float) -> None:
        """Change b and T, between two runs of the network.

        Raises
        ------
        ParameterError
            ``b`` or ``temperature`` is outside what the rule allows.
        """
        rule = self.rule.replace(b=b, temperature=temperature)
        b_time = rule.b * rule.update_period
        synapses.b_time = b_time
        synapses.noise = math.sqrt(2 * rule.temperature * b_time)


def reward_code(rule: RewardSampling, reward: str = "reward_post", rate: str = "rho_post") -> RewardCode:
    """The rule as code for ``brian2.Synapses``.

    Parameters
    ----------
    rule : RewardSampling
    reward : str
        Expression of the reward r, read before the thresholds: a variable of the neurons (``"reward_post"``), a number,
        or a ``TimedArray`` (``"r(t)"``). All names in it, also inside the equation of a variable, must be known to
        the synapses: give them to ``Network.run(namespace=…)``.
    rate : str
        Expression of the rate ρ from which the postsynaptic spikes of the step are drawn, in Hz: the chance of a spike
        over the time step. It is 1/dt at most; with more, z − ρ would not have mean zero, and g no gradient.

    Raises
    ------
    ParameterError
        ``reward`` or ``rate`` is not text.
    """
    for name, text in (("reward", reward), ("rate", rate)):
        if not isinstance(text, str) or not text.strip():
            raise ParameterError(f"{name} = {text!r}: must be a Brian2 expression, for example '{name}_post'")
    return RewardCode(eq.SYNAPSES, eq.ARRIVAL, eq.SPIKE, rule, reward, rate)
