"""Reward-based synaptic sampling with several potential synapses for each pair of neurons: traces once for each pair.

Between two steps of θ the weights w_k of a pair's synapses are constant. So, with e_k and g_k as they were at the last
step of θ, eligibility and gradient are now

- e_k D + w_k E, with dE/dt = −E/τ_e + y (z − ρ), from 0, and D = e^{−t/τ_e};
- g_k F + e_k B + w_k G, with dG/dt = −G/τ_g + r E and dB/dt = −B/τ_g + r D, from 0, and F = e^{−t/τ_g}.

E and G belong to the pair, D, B and F to the neuron. This is the rule of :mod:`spikingsampling.network.reward.code`
without any approximation; only the steps of θ know single synapses. Ten synapses of a pair cost little more than one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..._checks import whole_number
from ...units import Frequency
from .rule import RewardSampling

if TYPE_CHECKING:
    import brian2

__all__ = ["PairCode", "pair_code"]

_PAIR = """
eligible : 1
graded : 1
w : 1
intact : 1
n_synapses : 1
b_time : 1 (shared)
noise : 1 (shared)
"""
_SYNAPSE = "theta_{k} : 1\nweight_{k} : 1\neligibility_{k} : 1\ngradient_{k} : 1\n"
#: What the postsynaptic neurons need: D, F and B of the equations above, the rate of the step, and the reward.
_POST = "lasting : 1\nfading : 1\nblend : 1\nrate : Hz\nreward : 1\n"
_PRE = "trace_fall : 1\ntrace_rise : 1\ntrace : 1\n"


@dataclass(frozen=True)
class PairCode:
    """What ``brian2.Synapses`` with one entry for each pair, and its neurons, take.

    Attributes
    ----------
    model : str
        ``theta_0``, ``theta_1`` ... are θ; the first ``n_synapses`` of each pair exist. ``w`` sums their weights,
        ``weight_0`` ...
    pre, post : str
        Variables of the neurons at either end. ``reward`` and ``rate`` (ρ of the step) are to be set by the user.
    on_arrival : str
        What a spike does to the presynaptic neuron, in its reset.
    on_post : str
    """

    rule: RewardSampling
    n_potential: int
    dt: float

    model = property(lambda self: _PAIR + "".join(_SYNAPSE.format(k=k) for k in range(self.n_potential)))
    pre, post = _PRE, _POST
    on_arrival, on_post = "trace_fall += 1\ntrace_rise += 1\n", "eligible += trace_pre\n"

    @property
    def _g_step(self) -> float:
        return self.dt if self.rule.accumulation == "integral" else 1.0

    def attach_pre(self, neurons: brian2.NeuronGroup) -> None:
        """Let the PSPs of presynaptic neurons decay."""
        r, dt = self.rule, self.dt
        code = (
            f"trace_fall = trace_fall*{math.exp(-dt / r.tau_fall)!r}\n"
            f"trace_rise = trace_rise*{math.exp(-dt / r.tau_rise)!r}\n"
            f"trace = {r.psp_scale!r}*(trace_fall - trace_rise)"
        )
        neurons.run_regularly(code, when="before_thresholds", order=-2, name=f"{neurons.name}_psps")

    def attach_post(self, neurons: brian2.NeuronGroup) -> None:
        """Let D, F and B of postsynaptic neurons run, and begin anew at each step of θ."""
        import brian2 as b2

        r, dt = self.rule, self.dt
        keep_e, keep_g = math.exp(-dt / r.tau_eligibility), math.exp(-dt / r.tau_gradient)
        code = (
            f"blend = blend*{keep_g!r} + {self._g_step!r}*reward*lasting\n"
            f"lasting = lasting*{keep_e!r}\nfading = fading*{keep_g!r}"
        )
        neurons.run_regularly(code, when="before_thresholds", order=-1, name=f"{neurons.name}_since")
        anew = "blend = 0\nlasting = 1\nfading = 1"
        period = r.update_period * b2.second
        neurons.run_regularly(
            anew, dt=period, when="start", order=2 + self.n_potential, name=f"{neurons.name}_anew"
        )

    def attach(self, pairs: brian2.Synapses) -> None:
        """Let traces run in every step, and θ every ``update_period``."""
        import brian2 as b2

        r, dt = self.rule, self.dt
        traces = (
            f"graded = graded*{math.exp(-dt / r.tau_gradient)!r} + {self._g_step!r}*reward_post*eligible\n"
            f"eligible = eligible*{math.exp(-dt / r.tau_eligibility)!r} - trace_pre*rate_post*{dt!r}*second"
        )
        pairs.run_regularly(traces, when="before_thresholds", order=0, name=f"{pairs.name}_traces")
        period = r.update_period * b2.second
        # One short loop for each k: the compiler makes vectors of it.
        for k in range(self.n_potential):
            name = f"{pairs.name}_update_{k}"
            pairs.run_regularly(self._update(k), dt=period, when="start", order=1 + k, name=name)
        names = {"order": 1 + self.n_potential, "name": f"{pairs.name}_anew"}
        pairs.run_regularly("eligible = 0\ngraded = 0", dt=period, when="start", **names)

    def _update(self, k: int) -> str:
        r = self.rule
        theta, e, g, weight = f"theta_{k}", f"eligibility_{k}", f"gradient_{k}", f"weight_{k}"
        there = f"{r.w_0!r}*exp({theta} - {r.theta_0!r})*int({theta} > 0)*int(n_synapses > {k})*intact"
        lines = [
            f"{g} = {g}*fading_post + {e}*blend_post + {weight}*graded",
            f"{e} = {e}*lasting_post + {weight}*eligible",
            f"drive = clip({r.reward_gain!r}*{g} + {r.direct_gain!r}*reward_post*{e}, "
            f"-{r.gradient_cap!r}, {r.gradient_cap!r})",
            f"theta = {theta}",
            f"{theta} = clip(theta + b_time*(({r.prior.grad_log_density_code}) + drive) + noise*randn(), "
            f"{r.theta_floor!r}, {r.theta_ceiling!r})",
            f"{weight} = {there}",
            f"{e} = {e}*int({weight} > 0)",
            f"{g} = {g}*int({weight} > 0)",
            f"w = {weight}" if k == 0 else f"w += {weight}",
        ]
        return "\n".join(lines)

    def constants(self, b: Frequency, temperature: float) -> dict[str, float]:
        """``b_time`` and ``noise`` of pairs, for a b (1/s) and T."""
        rule = self.rule.replace(b=b, temperature=temperature)
        b_time = rule.b * rule.update_period
        return {"b_time": b_time, "noise": math.sqrt(2 * rule.temperature * b_time)}


def pair_code(rule: RewardSampling, n_potential: int, dt: float = 1e-3) -> PairCode:
    """The rule for pairs of neurons with up to ``n_potential`` synapses each, at a time step ``dt`` (s).

    Raises
    ------
    ParameterError
        ``n_potential`` is no whole number from 1.
    """
    return PairCode(rule, whole_number("n_potential", n_potential), dt)
