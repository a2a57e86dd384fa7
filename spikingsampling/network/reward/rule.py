"""The constants of reward-based synaptic sampling.

After Kappel, Legenstein, Habenschuss, Hsieh & Maass, eNeuro 2018, doi:10.1523/ENEURO.0301-17.2018, and SPORE, the
authors' module for NEST. Where SPORE's code does something else than the published equation, a setting chooses.
Nothing here imports Brian2.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ...inference.prior_setting import PriorSetting
from ...inference.priors import GaussianPrior
from ...parameters import Parameters, quantity
from ...units import Frequency, Number, Time

__all__ = ["SPORE", "RewardSampling"]

#: Where a constant comes from.
SPORE = "SPORE (IGITUGraz/spore-nest-module)"


class RewardSampling(Parameters):
    """Reward-based synaptic sampling: θ samples from p*(θ) ∝ (p_S(θ) V(θ))^{1/T}, with V the expected reward.

    The eligibility e, the estimate g of the gradient and the parameter follow

    - de/dt = −e/τ_e + w y (z − ρ), with z the spikes and ρ the rate of the postsynaptic neuron, y the presynaptic PSP;
    - dg/dt = −g/τ_g + r e;
    - dθ = b (∂log p_S/∂θ + c_g g + c_e r e) dt + √(2Tb) dW;
    - w = w0 e^{θ−θ0} where θ > 0, else 0.

    A retracted synapse (θ ≤ 0) has e = g = 0: prior and noise alone move it. g grows to τ_g ⟨r e⟩, so that τ_g sets the
    weight of the reward, too. With ``reward_gain`` = 1/τ_g, and r divided by its mean
    (:class:`~spikingsampling.network.reward.signal.RewardSignal`), the drift is the gradient of log V, and the law is
    exact for slow b.

    The defaults are SPORE's. Its c_p is the prior's 1/sd².
    """

    b: Frequency = quantity(
        "5e-5 /s", "sampling speed β", low="0 /s", high="1 /s", source=SPORE, dimension="frequency"
    )
    temperature: Number = quantity(
        0.1, "temperature T; multiplies the variance", low=0, high=1e4, source=SPORE
    )
    prior: PriorSetting = Field(
        default_factory=lambda: GaussianPrior(0.0, 2.0),
        description="prior p_S(θ)",
        json_schema_extra={"source": f"{SPORE}, examples"},
    )
    reward_gain: Frequency = quantity(
        "1 /s", "weight c_g of g", low="0 /s", high="1e6 /s", source=SPORE, dimension="frequency"
    )
    direct_gain: Number = quantity(0.0, "weight c_e of r e", low=0, high=1e6, source=SPORE)
    gradient_cap: Number = quantity(40.0, "largest |c_g g + c_e r e|", above=0, high=1e300, source=SPORE)
    tau_eligibility: Time = quantity(
        "1 s", "decay time τ_e of the eligibility", low="1 ms", high="1 h", source=SPORE, dimension="time"
    )
    tau_gradient: Time = quantity(
        "50 s", "decay time τ_g of the estimate", low="1 ms", high="10 h", source=SPORE, dimension="time"
    )
    update_period: Time = quantity(
        "100 ms", "time between two steps of θ", low="0.1 ms", high="1 h", source=SPORE, dimension="time"
    )
    accumulation: Literal["integral", "steps"] = Field(
        "integral",
        description="r e is integrated (published), or summed over time steps (SPORE's code: g is 1/dt as large)",
    )
    psp: Literal["published", "spore"] = Field(
        "published", description="factor of the PSP: τ_r/(τ_f − τ_r), or τ_f/(τ_f − τ_r) as in SPORE's code"
    )
    tau_fall: Time = quantity(
        "20 ms", "decay time τ_f of a PSP", low="0.1 ms", high="1 s", source=SPORE, dimension="time"
    )
    tau_rise: Time = quantity(
        "2 ms", "rise time τ_r of a PSP", low="0.01 ms", high="1 s", source=SPORE, dimension="time"
    )
    w_0: Number = quantity(1.0, "weight w0 at θ = θ0", low=0, high=1e6, source=SPORE)
    theta_0: Number = quantity(3.0, "offset θ0", low=-20, high=20, source=SPORE)
    theta_floor: Number = quantity(-2.0, "smallest θ", low=-100, high=0, source=SPORE)
    theta_ceiling: Number = quantity(5.0, "largest θ", above=0, high=100, source=SPORE)

    @model_validator(mode="after")
    def _check(self) -> RewardSampling:
        if not self.tau_rise < self.tau_fall:
            raise ValueError(f"tau_rise = {self.tau_rise} s must be less than tau_fall = {self.tau_fall} s")
        if self.prior.grad_log_density_code is None:
            raise ValueError(f"prior = {self.prior!r} has no grad_log_density_code")
        return self

    @property
    def psp_scale(self) -> float:
        """What the difference of two exponentials is multiplied with to make a PSP."""
        numerator = self.tau_rise if self.psp == "published" else self.tau_fall
        return numerator / (self.tau_fall - self.tau_rise)
