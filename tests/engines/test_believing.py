"""What a program says and writes is checked before it is believed."""

from __future__ import annotations

import errno
import math
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.small.networks import FAST, TIMING, begin, both_engines, engine_of, shown, small_network
from spikingsampling.engines import Drive
from spikingsampling.engines.base import sizes_at_end
from spikingsampling.engines.programs import project, scratch, self_check
from spikingsampling.engines.programs.program import Program
from spikingsampling.engines.programs.scratch import Scratch
from spikingsampling.engines.templates import TEMPLATES
from spikingsampling.errors import EngineError
from spikingsampling.network.rules import STDPRule
from spikingsampling.network.timing import Timing

SIZES = {"a.x": 3}
FILES = {"a.x": "x", "spikes.i": "i", "spikes.t": "t"}
#: A program that does all that it should: 3 numbers, 2 spikes.
GOOD = """
head -c 24 /dev/zero > "$2x"; head -c 8 /dev/zero > "$2i"; head -c 16 /dev/zero > "$2t"
echo "finished: 1000 steps, 2 spikes"
"""


def program(folder: Path, script: str) -> Program:
    main = folder / "main"
    main.write_text("#!/bin/sh\n" + script)
    main.chmod(main.stat().st_mode | stat.S_IXUSR)
    return Program(folder, FILES)


def run(folder: Path, script: str, scratch: Path | None = None) -> Any:
    with Scratch() as own:
        return program(folder, script).run(scratch or own, {}, {}, duration=1.0, seed=1, sizes=SIZES)


def test_a_good_program_is_believed(tmp_path: Path) -> None:
    results = run(tmp_path, GOOD)
    assert results.steps == 1000
    assert {name: len(values) for name, values in results.arrays.items()} == {
        "a.x": 3,
        "spikes.i": 2,
        "spikes.t": 2,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("head -c 24", "head -c 16"), r"wrote 16 of 24 bytes of x; no space left in TMPDIR = "),
        (("head -c 24", "head -c 0"), "wrote 0 of 24 bytes"),
        (("head -c 24", "head -c 32"), "wrote 32 of 24 bytes"),
        (("head -c 16", "head -c 0"), "wrote 0 of 16 bytes of t"),
        (("2 spikes", "3 spikes"), "wrote 8 of 12 bytes of i"),
        (('head -c 8 /dev/zero > "$2i";', ""), "wrote no i"),
        (('echo "finished: 1000 steps, 2 spikes"', ""), "without its last line"),
        (("finished", "echo oops; echo finished"), "failed with code 0.*oops"),
        (("steps, 2 spikes", "steps, nan spikes"), "failed with code 0: finished: 1000 steps, nan"),
        (("echo", "exit 3; echo"), "failed with code 3"),
        (("echo", "kill -ILL $$; echo"), r"ended by SIGILL \(it was compiled for another processor\)"),
        (("echo", "kill -KILL $$; echo"), r"ended by SIGKILL"),
        (("echo", "echo wrong >&2; echo"), "failed with code 0: wrong"),
    ],
)
def test_a_program_that_does_less_is_not_believed(
    change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    assert change[0] in GOOD
    script = GOOD.replace(*change, 1)
    if change[0] == "finished":
        script = GOOD.replace('echo "', 'echo oops; echo "')
    with pytest.raises(EngineError, match=message):
        run(tmp_path, script)


def test_a_program_that_cannot_be_started_names_the_cache(tmp_path: Path) -> None:
    """As in a cache on a file system that does not execute, or with a program that was cut short."""
    (tmp_path / "main").write_text("")
    with pytest.raises(
        EngineError, match=r"cannot be started: Permission denied.*noexec.*SPIKINGSAMPLING_CACHE"
    ):
        Program(tmp_path, FILES)._execute([], os.environ)


@pytest.mark.parametrize("n_bytes", [0, 100])
def test_a_full_disk_is_named_before_anything_runs(
    n_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        """A file on a disk with room for a few bytes more."""

        def __init__(self, *_: object) -> None: ...
        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None: ...
        def write(self, data: Any) -> None:
            if memoryview(data).nbytes > n_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(scratch, "open", Full, raising=False)
    with pytest.raises(EngineError, match=r"no space left in TMPDIR = .*'b.y' was to be written"):
        project.arguments_of(tmp_path, {"a.x": 1.0, "b.y": np.arange(20.0)}, {})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(0.2), "0.2"),
        (np.float32(0.5), "0.5"),
        (np.int64(3), "3.0"),
        (np.uint8(3), "3.0"),
        (2, "2.0"),
        (True, "1.0"),
        (np.array(0.25), "0.25"),
        (1 / 3, repr(1 / 3)),
        (-1e300, "-1e+300"),
        (math.inf, "1e999"),
        (-np.inf, "-1e999"),
    ],
)
def test_numbers_of_any_type_reach_the_program_exactly(value: Any, text: str, tmp_path: Path) -> None:
    assert project.arguments_of(tmp_path, {"a.x": value}, {}) == [f"a.x={text}"]
    assert float(text) == float(value)


def test_an_array_of_one_value_takes_no_file(tmp_path: Path) -> None:
    variables = {"a.x": np.full((3, 2), 0.5), "b.y": np.array([1.0, 0.0, 1.0]), "c.z": np.ones(0)}
    found = project.arguments_of(tmp_path, variables, {"d": np.ones(4)})
    assert found == ["a.x=0.5", f"b.y={tmp_path}/b.y", f"c.z={tmp_path}/c.z", f"d.values={tmp_path}/d.values"]
    np.testing.assert_array_equal(np.fromfile(tmp_path / "b.y"), [1.0, 0.0, 1.0])


def test_a_value_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"a.x = nan: must be a number"):
        project.arguments_of(tmp_path, {"a.x": np.float64("nan")}, {})


@both_engines
def test_times_of_numpys_types_are_those_of_python(name: str) -> None:
    network = small_network(FAST)
    periods = {"standalone": (1e-3, 0.2, 1.0, 20.0, 5e-3), "runtime": (1e-3, 0.2, 0.2, 0.2, 5e-3)}[name]
    outcomes = []
    for number in (float, np.float64):
        timing = Timing(*map(number, periods))
        engine = engine_of(name, network, timing=timing)
        drive = Drive(number(periods[2]), shown(periods[2]).schedule)
        outcomes.append(engine.advance(begin(network, timing=timing), drive, "sampling", np.uint32(7)))
        engine.close()
    assert len(outcomes[0].times) > 10
    np.testing.assert_array_equal(outcomes[0].times, outcomes[1].times)


def test_an_engine_that_stops_early_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brian2 ends a run quietly where someone calls its ``stop``."""
    engine = engine_of("runtime", small_network())
    run = engine.objects.network.run
    monkeypatch.setattr(
        engine.objects.network, "run", lambda duration, **options: run(duration / 2, **options)
    )
    with pytest.raises(EngineError, match=r"reached 0.5 s \(500 steps\) of 1 s \(1000 steps\)"):
        engine.advance(begin(small_network()), shown(1.0), "off", 1)


def test_a_program_that_stops_early_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of("standalone", small_network())
    run = Program.run
    monkeypatch.setattr(
        Program, "run", lambda self, *a, duration, **k: run(self, *a, duration=duration / 2, **k)
    )
    with pytest.raises(EngineError, match=r"reached 0.5 s \(500 steps\) of 1 s \(1000 steps\)"):
        engine.advance(begin(small_network()), shown(1.0), "off", 1)
    engine.close()


@pytest.mark.parametrize("variable", ["SPIKINGSAMPLING_DURATION", "SPIKINGSAMPLING_SEED"])
@pytest.mark.parametrize("text", ["", "np.float64(1.0)", "1.0 s"])
def test_a_program_refuses_what_is_no_number(variable: str, text: str) -> None:
    engine = engine_of("standalone", small_network())
    environment = {"SPIKINGSAMPLING_DURATION": "0.1", "SPIKINGSAMPLING_SEED": "1", variable: text}
    with pytest.raises(EngineError, match=r"failed with code 2: .*must be numbers"):
        engine.program._execute([], os.environ | environment)
    engine.close()


def test_sizes_are_those_of_the_state() -> None:
    """All that is read back has the size of what is set at the start."""
    for network in (small_network(), replace(small_network(), rule=STDPRule())):
        state = begin(network)
        learnt = network.rule.code(network.parameters).learnt
        sizes = sizes_at_end(network)
        for name, size in sizes.items():
            assert len(state[name.replace(f".{learnt}", ".theta")]) == size, name


# --- self-check ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("templates", TEMPLATES)
def test_a_sound_program_passes_the_self_check(templates: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", templates)
    engine = engine_of("standalone", small_network())
    self_check.check_program(engine.program, small_network(), TIMING)
    engine.close()


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ("inputs.t_next", "log"),
        ("inputs.x_fall", "exp"),
        ("neurons.psp", "weights"),
        ("neurons.adaptation_fall", "decay"),
        ("spikes.i", "winners"),
        ("spikes.t", "clocks"),
    ],
)
def test_a_program_with_a_broken_part_fails_the_self_check(
    broken: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of("standalone", small_network())
    run = Program.run

    def wrong(self: Program, *arguments: Any, **options: Any) -> Any:
        results = run(self, *arguments, **options)
        values = results.arrays[broken].copy()
        values[-1] += 1e-6 if values.dtype.kind == "f" else 1
        return replace(results, arrays=results.arrays | {broken: values})

    monkeypatch.setattr(Program, "run", wrong)
    with pytest.raises(EngineError, match=rf"wrong results: {broken} on a known input.*--engine runtime"):
        self_check.check_program(engine.program, small_network(), TIMING)
    engine.close()


@pytest.mark.parametrize("templates", TEMPLATES)
def test_other_random_numbers_fail_the_self_check(templates: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", templates)
    engine = engine_of("standalone", small_network())
    run = Program.run
    monkeypatch.setattr(Program, "run", lambda self, *a, seed, **k: run(self, *a, seed=seed + 1, **k))
    with pytest.raises(EngineError, match="wrong results"):
        self_check.check_program(engine.program, small_network(), TIMING)
    engine.close()
