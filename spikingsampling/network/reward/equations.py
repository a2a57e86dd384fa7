"""Reward-based synaptic sampling as Brian2 equation strings. Nothing here imports Brian2.

How a step at time t goes (the names in brackets are Brian2's scheduling slots):

1. [start] every ``update_period`` prior, estimated gradient and noise move θ;
2. [groups] PSPs decay to t, so ρ(t) holds the input spikes strictly before t;
3. [before_thresholds] g takes the reward times the eligibility that the step before has left; then PSP traces and
   eligibility decay to t, and w y ρ dt is taken off. After the thresholds a neuron that fires is refractory already,
   and its ρ would be 0 just where z is 1: e would not have mean zero;
4. [synapses] a postsynaptic spike adds w y to e, and presynaptic spikes arrive, in any order: a PSP begins at 0.

In the code e is ``eligibility``, since Brian2 has another e, and g is ``gradient``.
"""

from __future__ import annotations

__all__ = ["ARRIVAL", "SPIKE", "SYNAPSES", "TRACES", "UPDATE"]

SYNAPSES = """
theta : 1
w : 1
intact : 1
eligibility : 1
gradient : 1
y_fall : 1
y_rise : 1
psp_scale : 1 (shared, constant)
tau_fall : second (shared, constant)
tau_rise : second (shared, constant)
tau_e : second (shared, constant)
tau_g : second (shared, constant)
g_step : 1 (shared, constant)
b_time : 1 (shared)
noise : 1 (shared)
reward_gain : 1 (shared, constant)
direct_gain : 1 (shared, constant)
gradient_cap : 1 (shared, constant)
w_0 : 1 (shared, constant)
theta_0 : 1 (shared, constant)
theta_floor : 1 (shared, constant)
theta_ceiling : 1 (shared, constant)
"""
# ġ = −g/τ_g + r e, ė = −e/τ_e + w y (z − ρ), over a step. `g_step` is dt in seconds, or 1.
TRACES = """
gradient = gradient*exp(-dt/tau_g) + g_step*({reward})*eligibility
y_fall = y_fall*exp(-dt/tau_fall)
y_rise = y_rise*exp(-dt/tau_rise)
eligibility = eligibility*exp(-dt/tau_e) - w*psp_scale*(y_fall - y_rise)*({rate})*dt
"""
SPIKE = """
eligibility += w*psp_scale*(y_fall - y_rise)
"""
ARRIVAL = """
y_fall += 1
y_rise += 1
"""
# dθ = b (∂log p_S + c_g g + c_e r e) dt + √(2Tb) dW, Itô, by Euler-Maruyama; `b_time` is b times the step. `w` is 0
# where a lesion took the synapse, and where it is retracted; then nothing feeds e, and e and g are forgotten.
UPDATE = """
drive = clip(reward_gain*gradient + direct_gain*({reward})*eligibility, -gradient_cap, gradient_cap)
theta = clip(theta + b_time*(({prior}) + drive) + noise*randn(), theta_floor, theta_ceiling)
w = intact*w_0*exp(theta - theta_0)*int(theta > 0)
eligibility = eligibility*int(w > 0)
gradient = gradient*int(w > 0)
"""
