"""A prior as a setting: read from a configuration file, and written there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from .priors import Prior, prior_from_mapping, prior_to_mapping

__all__ = ["PriorSetting"]


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = prior_from_mapping(value)
    if not isinstance(value, Prior):
        raise ValueError("must be a prior: an object with log_density, grad_log_density and sample")
    return value


#: Type of a field of :class:`~spikingsampling.parameters.Parameters`: a prior, or the mapping that describes one.
PriorSetting = Annotated[Any, BeforeValidator(_read), PlainSerializer(prior_to_mapping)]
