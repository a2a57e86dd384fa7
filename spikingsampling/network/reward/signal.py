"""The reward that synapses see: rewards divided by their running mean. Nothing here imports Brian2."""

from __future__ import annotations

from ...parameters import Parameters, quantity
from ...units import Number, Time
from .rule import SPORE

__all__ = ["RewardSignal"]


class RewardSignal(Parameters):
    """r/r̄ + α where r > 0, else α; r̄ is the running mean of r, at least ``floor``.

    Divided by its mean, the reward drives θ along ∂log V instead of ∂V (Kappel et al., eNeuro 2018). The eligibility
    has mean zero, so α changes nothing but the noise. SPORE documents τ = 50 s; its code, which updates r̄ every 15 ms
    with the decay of 1 ms, has 750 s.
    """

    tau_mean: Time = quantity(
        "50 s", "time constant of the running mean", low="1 ms", high="100 h", source=SPORE, dimension="time"
    )
    floor: Number = quantity(0.02, "smallest running mean", above=0, high=1e6, source=SPORE)
    offset: Number = quantity(0.02, "offset α", low=-1e6, high=1e6, source=SPORE)

    def equations(self, r: str = "r") -> str:
        """Brian2 equations of a group: ``reward`` from the expression ``r``, and ``mean_reward``, to be set first."""
        return f"""
dmean_reward/dt = (({r}) - mean_reward)/({self.tau_mean!r}*second) : 1
reward = ({r})*int(({r}) > 0)/clip(mean_reward, {self.floor!r}, inf) + ({self.offset!r}) : 1
"""
