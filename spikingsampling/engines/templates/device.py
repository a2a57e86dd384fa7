"""Brian2's C++ standalone device with templates of our own; the equation strings stay the definition of the model."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.core.variables import ArrayVariable
from brian2.devices.cpp_standalone import CPPStandaloneCodeObject
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import get_device
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

__all__ = ["DEVICES", "RowDevice", "VectorDevice"]

_FOLDER = Path(__file__).parent
_BRIAN2 = "brian2.devices.cpp_standalone"
_DRAW = re.compile(r"\b(_randn?)\(_vectorisation_idx\)")
_ENDS = ("_synaptic_pre", "_synaptic_post")
_STREAMS = {"_rand": "uniform", "_randn": "normal"}
_ACCESS = re.compile(r"(\w+)\[(\w+)\](\s*=(?!=))?")


def _lines(code: str | list[str]) -> list[str]:
    return code.splitlines() if isinstance(code, str) else list(code)


def without_indices(code: str | list[str], *names: str) -> list[str]:
    """``code`` without the lines that read these indices from memory: a row knows them."""
    return [line for line in _lines(code) if not re.match(rf"\s*const \w+ ({'|'.join(names)}) =", line)]


def is_free(code: str | list[str], moving: tuple[str, ...]) -> bool:
    """Whether the passes of a loop do not depend on each other.

    Each array that ``code`` writes has to be reached by one index only, and that index must be among the ``moving``
    ones, which differ in every pass.
    """
    indices: dict[str, set[str]] = {}
    written = set()
    for array, index, assigned in _ACCESS.findall("\n".join(_lines(code))):
        indices.setdefault(array, set()).add(index)
        if assigned:
            written.add(array)
    return all(len(indices[array]) == 1 and indices[array] <= set(moving) for array in written)


def is_pure(code: str | list[str]) -> bool:
    """Whether ``code`` may be left out when nobody reads what it computes: it neither draws nor writes."""
    text = "\n".join(_lines(code))
    return "_rand" not in text and not any(assigned for *_, assigned in _ACCESS.findall(text))


@dataclass(frozen=True)
class Held:
    """The code of a loop apart from what it does to one element that is the same in all its passes.

    Attributes
    ----------
    before, after
        Reads the element into a variable, and writes it back.
    code
        The passes, which change the variable alone.
    """

    before: list[str]
    code: list[str]
    after: list[str]

    def of_row(self, number: int, index: str) -> Held:
        """The same for one of several rows that are walked together: its indices and what is held are numbered."""
        declared = (re.match(r"\s*(?:const )?\w+ (\w+) =", line) for line in self.before)
        names = "|".join((index, "_idx", *(match[1] for match in declared if match)))

        def numbered(lines: list[str]) -> list[str]:
            return [re.sub(rf"\b({names})\b", rf"\1_{number}", line) for line in lines]

        return Held(numbered(self.before), numbered(self.code), numbered(self.after))


def held(code: str | list[str], index: str) -> Held:
    """``code`` with elements at ``index`` read before the loop and written after it, so that sums become vector code.

    Such a sum has another order, and so other bits: nothing is held on a device that keeps Brian2's.
    """
    lines = _lines(code)
    reads = [line for line in lines if re.fullmatch(rf"\s*(const )?\w+ \w+ = \w+\[{index}\];", line)]
    writes = [line for line in lines if re.fullmatch(rf"\s*\w+\[{index}\] = \w+;", line)]
    rest = [line for line in lines if line not in (*reads, *writes)]
    arrays = {array for array, *_ in _ACCESS.findall("\n".join(reads + writes))}
    elsewhere = {array for array, *_ in _ACCESS.findall("\n".join(rest))}
    if not getattr(get_device(), "in_blocks", False) or not writes or arrays & elsewhere:
        return Held([], lines, [])
    return Held(reads, rest, writes)


@dataclass(frozen=True)
class Draws:
    """Code whose random numbers are read from buffers.

    Attributes
    ----------
    code
        The code with ``_draw_k[place]`` for its k-th number.
    stream
        The declaration of the stream they come from, once in a function; empty if nothing is drawn.
    buffers
        What fills the buffers with ``_length`` numbers.
    """

    code: list[str]
    stream: str
    buffers: list[str]


def drawn(code: str | list[str], place: str, purpose: str) -> Draws:
    """``code`` with its calls of ``rand`` and ``randn`` replaced; ``purpose`` names the stream they come from.

    Nothing is replaced on a device that keeps Brian2's generator.
    """
    if not getattr(get_device(), "in_blocks", False):
        return Draws(_lines(code), "", [])
    kinds: list[str] = []

    def buffer(match: re.Match[str]) -> str:
        kinds.append(_STREAMS[match[1]])
        return f"_draw_{len(kinds) - 1}[{place}]"

    lines = [_DRAW.sub(buffer, line) for line in _lines(code)]
    buffers = []
    for number, kind in enumerate(kinds):
        buffers += [f"double _draw_{number}[_BLOCK];", f"_stream.{kind}(_draw_{number}, _length);"]
    stream = (
        "const size_t _BLOCK = spikingsampling::Stream::BLOCK;\n"
        f'static spikingsampling::Stream _stream(segment_seed, "{purpose}");'
    )
    return Draws(lines, stream if kinds else "", buffers)


@dataclass(frozen=True)
class Ends:
    """C++ names of the arrays of the neurons at either end of synapses, and how many neurons there are before them."""

    pre: str
    post: str
    n_pre: str


def ends_of(owner: Any, code: str | list[str]) -> Ends | None:
    """Where the ``code`` of synapses reads neurons at either end: a row of synapses knows them, without indices.

    None on a device that keeps Brian2's bits: what does not change in a row may be computed before it.
    """
    read = len(without_indices(code, "_presynaptic_idx", "_postsynaptic_idx")) < len(_lines(code))
    variables = owner.variables
    if not getattr(get_device(), "in_blocks", False) or not read or "_synaptic_pre" not in variables:
        return None
    names = (get_device().get_array_name(variables[name], access_data=False) for name in _ENDS)
    return Ends(*(f"brian::{name}" for name in names), str(owner.source.stop))


def in_rows(pathway: Any) -> bool:
    """Whether a synaptic pathway acts at the spike itself: a delay of 0 is declared for all its synapses."""
    delay = pathway.variables["delay"]
    return bool(delay.scalar) and delay.device.delays.get(delay) == 0.0


def event_array(pathway: Any) -> str:
    """The C++ name of the array that lists the neurons whose spikes (or other events) the pathway carries."""
    events = pathway.variables[pathway.eventspace_name]
    return events.device.get_array_name(events)


def is_carried(variable: ArrayVariable) -> bool:
    """Whether the program writes the variable at its end."""
    return variable in variable.device.carried


def is_brought(name: str) -> bool:
    """Whether every run brings this static array, so that the program has no file of it."""
    return name in get_device().brought


class RowCodeObject(CPPStandaloneCodeObject):
    """C++ standalone code from the templates in this folder; those that are not here are Brian2's."""

    templater = CPPStandaloneCodeObject.templater.derive(
        "spikingsampling.engines",
        env_globals={
            "without_indices": without_indices,
            "drawn": drawn,
            "held": held,
            "is_free": is_free,
            "is_pure": is_pure,
            "in_rows": in_rows,
            "ends_of": ends_of,
            "event_array": event_array,
            "is_carried": is_carried,
            "is_brought": is_brought,
        },
    )
    # A template that extends Brian2's of the same name calls it stock/NAME.
    stock = PrefixLoader({"stock": PackageLoader(_BRIAN2)})
    templater.env.loader = ChoiceLoader([*templater.env.loader.loaders, stock])


class VectorCodeObject(RowCodeObject):
    """The same, with our own ``exp`` and ``log``."""


for _name, _function in {"exp": "exponential", "log": "logarithm"}.items():
    DEFAULT_FUNCTIONS[_name].implementations.add_implementation(VectorCodeObject, code=None, name=_function)


class RowDevice(CPPStandaloneDevice):
    """The device that uses :class:`RowCodeObject`.

    Attributes
    ----------
    delays
        Delays that are declared for whole pathways, in seconds.
    carried
        The variables that the program writes at its end.
    brought
        Names of static arrays that every run sets.
    """

    codeobject = RowCodeObject
    #: Whether random numbers come from our streams, in blocks, or from Brian2's generator.
    in_blocks = False

    def __init__(self) -> None:
        super().__init__()
        self.delays: dict[ArrayVariable, float] = {}
        self.carried: list[ArrayVariable] = []
        self.brought: set[str] = set()

    def code_object_class(self, codeobj_class: Any = None, fallback_pref: Any = None) -> Any:
        """The class of code objects, ours unless another is asked for."""
        return self.codeobject if codeobj_class is None else codeobj_class

    def fill_with_array(self, var: ArrayVariable, arr: Any) -> None:
        """Set an array as Brian2 does, and remember declared delays."""
        super().fill_with_array(var, arr)
        if var.name.endswith("delay") and np.size(arr) == 1:  # since Brian2 2.11 with the pathway before it
            self.delays[var] = float(np.asarray(arr).item())

    def copy_source_files(self, writer: Any, directory: str) -> None:
        """Copy Brian2's library and the headers that our templates include."""
        super().copy_source_files(writer, directory)
        for header in sorted(_FOLDER.glob("*.h")):
            shutil.copy2(header, directory)
            writer.header_files.add(header.name)


class VectorDevice(RowDevice):
    """The device whose functions and random numbers are ours, too."""

    codeobject = VectorCodeObject
    in_blocks = True


#: The device of each set of templates.
DEVICES = {"rows": RowDevice, "vector": VectorDevice, "stock": CPPStandaloneDevice}
