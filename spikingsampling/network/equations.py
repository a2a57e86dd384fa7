"""The model as Brian2 equation strings. Read this module beside the paper; nothing here imports Brian2.

Symbols are those of Kappel et al., NIPS 2015 and PLOS Comput Biol 2015. Every constant is a ``shared`` variable of its
group, so that one compiled program serves all parameter values. All spike times lie on the grid of the time step.

How a step at time t goes (the names in brackets are Brian2's scheduling slots):

1. [start] at a frame border inputs get new rates; every ``update_period`` prior and noise move θ;
2. [groups] PSPs and adaptation decay to t, so u(t) holds the input spikes strictly before t;
3. [after_groups] the Poisson clock of each circuit decides whether the circuit fires at t;
4. [before_thresholds] immediate PSPs are added up for the neurons of a firing circuit, which draw their keys;
   [thresholds] the largest key wins;
5. [synapses] the winner's row of synapses learns, unless learning is off; rows that changed are weighed, where there is
   a normaliser (immediate: before PSPs are added up); kept PSPs and delayed spikes of this step arrive;
6. [resets] traces of the inputs and the adaptation of the winner take their spikes.
"""

from __future__ import annotations

from ..inference.priors import GaussianPrior, Prior

__all__ = [
    "ADVANCE_ORIGIN",
    "ARRIVAL",
    "ASKED",
    "ASKED_RESET",
    "AXONS",
    "AXON_RESET",
    "AXON_THRESHOLD",
    "CIRCUITS",
    "CIRCUIT_RESET",
    "CIRCUIT_THRESHOLD",
    "DRAW",
    "IMMEDIATE_PSP",
    "INPUTS",
    "INPUT_RESET",
    "INPUT_THRESHOLD",
    "KEPT_PSP",
    "LEARN",
    "NEURONS",
    "NEURON_LEARNS",
    "NEURON_RESET",
    "NEURON_THRESHOLD",
    "NEXT_FRAME",
    "NORMALISED_PSP",
    "NORMALISED_SUM",
    "NORMALISER",
    "PSP",
    "READ_TRACE",
    "ROW_ASKED",
    "ROW_CHANGED",
    "ROW_LEARNT",
    "STALE",
    "SUM",
    "SYNAPSES",
    "WEIGH",
    "WEIGHED",
    "WEIGH_ANEW",
    "prior_step",
]

# A presynaptic trace x(t) = Σ e^{−(t−s)/τ_f} − e^{−(t−s)/τ_r} over past spikes s. It is kept as two sums scaled to a
# common time origin, so that nothing decays from step to step: only a spike and a reader cost anything.
TRACE = """
x_fall : 1
x_rise : 1
origin : second (shared)
tau_fall : second (shared, constant)
tau_rise : second (shared, constant)
since_fall = exp(-(t - origin)/tau_fall) : 1 (shared)
since_rise = exp(-(t - origin)/tau_rise) : 1 (shared)
"""
TRACE_SPIKE = """
x_fall += exp((t - origin)/tau_fall)
x_rise += exp((t - origin)/tau_rise)
"""
TRACE_RESCALE = """
x_fall *= since_fall
x_rise *= since_rise
"""
ADVANCE_ORIGIN = "origin = t"

# Inputs fire as Poisson processes: each knows the time of its next spike, drawn from the exponential law.
INPUTS = (
    TRACE
    + """
t_next : second
rate : Hz
source_index : integer (constant)
"""
)
INPUT_THRESHOLD = "t >= t_next"
INPUT_RESET = TRACE_SPIKE + "t_next -= log(1 - rand())/rate"
# `frames(k, i)` is the rate of input i in frame k, `schedule(t, s)` the frame that source s shows at t. Redrawing the
# next spike when the rate changes is exact, since a Poisson process has no memory; only a spike that fell between the
# last step and this one is `due` already.
NEXT_FRAME = (
    TRACE_RESCALE
    + """
rate = clip(frames(schedule(t, source_index)*second, i), 1e-9, inf)*Hz
due = int(t_next <= t)
t_next = t - (1 - due)*log(1 - rand())/rate
"""
)

# The far end of a neuron's axon, where its spikes arrive after the lateral delay; `in_flight(t, i)` holds those that
# were under way when the segment began. It fires one step after ``arrived``; a flag instead of the time would be
# cleared by the spike of the step before, and the second of two spikes in successive steps be lost.
AXONS = TRACE + "arrived : second"
AXON_THRESHOLD = "t - arrived < 1.5*dt or in_flight(t, i) > 0.5"
AXON_RESET = TRACE_SPIKE
ARRIVAL = "arrived_post = t"

# u_k = Σ_i w_ki x_i + β_k (Kappel et al., NIPS 2015; Fournier's report, section 3.3). A kept PSP has the weight that
# its synapse had at the spike: Σ_i w_ki x_i decays from spike to spike. Immediate PSPs have the weights of now, as in
# the authors' code for experiment 4: the sum is made when the circuit fires, and stays as it was then.
KEPT_PSP = """
dpsp_fall/dt = -psp_fall/tau_fall : 1
dpsp_rise/dt = -psp_rise/tau_rise : 1
u = psp_fall - psp_rise + beta : 1
"""
IMMEDIATE_PSP = """
psp : 1
u = psp + beta : 1
"""
NEURONS = """
dadaptation_fall/dt = -adaptation_fall/tau_adaptation_fall : 1
dadaptation_rise/dt = -adaptation_rise/tau_adaptation_rise : 1
beta = adaptation*(adaptation_fall - adaptation_rise) : 1
removed : 1
learning : 1 (shared, constant)
key : 1
best : 1 (linked)
tau_fall : second (shared, constant)
tau_rise : second (shared, constant)
tau_adaptation_fall : second (shared, constant)
tau_adaptation_rise : second (shared, constant)
adaptation : 1 (shared, constant)
"""
NEURON_THRESHOLD = "key >= best"
# The event on which a winner's synapses learn: its spike, unless learning is off, which then costs nothing.
NEURON_LEARNS = "({threshold}) and learning > 0.5"
NEURON_RESET = """
adaptation_fall += 1
adaptation_rise += 1
key = -inf
"""

# A circuit fires as a Poisson process of rate ρ_net. Adding independent Gumbel variables to u and taking the largest
# is an exact draw from softmax(u), without exp(u): adaptation takes u to -1600, where a softmax loses spikes.
CIRCUITS = """
t_next : second
best : 1
rho_net : Hz (shared, constant)
"""
CIRCUIT_THRESHOLD = "t >= t_next"
CIRCUIT_RESET = """
t_next -= log(1 - rand())/rho_net
best = -1e300
"""
# The neurons of a circuit that fires, until the first key is drawn; those that a lesion has removed need no potential.
ASKED = "best < -1e299 and removed < 0.5"
ASKED_RESET = "psp = 0"
# A neuron that a lesion has removed (1, else 0) stays below the start of the maximum, even when all are removed.
DRAW = """
key_post = u_post - log(-log(1 - rand())) - 1e301*removed_post
best_pre = clip(key_post, best_pre, inf)
"""

# dθ_ki = b (∂log p_S/∂θ + N w_ki S_k (x_i − α e^{w_ki})) dt + √(2Tb) dW, Itô (Kappel et al., NIPS 2015; Fournier's
# report, section 3.3). A synapse acts on the membrane while θ > 0, with w = e^{θ−θ0} − e^{−θ0}; the rule uses e^{θ−θ0}
# throughout, as the authors' code for experiment 4 does.
SYNAPSES = """
theta : 1
weight : 1
intact : 1
gain : 1 (shared, constant)
likelihood_gain : 1 (shared)
prior_gain : 1 (shared)
noise : 1 (shared)
alpha : 1 (shared, constant)
alpha_cap : 1 (shared, constant)
theta_0 : 1 (shared, constant)
theta_floor : 1 (shared, constant)
learns_above : 1 (shared, constant)
"""
READ_TRACE = """
x = x_fall_pre*since_fall_pre - x_rise_pre*since_rise_pre
"""
# A factor of 0 or 1 instead of `clip`, which becomes a branch that the processor cannot foretell.
MEMBRANE_WEIGHT = """
w = (weight - exp(-theta_0))*int(weight > exp(-theta_0))
"""
PSP = (
    MEMBRANE_WEIGHT
    + """
psp_fall_post += gain*w
psp_rise_post += gain*w
"""
)
SUM = (
    READ_TRACE
    + MEMBRANE_WEIGHT
    + """
psp_post += gain*w*x
"""
)
# With normalisers u_k = Σ_p Σ_i x_i (w_ki − log Σ_j e^{w_kj}/n_pk) + β_k, with sums over the n_pk intact synapses of
# neuron k in pathway p: a mixture of multinomials, one for each pathway. Given how many spikes come by it, input i
# brings a share e^{w_ki}/Σ_j e^{w_kj} of them, and u_k − β_k is the logarithm of their probability but for what all
# neurons share. It vanishes in silence. A factor α of e^w and 1/n_pk drop out of the draw between neurons that have the
# same inputs; 1/n_pk keeps a neuron that has lost some from an advantage. The papers leave the term out.
NORMALISED_PSP = (
    MEMBRANE_WEIGHT
    + """
psp_fall_post += gain*intact*(w - normaliser_{pathway}_post)
psp_rise_post += gain*intact*(w - normaliser_{pathway}_post)
"""
)
NORMALISED_SUM = (
    READ_TRACE
    + MEMBRANE_WEIGHT
    + """
psp_post += gain*intact*(w - normaliser_{pathway}_post)*x
"""
)
NORMALISER = """
normaliser_{pathway} : 1
mass_{pathway} : 1
intact_{pathway} : 1 (constant)
"""
# When prior and noise have moved all weights, or learning has moved those of the winner, its rows are weighed anew.
STALE = "stale : 1"
WEIGH_ANEW = "stale = 1"
ROW_CHANGED = "(({threshold}) and learning > 0.5) or stale > 0.5"
# Immediate PSPs need a changed row when its circuit fires next.
ROW_LEARNT = "stale += learning"
ROW_ASKED = f"{ASKED} and stale > 0.5"
WEIGH = (
    MEMBRANE_WEIGHT
    + """
mass_{pathway}_post += intact*exp(w)
"""
)
# e^w ≥ 1, so that the bound acts only where no synapse is left.
WEIGHED = """
normaliser_{pathway} = log(clip(mass_{pathway}/intact_{pathway}, 1, inf))
mass_{pathway} = 0
stale = 0
"""


# `weight` is e^{θ−θ0}, or 0 where a lesion took the synapse; it follows θ by the factor e^{Δθ}, which leaves 0 at 0.
# `learns_above` is below every θ, or 0 where retracted synapses move by prior and noise alone.
LEARN = """
step = likelihood_gain*weight*(x - clip(alpha*exp(weight), 0, alpha_cap))*int(theta > learns_above)
theta += step
weight *= exp(step)
"""


def prior_step(prior: Prior) -> str:
    """The code that prior and noise execute on all synapses every ``update_period`` D.

    A Gaussian prior makes an Ornstein-Uhlenbeck process and moves by its exact transition. Any other prior moves by an
    Euler-Maruyama step (Itô; Kappel et al., PLOS Comput Biol 2015, equation 5, with constant b). ``prior_gain`` is bD,
    or 0 where the prior is switched off. ``noise`` is the standard deviation of the step, from :func:`noise_of`.
    """
    if isinstance(prior, GaussianPrior):
        mean, variance = f"({prior.mean!r})", f"({prior.sd**2!r})"
        drift = f"theta + (theta - {mean})*expm1(-prior_gain/{variance})"  # exactly θ where prior_gain is 0
    elif prior.grad_log_density_code is None:
        raise TypeError(f"{prior!r} has no grad_log_density_code and cannot be used in a Brian2 network")
    else:
        drift = f"theta + prior_gain*({prior.grad_log_density_code})"
    return f"""
theta = clip({drift} + noise*randn(), theta_floor, inf)
weight = intact*exp(theta - theta_0)
"""


def noise_of(prior: Prior, rate_time: float, temperature: float) -> float:
    """Standard deviation of the noise of :func:`prior_step` over a step with b D = ``rate_time``."""
    if isinstance(prior, GaussianPrior):
        return prior.transition(rate_time, temperature)[1]
    return (2 * temperature * rate_time) ** 0.5
