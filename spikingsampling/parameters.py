"""Checked, frozen parameters with units, ranges and sources, and objects of the user's own among them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)
from pydantic_core import ErrorDetails

from .errors import ParameterError, nearest
from .units import Dimension, format_quantity, lacks_unit, parse_quantity, plain, unit_example

__all__ = [
    "ObjectSetting",
    "Parameters",
    "import_class",
    "is_reference",
    "object_from_mapping",
    "object_to_mapping",
    "quantity",
    "require_units",
]


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
        values = {name: _plain(value) for name, value in values.items()}
        for name, value in values.items():
            if name in type(self).model_fields and _is_truth_for_number(type(self), name, value):
                raise ParameterError(
                    f"{type(self).__name__}.{name} = {value!r}: must be a number, not True or False"
                )
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


def _plain(value: Any) -> Any:
    """NumPy numbers and arrays, also in a list, as Python values: what is stored, written or compared has no other."""
    if isinstance(value, np.ndarray) and value.ndim and not hasattr(value, "dim"):
        return value.tolist()
    if type(value) in (list, tuple):
        return type(value)(_plain(entry) for entry in value)
    # Single precision is left to the field: only times are read as the decimal number that is printed.
    return value if isinstance(value, np.floating) and value.itemsize < 8 else plain(value)


def _is_truth_for_number(model: type[BaseModel], name: str, value: Any) -> bool:
    parts = list(_parts(model.model_fields[name].annotation))
    if bool in parts or not (int in parts or float in parts):
        return False
    return any(isinstance(entry, bool) for entry in (value if isinstance(value, list | tuple) else (value,)))


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


def require_units(kind: type[BaseModel], values: Mapping[str, Any], prefix: str = "") -> None:
    """Refuse numbers without a unit where a quantity has a dimension.

    In Python a plain number is read in SI base units. On the command line nobody sees that ``training=30`` would be
    30 s, not 30 min.

    Parameters
    ----------
    kind : type
        The parameter class.
    values : nested mapping
        What a user has typed for it. Unknown names are left to who reads them.
    prefix : str
        Put before each key in the message.

    Raises
    ------
    ParameterError
        Names the key, the value and examples with units.
    """
    for name, value in values.items():
        field = kind.model_fields.get(name)
        if field is not None:
            parts = [*field.metadata, *_parts(field.annotation)]
            _require(parts, value, f"{prefix}{name}")


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and all that it is made of: members of unions, entries of tuples, dimensions."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _require(parts: list[Any], value: Any, key: str) -> None:
    if isinstance(value, Mapping):
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                require_units(part, value, f"{key}.")
    elif isinstance(value, list | tuple):
        for entry in value:
            _require(parts, entry, key)
    else:
        for part in parts:
            if isinstance(part, Dimension) and lacks_unit(value, part.name):
                raise ParameterError(
                    f"{key} = {value!r}: a {part.name} needs a unit, {unit_example(value, part.name)}"
                )


def is_reference(kind: object) -> bool:
    """Whether a kind is written as ``module:Class``."""
    return isinstance(kind, str) and ":" in kind


def import_class(reference: str) -> type:
    """The class that ``module:Class`` names; modules are looked for in the working directory, too, after all others.

    Raises
    ------
    ParameterError
        There is no such module or class, or the module cannot be imported.
    """
    module_name, _, name = reference.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        found: Any = sys.modules.get(module_name) or import_module(module_name)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise ParameterError(
            f"kind = {reference!r}: cannot be imported ({type(error).__name__}: {error}); must be module:Class"
        ) from error
    if not isinstance(found, type):
        raise ParameterError(f"kind = {reference!r}: is a {type(found).__name__}; must be a class")
    return found


def object_from_mapping(values: Mapping[str, Any]) -> Any:
    """The object that ``{"kind": "module:Class", …}`` describes; what is beside ``kind`` goes to its constructor.

    Raises
    ------
    ParameterError
        As :func:`import_class`, or the class does not take these settings.
    """
    settings = dict(values)
    kind = settings.pop("kind", None)
    if not isinstance(kind, str) or not is_reference(kind):
        raise ParameterError(f"kind = {kind!r}: must be module:Class")
    made = import_class(kind)
    try:
        return made(**settings)
    except TypeError as error:
        raise ParameterError(f"{kind} does not take {settings}: {error}") from error


def object_to_mapping(value: Any) -> dict[str, Any] | None:
    """The inverse of :func:`object_from_mapping`; None where the object cannot be described so.

    Its class must be a dataclass or :class:`~spikingsampling.parameters.Parameters` that its module has under its name.
    """
    kind = type(value)
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is not kind or kind.__module__ == "__main__":
        return None
    if isinstance(value, BaseModel):
        settings = value.model_dump(mode="json")
    elif is_dataclass(value):
        settings = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    else:
        return None
    return {"kind": f"{kind.__module__}:{kind.__qualname__}", **settings}


def _read(value: Any) -> Any:
    return object_from_mapping(value) if isinstance(value, Mapping) else value


def _write(value: Any) -> dict[str, Any]:
    written = object_to_mapping(value)
    if written is None:
        raise ParameterError(
            f"{value!r}: cannot be written to a configuration; its class must be a dataclass or Parameters, defined at "
            "the top of a module"
        )
    return written


#: Type of a field of :class:`~spikingsampling.parameters.Parameters`: any object, or the mapping that describes one.
ObjectSetting = Annotated[Any, BeforeValidator(_read), PlainSerializer(_write)]
