"""Brian2's global state, lent for a while and given back as it was.

Brian2 has one active device, one set of preferences (also read from files), one set of filters of its log, and takes
random numbers from NumPy's global generator. Networks here neither see a user's settings nor change them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ..errors import EngineError
from .programs.compilation import FLAGS
from .templates import chosen_templates

_on_ctrl_c = signal.getsignal(signal.SIGINT)
if "brian2" not in sys.modules and threading.current_thread() is not threading.main_thread():
    raise EngineError(
        "Brian2 sets a handler of Ctrl-C when it is imported, which is possible in the main thread only: write "
        "`import brian2` there, or make the first Simulation there"
    )

import brian2 as b2  # noqa: E402
import numpy as np  # noqa: E402
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice  # noqa: E402
from brian2.devices.device import Device, RuntimeDevice, all_devices  # noqa: E402

if not callable(_on_ctrl_c) and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, _on_ctrl_c)  # ignored, as in the background: Brian2's handler would fail

__all__ = ["alone", "b2", "isolated", "runtime_device", "standalone_device"]

#: Preferences that are the user's business: what is logged, and where Cython keeps its files.
_THE_USERS = ("logging.", "codegen.runtime.cython.")
#: Users may extend these lists in place, and Brian2's defaults with them: hence values of our own.
_LISTS: dict[str, list[str]] = {
    "extra_compile_args_gcc": list(FLAGS),
    "include_dirs": [f"{sys.prefix}/include"],
    "library_dirs": [f"{sys.prefix}/lib"],
    "runtime_library_dirs": [f"{sys.prefix}/lib"],
    **{name: [] for name in ("extra_link_args", "libraries", "headers", "define_macros")},
}
#: Warnings that do not apply to these networks: see :func:`isolated`.
_UNFOUNDED = ("brian2.codegen.generators.base", "brian2.codegen.generators.numpy_generator")
#: The random numbers that Cython has in store, which belong to the process: ours between two uses.
_STORE = {
    name: np.zeros_like(getattr(all_devices["runtime"], name))
    for name in ("rand_buffer", "rand_buffer_index", "randn_buffer", "randn_buffer_index")
}
_lock = threading.RLock()


def _renew_lock() -> None:
    """A forked child has no other thread that could let go of the lock."""
    global _lock
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_renew_lock)


@contextmanager
def alone() -> Iterator[None]:
    """Keep other threads from using Brian2 through this module."""
    with _lock:
        yield


def runtime_device() -> RuntimeDevice:
    """A device for networks that run inside this process, with a clock of its own."""
    device = RuntimeDevice()
    for name in _STORE:  # Cython knows those of Brian2's own device only
        setattr(device, name, getattr(all_devices["runtime"], name))
    return device


def standalone_device() -> CPPStandaloneDevice:
    """A device that writes C++ with the chosen templates, empty whatever the user has on Brian2's own."""
    from .templates.device import DEVICES

    return DEVICES[chosen_templates()]()


@contextmanager
def isolated(device: Device, **preferences: Any) -> Iterator[None]:
    """Use Brian2 on ``device``, with its default preferences but for ``preferences`` (``.`` written as ``__``).

    One thread at a time can be inside; Brian2 used elsewhere at the same time is not kept out. When the block ends,
    however it ends, all is as it was before.
    """
    with _lock:
        devices = import_module("brian2.devices.device")
        former, settings = devices.active_device, dict(b2.prefs)
        handler = b2.BrianLogger.console_handler
        filters = list(handler.filters) if handler else []
        random = all_devices["runtime"].get_random_state()
        try:
            devices.active_device = device
            _set(_defaults() | {name.replace("__", "."): value for name, value in preferences.items()})
            # Brian2 warns that the running maximum in ``draw`` may depend on the order of execution. It does not: C++
            # and Cython execute it in sequence, and for NumPy Brian2 falls back to a loop and says so.
            for name in _UNFOUNDED:
                b2.BrianLogger.suppress_hierarchy(name)
            all_devices["runtime"].set_random_state(random | _STORE)
            if device.defaultclock is None:
                device.activate(build_on_run=False)
            yield
        finally:
            _STORE.update({k: v for k, v in all_devices["runtime"].get_random_state().items() if k in _STORE})
            all_devices["runtime"].set_random_state(random)
            if handler:
                handler.filters[:] = filters
            _set(settings)
            devices.active_device = former


def _set(preferences: dict[str, Any]) -> None:
    for name, value in preferences.items():
        if not name.startswith(_THE_USERS):
            b2.prefs[name] = value


def _defaults() -> dict[str, Any]:
    values = {
        f"{group}.{name}": preference.default
        for group, (preferences, _) in b2.prefs.pref_register.items()
        for name, preference in preferences.items()
    }
    return values | {f"codegen.cpp.{name}": list(value) for name, value in _LISTS.items()}
