"""The constants of a winner-take-all circuit and of synaptic sampling in it.

The source of nearly all is the authors' code for experiment 4 of Kappel, Habenschuss, Legenstein & Maass, PLOS Comput
Biol 2015, doi:10.1371/journal.pcbi.1004485.
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from ..inference.prior_setting import PriorSetting
from ..inference.priors import GaussianPrior
from ..parameters import Parameters, quantity
from ..units import Frequency, Number, Time

__all__ = ["AUTHORS_CODE", "CircuitParameters", "SynapseConstants"]

#: Where a constant comes from.
AUTHORS_CODE = "the authors' code for experiment 4"


class CircuitParameters(Parameters):
    """Constants of a winner-take-all circuit and of synaptic sampling in it.

    The defaults are those of the authors' code for experiment 4.
    """

    rho_net: Frequency = quantity(
        "100 Hz",
        "total output rate ρ_net of a circuit",
        low="0.01 Hz",
        high="1 kHz",
        source=AUTHORS_CODE,
        dimension="frequency",
    )
    tau_fall: Time = quantity(
        "20 ms", "decay time τ_f of a PSP", low="0.1 ms", high="1 s", source=AUTHORS_CODE, dimension="time"
    )
    tau_rise: Time = quantity(
        "2 ms", "rise time τ_r of a PSP", low="0.01 ms", high="1 s", source=AUTHORS_CODE, dimension="time"
    )
    lateral_delay: Time = quantity(
        "5 ms", "delay of lateral synapses", above="0 ms", high="1 s", source=AUTHORS_CODE, dimension="time"
    )
    lateral_half: Number = quantity(
        0.0,
        "feed-forward input X_half, a sum of traces, at which lateral spikes of a circuit have half their amplitude; "
        "0: always all of it",
        low=0,
        high=1e6,
        source="chosen; 0 in the papers",
    )
    adaptation: Number = quantity(
        -8.0,
        "amplitude of the adaptation current β_k per own spike (nats)",
        low=-1000,
        high=0,
        source=AUTHORS_CODE,
    )
    tau_adaptation_fall: Time = quantity(
        "30 s", "decay time of the adaptation", low="1 ms", high="1 h", source=AUTHORS_CODE, dimension="time"
    )
    tau_adaptation_rise: Time = quantity(
        "10 s", "rise time of the adaptation", low="1 ms", high="1 h", source=AUTHORS_CODE, dimension="time"
    )
    b: Frequency = quantity(
        "1e-4 /s", "sampling speed b", low="0 /s", high="1 /s", source=AUTHORS_CODE, dimension="frequency"
    )
    n_examples: Number = quantity(
        100.0,
        "number N of independent examples the likelihood stands for",
        low=0,
        high=1e6,
        source=AUTHORS_CODE,
    )
    alpha: Number = quantity(
        math.exp(-2), "scale α of the expected PSP α e^w in the rule", above=0, high=100, source=AUTHORS_CODE
    )
    alpha_cap: Number = quantity(
        5.0, "upper bound of α e^w in the rule", above=0, high=1e6, source=f"{AUTHORS_CODE} (w_d_max)"
    )
    theta_0: Number = quantity(3.0, "offset θ0 in w = exp(θ − θ0)", low=-20, high=20, source=AUTHORS_CODE)
    theta_floor: Number = quantity(
        -5.0, "floor below which θ is not allowed to fall", low=-100, high=0, source=AUTHORS_CODE
    )
    psp: Literal["kept", "immediate"] = Field(
        "immediate",
        description="which weight a PSP has: that of its synapse when the circuit fires (immediate), or the one that "
        "the synapse had at the spike (kept)",
        json_schema_extra={"source": AUTHORS_CODE},
    )
    normaliser: bool = Field(
        False,
        description="whether the potential is that of normalised weights: u_k − Σ_i x_i log⟨e^w_k⟩, as a mixture of "
        "multinomials has it and the papers do not",
        json_schema_extra={"source": "chosen; off in the papers"},
    )
    retracted_learn: bool = Field(
        True,
        description="whether the likelihood also moves retracted synapses (θ ≤ 0), or prior and noise alone",
        json_schema_extra={"source": AUTHORS_CODE},
    )
    temperature: Number = quantity(
        1.0, "temperature T of the sampling", low=0, high=1e4, source="Kappel et al., PLOS Comput Biol 2015"
    )
    prior: PriorSetting = Field(
        default_factory=GaussianPrior,
        description="prior p_S(θ); any object that has the methods of priors.Prior",
        json_schema_extra={"source": AUTHORS_CODE},
    )

    @model_validator(mode="after")
    def _check_shapes(self) -> CircuitParameters:
        if not self.tau_rise < self.tau_fall:
            raise ValueError(f"tau_rise = {self.tau_rise} s must be less than tau_fall = {self.tau_fall} s")
        if not self.tau_adaptation_rise < self.tau_adaptation_fall:
            raise ValueError(
                f"tau_adaptation_rise = {self.tau_adaptation_rise} s must be less than "
                f"tau_adaptation_fall = {self.tau_adaptation_fall} s"
            )
        if self.lateral_half and self.psp == "kept":
            raise ValueError(f"lateral_half = {self.lateral_half:g}: must be 0 where psp = 'kept'")
        return self


class SynapseConstants(Parameters):
    """Constants of a projection's synapses; what is None is that of the network."""

    gain: Number = quantity(
        1.0, "factor of the PSPs, and so of the evidence that they bring", low=0, high=1e3
    )
    alpha: Number | None = quantity(None, "scale α of the expected PSP α e^w in the rule", above=0, high=100)
    n_examples: Number | None = quantity(
        None, "number N of independent examples the likelihood stands for", low=0, high=1e6
    )

    @property
    def own(self) -> dict[str, float]:
        """Those that are set here, by name."""
        return {name: value for name, value in self if value != type(self).model_fields[name].default}

    def of(self, parameters: CircuitParameters) -> CircuitParameters:
        """The constants of the network with those that are set here."""
        own = {name: value for name, value in self.own.items() if name != "gain"}
        return parameters.replace(**own) if own else parameters
