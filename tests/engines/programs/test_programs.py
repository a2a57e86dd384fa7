"""The cache of compiled programs: what compiles, what does not, and what a missing compiler says."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers import ROOT, TESTS
from helpers.import_graph import edges_of, modules
from helpers.small.networks import PARAMETERS, TIMING, begin, engine_of, shown, small_network
from spikingsampling.engines import standalone
from spikingsampling.engines.programs import cache, compilation
from spikingsampling.engines.templates import TEMPLATES
from spikingsampling.errors import CompilerError, EngineError
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.network.description import Network, Population, Source, all_to_all
from spikingsampling.network.rules import STDPRule


def forbid(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("must not be needed")

    for name in names:
        monkeypatch.setattr(cache, name, refuse)


def spikes(parameters) -> tuple[np.ndarray, np.ndarray]:
    network = small_network(parameters)
    engine = engine_of("standalone", network)
    outcome = engine.advance(begin(network), shown(1.0), "sampling", 3)
    engine.close()
    return outcome.times, outcome.state["feedforward.theta"]


@pytest.fixture(scope="module")
def compiled() -> None:
    engine_of("standalone", small_network()).close()


def test_parameters_are_not_compiled_in(compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither code generation nor compiler runs, and each parameter has its effect nevertheless."""
    forbid(monkeypatch, "compile_project", "write_project")
    times, theta = spikes(PARAMETERS.replace(b=1e-3))
    for change in (
        {"temperature": 0.1},
        {"b": 5e-4},
        {"n_examples": 20},
        {"alpha": 0.5},
        {"alpha_cap": 0.25},
        {"theta_0": 2.0},
        {"theta_floor": -0.5},
        {"adaptation": -3.0},
        {"tau_adaptation_fall": "3 s", "tau_adaptation_rise": "0.1 s"},
        {"tau_fall": "30 ms"},
        {"tau_rise": "5 ms"},
        {"rho_net": "50 Hz"},
    ):
        other_times, other_theta = spikes(PARAMETERS.replace(**{"b": 1e-3, **change}))
        assert not np.array_equal(other_theta, theta), change
        if "rho_net" in change:
            assert len(other_times) < 0.7 * len(times)


@pytest.mark.parametrize(
    "network",
    [
        small_network(PARAMETERS.replace(prior=GaussianPrior(0.3, 0.7))),
        Network([Source("image", 3)], [Population("left", 1, 2)], []),
    ],
    ids=["prior", "size"],
)
def test_what_is_compiled_in_has_a_description_of_its_own(network: Network) -> None:
    assert cache._description(network, TIMING, 5, False) != cache._description(
        small_network(), TIMING, 5, False
    )


def test_the_generated_code_does_not_depend_on_what_the_process_did_before(tmp_path: Path) -> None:
    gc.disable()
    try:
        for name in ("first", "second"):
            cache.write_project(small_network(), TIMING, 5, tmp_path / name)
    finally:
        gc.enable()
    names = [
        sorted(str(f.relative_to(tmp_path / n)) for f in (tmp_path / n).rglob("*.cpp"))
        for n in ("first", "second")
    ]
    assert names[0] == names[1]


def test_the_loop_does_not_ask_for_the_time_in_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", "stock")
    cache.write_project(small_network(), TIMING, 5, tmp_path)
    code = (tmp_path / "network.cpp").read_text()
    last_tick = code.index("tick()")
    closed = code.index("\n    }\n", last_tick)
    assert "std::clock()" not in code[last_tick:closed]
    assert "::now()" not in code[last_tick:closed]  # as it is called since Brian2 2.11
    assert re.search(r"elapsed_realtime = .*\(current - start\)", code[closed:])


def test_a_fresh_process_finds_the_program_without_brian2(compiled) -> None:
    script = """
import sys
from helpers.small.networks import begin, engine_of, shown, small_network
network = small_network()
engine = engine_of("standalone", network)
assert len(engine.advance(begin(network), shown(1.0), "sampling", 1).times) > 100
assert "brian2" not in sys.modules, "brian2 was imported"
"""
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_cold_cache_is_filled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_CACHE", str(tmp_path))
    source, population = Source("image", 2), Population("left", 1, 2)
    network = Network([source], [population], [all_to_all(source, population)])
    table = np.full((1, 2), 20.0)
    standalone.StandaloneEngine(network, TIMING, table).close()
    (program,) = (path for path in (tmp_path / "programs").iterdir() if path.name != "known")
    assert {"main", "manifest.json"} <= {path.name for path in program.iterdir()}
    assert not list(program.rglob("*.o"))
    forbid(monkeypatch, "compile_project", "write_project")
    standalone.StandaloneEngine(network, TIMING, table).close()
    assert len(list((tmp_path / "programs").iterdir())) == 2


@pytest.mark.parametrize(("variable", "value"), [("CXX", "no-such-compiler"), ("PATH", "")])
def test_no_compiler(variable, value, monkeypatch: pytest.MonkeyPatch) -> None:
    if variable == "PATH":
        monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv(variable, value)
    with pytest.raises(CompilerError, match=r"no C\+\+ compiler.*CXX.*--engine runtime"):
        engine_of("standalone", small_network())


def test_a_compiler_that_fails(tmp_path: Path) -> None:
    (tmp_path / "makefile").write_text("OPTIMISATIONS = -O3\n")
    with pytest.raises(CompilerError, match=r"false could not compile.*--engine runtime"):
        compilation.compile_project(tmp_path, ["false"])


def test_a_program_that_fails_says_so(compiled) -> None:
    network = small_network()
    engine = engine_of("standalone", network)
    state = begin(network)
    state["feedforward.theta"] = state["feedforward.theta"][:-1]  # a file too short
    state["feedforward.intact"] = state["feedforward.intact"][:-1]
    with pytest.raises(EngineError, match="the compiled program failed"):
        engine.advance(state, shown(1.0), "sampling", 1)
    engine.close()


def test_a_program_is_compiled_once_by_processes_that_start_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []

    def write(network: Any, timing: Any, n_frames: int, build: Path, **_: Any) -> dict[str, str]:
        (build / "static_arrays").mkdir(parents=True)
        (build / "main.cpp").write_text("")
        return {}

    def compile(build: Path, command: Any) -> None:
        compiled.append(build)
        time.sleep(0.3)
        (build / "main").write_text("")

    monkeypatch.setenv("SPIKINGSAMPLING_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "write_project", write)
    monkeypatch.setattr(cache, "compile_project", compile)
    monkeypatch.setattr(cache, "check_program", lambda *_, **__: None)
    network, found = small_network(), []

    def get() -> None:
        found.append(cache.get_program(network, TIMING, 5))

    # A lock of the system separates open files, so that threads serve as well as processes.
    threads = [threading.Thread(target=get) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(compiled) == 1
    assert len({program.directory for program in found}) == 1 and len(found) == 3


def test_the_description_covers_every_module_that_makes_the_code() -> None:
    """Whatever the generation imports is read into the description, or enters it with the code of the rule."""
    known = modules(ROOT)
    edges = edges_of(known)
    reached, left = (
        set(),
        ["spikingsampling.engines.programs.project", "spikingsampling.engines.programs.compilation"],
    )
    while left:
        module = left.pop()
        if module not in reached:
            reached.add(module)
            left += edges[module]
    in_the_rule = {"rules", "plasticity", "parameters", "weights"}
    in_the_rule = {f"spikingsampling.network.{name}" for name in in_the_rule}
    in_the_rule |= {f"spikingsampling.inference.{name}" for name in ("priors", "prior_setting", "mixture")}
    checks = {
        f"spikingsampling.{name}" for name in ("_checks", "errors", "locks", "parameters", "tables", "units")
    }
    files = {
        known[module].relative_to(ROOT / "spikingsampling").as_posix()
        for module in reached - in_the_rule - checks
    }
    folder = ROOT / "spikingsampling" / "engines" / "templates"
    files |= {f"engines/templates/{path.name}" for path in folder.iterdir() if path.suffix in (".cpp", ".h")}
    assert files == set(cache.GENERATING)
    assert list(cache.GENERATING) == sorted(cache.GENERATING)


@pytest.mark.parametrize("changed", cache.GENERATING)
def test_a_changed_module_makes_another_description(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    for name in cache.GENERATING:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
    monkeypatch.setattr(cache, "__file__", str(package / "engines" / "programs" / "cache.py"))
    before = cache._description(small_network(), TIMING, 5, False)
    assert before == cache._description(small_network(), TIMING, 5, False)
    (package / changed).write_text("changed")
    assert before != cache._description(small_network(), TIMING, 5, False)


def test_the_templates_are_part_of_the_description(monkeypatch: pytest.MonkeyPatch) -> None:
    described = set()
    for templates in TEMPLATES:
        monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", templates)
        described.add(cache._description(small_network(), TIMING, 5, False))
    assert len(described) == 3


def test_the_rule_is_part_of_the_description() -> None:
    soft, hard = (replace(small_network(), rule=STDPRule(bounds=bounds)) for bounds in ("soft", "hard"))
    described = {cache._description(n, TIMING, 5, False) for n in (small_network(), soft, hard)}
    assert len(described) == 3
