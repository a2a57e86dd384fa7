"""Checked, frozen parameters with units, ranges and sources.

The sources are cited by letter: **A** Kappel, Habenschuss, Legenstein, Maass, NIPS 2015; **B** the same authors,
PLOS Comput Biol 2015, doi:10.1371/journal.pcbi.1004485; **M** the authors' code for experiment 4 of B.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from .errors import ParameterError, nearest
from .priors import GaussianPrior, Prior, prior_from_mapping, prior_to_mapping
from .units import Dimension, Frequency, Number, Time, format_quantity, parse_quantity

__all__ = ["CircuitParameters", "Parameters", "quantity"]


def quantity(
    default: Any,
    doc: str,
    *,
    low: Any = None,
    high: Any = None,
    above: Any = None,
    source: str = "",
    dimension: str = "number",
) -> Any:
    """Declare a field of :class:`Parameters`: its default, meaning, allowed range (with units) and source.

    ``low`` and ``high`` are included in the range, ``above`` is not.
    """

    def bound(value: Any) -> float | None:
        return None if value is None else parse_quantity(value, dimension)

    return Field(
        default=default,
        description=doc,
        ge=bound(low),
        le=bound(high),
        gt=bound(above),
        json_schema_extra={"source": source},
    )


class Parameters(BaseModel):
    """Base of all parameter sets: frozen, checked when made, one message when something is wrong.

    Raises
    ------
    ParameterError
        Names the class and field, the value given and what is allowed.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ParameterError(_message(type(self), error)) from None

    def replace(self, **changes: Any) -> Any:
        """A copy with some fields changed, checked again."""
        return type(self)(**{**{name: getattr(self, name) for name in type(self).model_fields}, **changes})

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values with units written out, for a configuration file.

        ``type(self)(**mapping)`` gives an equal parameter set.
        """
        return self.model_dump(mode="json")


def _bound(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[type[BaseModel], str]:
    """The class and field that an error location points to, followed through nested models."""
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        if field is None or not (
            isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        ):
            break
        model = field.annotation
    return model, str(location[-1])


def _describe(model: type[BaseModel], problem: ErrorDetails) -> str:
    path = ".".join(str(part) for part in problem["loc"])
    value, kind, context = problem["input"], problem["type"], problem.get("ctx", {})
    owner, name = _bound(model, problem["loc"]) if problem["loc"] else (model, "")
    if kind == "extra_forbidden":
        return f"{model.__name__} has no parameter {path!r}{nearest(name, owner.model_fields)}"
    if not path:
        return f"{model.__name__}: {context.get('error', problem['msg'])}"
    if isinstance(context.get("error"), ParameterError):  # a nested parameter set has said it all
        return f"{model.__name__}.{path}: {context['error']}"
    text = str(context["error"]) if kind == "value_error" else problem["msg"][:1].lower() + problem["msg"][1:]
    for comparison, sign in (("ge", "at least"), ("le", "at most"), ("gt", "more than"), ("lt", "less than")):
        if comparison in context:
            field = owner.model_fields.get(name)
            unit = (
                next((m.name for m in field.metadata if isinstance(m, Dimension)), "number")
                if field
                else "number"
            )
            text = f"must be {sign} {format_quantity(float(context[comparison]), unit)}"
    return f"{model.__name__}.{path} = {value!r}: {text}"


def _message(model: type[BaseModel], error: ValidationError) -> str:
    return "; ".join(_describe(model, problem) for problem in error.errors())


class CircuitParameters(Parameters):
    """Constants of a winner-take-all circuit and of synaptic sampling in it.

    The defaults are those of the authors' code for experiment 4 of B (source M).
    """

    rho_net: Frequency = quantity(
        "100 Hz",
        "total output rate ρ_net of a circuit",
        low="0.01 Hz",
        high="1 kHz",
        source="M",
        dimension="frequency",
    )
    tau_fall: Time = quantity(
        "20 ms", "decay time τ_f of a PSP", low="0.1 ms", high="1 s", source="M", dimension="time"
    )
    tau_rise: Time = quantity(
        "2 ms", "rise time τ_r of a PSP", low="0.01 ms", high="1 s", source="M", dimension="time"
    )
    lateral_delay: Time = quantity(
        "5 ms", "delay of lateral synapses", above="0 ms", high="1 s", source="M", dimension="time"
    )
    adaptation: Number = quantity(
        -8.0,
        "amplitude of the adaptation current β_k per own spike (nats)",
        low=-1000,
        high=0,
        source="M",
    )
    tau_adaptation_fall: Time = quantity(
        "30 s", "decay time of the adaptation", low="1 ms", high="1 h", source="M", dimension="time"
    )
    tau_adaptation_rise: Time = quantity(
        "10 s", "rise time of the adaptation", low="1 ms", high="1 h", source="M", dimension="time"
    )
    b: Frequency = quantity(
        "1e-4 /s", "sampling speed b", low="0 /s", high="1 /s", source="M", dimension="frequency"
    )
    n_examples: Number = quantity(
        100.0, "number N of independent examples the likelihood stands for", low=0, high=1e6, source="M"
    )
    alpha: Number = quantity(
        math.exp(-2), "scale α of the expected PSP α e^w in the rule", above=0, high=100, source="M"
    )
    alpha_cap: Number = quantity(
        5.0, "upper bound of α e^w in the rule", above=0, high=1e6, source="M (w_d_max)"
    )
    theta_0: Number = quantity(3.0, "offset θ0 in w = exp(θ − θ0)", low=-20, high=20, source="M")
    theta_floor: Number = quantity(
        -5.0, "floor below which θ is not allowed to fall", low=-100, high=0, source="M"
    )
    retracted_learn: bool = Field(
        True,
        description="whether the likelihood also moves retracted synapses (θ ≤ 0), or prior and noise alone",
        json_schema_extra={"source": "M"},
    )
    temperature: Number = quantity(1.0, "temperature T of the sampling", low=0, high=1e4, source="B")
    prior: Any = Field(
        default_factory=GaussianPrior,
        description="prior p_S(θ); any object that has the methods of priors.Prior",
        json_schema_extra={"source": "M"},
    )

    #: Names of the fields that are times, rates or numbers, for the command line's help.
    unit_system: ClassVar[str] = "SI base units (seconds, hertz) unless a unit is written"

    @field_validator("prior", mode="before")
    @classmethod
    def _read_prior(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return prior_from_mapping(value)
        if not isinstance(value, Prior):
            raise ValueError("must be a prior: an object with log_density, grad_log_density and sample")
        return value

    @field_serializer("prior")
    def _write_prior(self, prior: Any) -> dict[str, Any]:
        return prior_to_mapping(prior)

    @model_validator(mode="after")
    def _check_shapes(self) -> CircuitParameters:
        if not self.tau_rise < self.tau_fall:
            raise ValueError(f"tau_rise = {self.tau_rise} s must be less than tau_fall = {self.tau_fall} s")
        if not self.tau_adaptation_rise < self.tau_adaptation_fall:
            raise ValueError(
                f"tau_adaptation_rise = {self.tau_adaptation_rise} s must be less than "
                f"tau_adaptation_fall = {self.tau_adaptation_fall} s"
            )
        return self
