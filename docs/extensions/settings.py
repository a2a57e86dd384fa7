"""Tables of settings, from the classes that declare them."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from spikingsampling.experiment.configuration import flatten, nested_parameters
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.parameters import Parameters
from spikingsampling.units import Dimension, format_quantity

from .tables import escaped, table

__all__ = ["allowed", "of_class", "of_protocol", "settings_page"]

_PLAIN = {
    bool: "true or false",
    int: "whole numbers",
    float: "numbers",
    str: "text",
}


def of_class(kind: type[Parameters]) -> str:
    """The table of a class: name, default, what is allowed, meaning and source; nested classes are named."""
    defaults = kind().to_mapping()
    rows = []
    for name, field in kind.model_fields.items():
        nested = nested_parameters(field.annotation)
        shown = f"[{nested.__name__}](#{nested.__name__.lower()})" if nested else _value(defaults[name])
        rows.append((f"`{name}`", shown, escaped(allowed(field)), escaped(_meaning(field))))
    return table(("setting", "default", "allowed", "meaning"), rows)


def of_protocol(protocol: Protocol[Any]) -> str:
    """The table of all keys of a protocol, as ``--set KEY=VALUE`` takes them."""
    fields = dict(_fields(protocol.configuration))
    rows = []
    for key, value in flatten(protocol.configure().to_mapping()).items():
        field = fields.get(key)
        limits, meaning = (allowed(field), _meaning(field)) if field else ("", "")
        rows.append((f"`{key}`", _value(value), escaped(limits), escaped(meaning)))
    return table(("key", f"default (`{protocol.default_preset}`)", "allowed", "meaning"), rows)


def settings_page() -> str:
    """The page of the classes that several protocols share."""
    from spikingsampling.data import ImageData, ImageSoundData
    from spikingsampling.experiment.configuration import ProtocolConfiguration
    from spikingsampling.models.association import Annealing, RecallTest
    from spikingsampling.models.association.network import (
        AssociationParameters,
        LateralBlocks,
        ProjectionConstants,
    )
    from spikingsampling.models.association.stimulation import Stimulation
    from spikingsampling.models.reward import LeverPress, Reaching, TwoPatterns
    from spikingsampling.network.parameters import CircuitParameters, SynapseConstants
    from spikingsampling.network.plasticity import PairSTDP, TripletSTDP
    from spikingsampling.network.reward import RewardSampling, RewardSignal, StochasticNeuron
    from spikingsampling.network.rules import STDPRule
    from spikingsampling.recording.settings import Recording
    from spikingsampling.simulation.encoding.edges import EdgeParameters
    from spikingsampling.simulation.encoding.parameters import CochleagramParameters

    kinds: tuple[type[Parameters], ...] = (
        *(
            ProtocolConfiguration,
            ImageData,
            ImageSoundData,
            CircuitParameters,
            SynapseConstants,
            PairSTDP,
            TripletSTDP,
            STDPRule,
            Recording,
        ),
        *(RewardSampling, RewardSignal, StochasticNeuron, TwoPatterns, LeverPress, Reaching),
        *(
            AssociationParameters,
            LateralBlocks,
            ProjectionConstants,
            Stimulation,
            CochleagramParameters,
            EdgeParameters,
        ),
        *(RecallTest, Annealing),
    )
    parts = [
        "# Settings",
        "The classes of settings that several protocols share. All keys of a protocol stand on "
        '[its own page](/protocols/index.md). A quantity needs its unit: `--set training="30 min"`. '
        "In Python a plain number is in SI base units (s, Hz).",
    ]
    for kind in kinds:
        summary = (kind.__doc__ or "").strip().partition("\n")[0]
        parts += [f"## {kind.__name__}", summary, of_class(kind)]
    return "\n\n".join(parts) + "\n"


def _fields(kind: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in kind.model_fields.items():
        yield prefix + name, field
        if nested := nested_parameters(field.annotation):
            yield from _fields(nested, f"{prefix}{name}.")


def _value(value: Any) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else ""


def _meaning(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    source = extra.get("source", "") if isinstance(extra, dict) else ""
    return f"{field.description or ''} [{source}]" if source else field.description or ""


def allowed(field: FieldInfo) -> str:
    """What a field takes, in words: ``more than 0 ms, at most 1 s``."""
    dimension = next((part.name for part in field.metadata if isinstance(part, Dimension)), None)
    words = []
    for part in field.metadata:
        for name, word in (("gt", "more than"), ("ge", "at least"), ("lt", "less than"), ("le", "at most")):
            if (bound := getattr(part, name, None)) is not None:
                words.append(f"{word} {_bound(bound, dimension)}")
    if words:
        kind = "whole number, " if field.annotation is int else ""
        return kind + ", ".join(words)
    if dimension:
        return f"a {dimension}"
    return _kind(field.annotation)


def _bound(value: float, dimension: str | None) -> str:
    if dimension == "frequency":
        return f"{value:g} Hz"  # 0.01 Hz, where the shortest way to write it is 36 1/h
    return str(value) if isinstance(value, int) else format_quantity(value, dimension or "number")


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(str(argument) for argument in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(argument) for argument in arguments if argument is not type(None))
    if origin in (tuple, list, set, frozenset):
        return "list of " + _kind(arguments[0])
    return _PLAIN.get(annotation, "")
