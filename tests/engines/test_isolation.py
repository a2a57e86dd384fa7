"""Brian2's global state is lent to the engines and given back; a user's own settings do not reach them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np
import pytest
from brian2.devices import all_devices, get_device, reset_device

from helpers.small.networks import FAST, TIMING, begin, both_engines, engine_of, shown, small_network
from spikingsampling.engines import build as engine_building
from spikingsampling.engines import isolation
from spikingsampling.engines.base import Outcome
from spikingsampling.engines.programs import cache, compilation, project
from spikingsampling.errors import EngineError

#: What a user may have set, each unlike Brian2's default.
SETTINGS = {
    "codegen.target": "numpy",
    "codegen.loop_invariant_optimisations": False,
    "codegen.cpp.extra_compile_args_gcc": ["-O0"],
    "codegen.cpp.extra_compile_args": ["-O1"],
    "codegen.cpp.headers": ["<no_such_header>"],
    "core.default_float_dtype": np.float32,
    "core.default_integer_dtype": np.int64,
    "core.network.default_schedule": ["start", "synapses", "groups", "thresholds", "resets", "end"],
    "devices.cpp_standalone.openmp_threads": 2,
    "devices.cpp_standalone.extra_make_args_unix": ["-j1"],
    "legacy.refractory_timing": True,
}


def fingerprint() -> dict[str, Any]:
    """All of Brian2's and NumPy's global state that a user can see."""
    runtime = all_devices["runtime"]
    random = {
        name: np.copy(value) for name, value in runtime.get_random_state().items() if name != "numpy_state"
    }
    return {
        **{name: list(value) if isinstance(value, list) else value for name, value in dict(b2.prefs).items()},
        "device": get_device(),
        "build": (get_device().build_on_run, dict(get_device().build_options or {})),
        "dt": float(b2.defaultclock.dt),
        "filters": list(b2.BrianLogger.console_handler.filters),
        "numpy": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "random": {name: value.tolist() for name, value in random.items()},
    }


@pytest.fixture(params=["runtime", "cpp_standalone"])
def user(request: pytest.FixtureRequest) -> Iterator[None]:
    """A user who has changed all that can be, on either device."""
    settings, dt = dict(b2.prefs), b2.defaultclock.dt
    b2.set_device(request.param, build_on_run=False)
    b2.defaultclock.dt = 0.25 * b2.ms
    for name, value in SETTINGS.items():
        b2.prefs[name] = value
    yield
    for name, value in settings.items():
        b2.prefs[name] = value
    get_device().reinit()
    reset_device()
    b2.defaultclock.dt = dt


def outcome(name: str) -> Outcome:
    network = small_network(FAST)
    engine = engine_of(name, network)
    try:
        return engine.advance(begin(network), shown(1.0), "sampling", 7)
    finally:
        engine.close()


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Outcome]:
    """What the engines give where nobody has changed anything; compiles the program if need be."""
    return {name: outcome(name) for name in ("standalone", "runtime")}


@both_engines
def test_a_users_settings_neither_reach_an_engine_nor_are_changed(
    name: str, undisturbed: Any, user: None
) -> None:
    before = fingerprint()
    end = outcome(name)
    assert fingerprint() == before
    for variable, value in undisturbed[name].state.items():
        np.testing.assert_array_equal(end.state[variable], value)
    np.testing.assert_array_equal(end.times, undisturbed[name].times)


def test_whatever_happens_inside_is_undone(user: None) -> None:
    before = fingerprint()
    own = isolation.runtime_device()
    with pytest.raises(ValueError, match="inside"), isolation.isolated(own, codegen__target="cython"):
        assert get_device() is own
        assert b2.prefs.codegen.target == "cython"
        assert b2.prefs.core.default_float_dtype is np.float64
        assert b2.prefs.codegen.cpp.headers == []
        b2.defaultclock.dt = 7 * b2.ms
        b2.seed(5)
        own.rand_buffer_index[:] = 77
        b2.prefs.codegen.cpp.headers += ["<ours>"]
        b2.BrianLogger.suppress_hierarchy("ours")
        raise ValueError("inside")
    assert fingerprint() == before


def generated(folder: Path) -> dict[str, list[str]]:
    """The generated files by name; Brian2 writes clocks in the order of a set."""
    project.write_project(small_network(), TIMING, 5, folder)
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {str(name): sorted(path.read_text(errors="replace").splitlines()) for name, path in files.items()}


def test_a_users_settings_do_not_change_the_generated_code(tmp_path: Path, user: None) -> None:
    before = fingerprint()
    with_settings = generated(tmp_path / "one")
    assert fingerprint() == before
    for name, value in dict(b2.prefs).items():
        for group, (preferences, _) in b2.prefs.pref_register.items():
            if name in {f"{group}.{short}" for short in preferences} and name in SETTINGS:
                b2.prefs[name] = preferences[name.rpartition(".")[2]].default
                assert b2.prefs[name] != value
    assert generated(tmp_path / "two") == with_settings


def test_networks_generated_in_threads_are_those_generated_alone(tmp_path: Path) -> None:
    found: list[dict[str, list[str]]] = []
    threads = [
        threading.Thread(target=lambda k=k: found.append(generated(tmp_path / str(k)))) for k in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = generated(tmp_path / "alone")
    assert found == [alone, alone]


def test_flags_that_a_user_adds_in_place_do_not_change_the_generated_code(tmp_path: Path) -> None:
    before = generated(tmp_path / "one")
    flags = b2.prefs.codegen.cpp.extra_compile_args_gcc
    flags += ["-DNOT_OURS"]
    try:
        assert generated(tmp_path / "two") == before
        assert b2.prefs.codegen.cpp.extra_compile_args_gcc[-1] == "-DNOT_OURS"
    finally:
        flags.pop()
    flags_written = next(line for line in before["makefile"] if line.startswith("OPTIMISATIONS"))
    assert all(flag in flags_written for flag in compilation.FLAGS)


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_what_fails_gives_everything_back(
    user: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint()
    with monkeypatch.context() as patch:
        patch.setattr(engine_building, "build", failing(ValueError("no network")))
        for name in ("runtime", "standalone"):
            patch.setenv("SPIKINGSAMPLING_CACHE", str(tmp_path))
            with pytest.raises(ValueError, match="no network"):
                engine_of(name, small_network())
            assert fingerprint() == before
    engine = engine_of("runtime", small_network(FAST))
    monkeypatch.setattr(engine.objects.network, "run", failing(RuntimeError("no room")))
    with pytest.raises(EngineError, match="no room"):
        engine.advance(begin(small_network()), shown(1.0), "off", 1)
    assert fingerprint() == before


def test_a_users_own_model_goes_on_beside_a_runtime_engine() -> None:
    """Objects made before an engine keep their values and their clock, and can be run after it."""

    def model() -> b2.Network:
        group = b2.NeuronGroup(
            1, "dv/dt = (2 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="euler"
        )
        return b2.Network(group, b2.SpikeMonitor(group, name="counted"))

    former = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    try:
        alone = model()
        alone.run(100 * b2.ms)
        made_before = model()
        outcome("runtime")
        made_before.run(100 * b2.ms)
        assert made_before["counted"].num_spikes == alone["counted"].num_spikes > 0
        assert b2.defaultclock.dt == 0.1 * b2.ms
    finally:
        b2.prefs.codegen.target = former


@both_engines
def test_engines_made_and_used_in_threads_give_what_they_give_alone(name: str, undisturbed: Any) -> None:
    found: list[Outcome] = []
    threads = [threading.Thread(target=lambda: found.append(outcome(name))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    for end in found:
        np.testing.assert_array_equal(end.times, undisturbed[name].times)
        for variable, value in undisturbed[name].state.items():
            np.testing.assert_array_equal(end.state[variable], value)


def test_ctrl_c_does_not_end_a_segment_of_the_runtime_engine_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brian2's own handler would stop the run where it is; here it asks whoever had Ctrl-C before."""
    asked: list[int] = []
    engine = engine_of("runtime", small_network(FAST))
    alone = engine.advance(begin(small_network(FAST)), shown(1.0), "sampling", 7)
    run = engine.objects.network.run

    def run_and_interrupt(*arguments: Any, **options: Any) -> None:
        monkeypatch.setattr(b2.Network, "_globally_running", True)
        signal.raise_signal(signal.SIGINT)
        assert not b2.Network._globally_stopped
        run(*arguments, **options)

    monkeypatch.setattr(engine.objects.network, "run", run_and_interrupt)
    brian2s = type(b2._int_handler)(lambda *_: asked.append(1))
    former = signal.signal(signal.SIGINT, brian2s)
    try:
        end = engine.advance(begin(small_network(FAST)), shown(1.0), "sampling", 7)
    finally:
        signal.signal(signal.SIGINT, former)
    assert asked == [1]
    np.testing.assert_array_equal(end.times, alone.times)


IN_A_THREAD = """
import signal, sys, threading
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from spikingsampling.engines import isolation
    signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
def make():
    try:
        from spikingsampling.engines import isolation
        print("imported")
    except Exception as error:
        print(type(error).__name__, error)
thread = threading.Thread(target=make)
thread.start(); thread.join()
if sys.argv[1] == "fresh":
    from spikingsampling.engines import isolation
    print("then imported")
"""


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            "fresh",
            r"EngineError Brian2 sets a handler of Ctrl-C.*main thread.*`import brian2`.*\nthen imported\n",
        ),
        ("ignored", "imported\n"),
    ],
)
def test_brian2_is_imported_in_the_main_thread(state: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_THREAD, state], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(said, done.stdout), done.stdout


def test_a_program_is_found_without_touching_anything(undisturbed: Any, user: None) -> None:
    before = fingerprint()
    cache.get_program(small_network(), TIMING, 5)
    assert fingerprint() == before
