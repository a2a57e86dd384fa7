"""Pair STDP in circuits as Brian2 equation strings."""

from __future__ import annotations

from ..equations import READ_TRACE

__all__ = ["DEPRESS", "POST", "POTENTIATE", "PRE", "PRE_RESCALE", "PSP", "SUM", "SYNAPSES"]

# The presynaptic trace is kept like the PSP traces, scaled to a common origin: nothing decays from step to step.
PRE = """
r_plus : 1
tau_plus : second (shared, constant)
since_plus = exp(-(t - origin)/tau_plus) : 1 (shared)
"""
PRE_RESCALE = """
r_plus *= since_plus
"""
POST = """
do_minus/dt = -o_minus/tau_minus : 1
tau_minus : second (shared, constant)
"""
SYNAPSES = """
w : 1
intact : 1
gain : 1 (shared, constant)
a_plus : 1 (shared)
a_minus : 1 (shared)
w_max : 1 (shared, constant)
"""
# A lesion freezes w and takes the PSP. One that is kept has the weight before the depression of its spike.
PSP = """
psp_fall_post += gain*intact*w
psp_rise_post += gain*intact*w
"""
SUM = (
    READ_TRACE
    + """
psp_post += gain*intact*w*x
"""
)
DEPRESS = """
w = clip(w - intact*a_minus*o_minus_post*{depressed}, 0, w_max)
"""
POTENTIATE = """
w = clip(w + intact*a_plus*r_plus_pre*since_plus_pre*{potentiated}, 0, w_max)
"""
