"""A simulation is not copied, and is used by one thread at a time, of the process that opened its run directory."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import os
import pickle
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.small.networks import both_engines
from helpers.small.simulations import FRAME, items, simulation
from spikingsampling.errors import EngineError, ResumeError
from spikingsampling.network.lesions import SynapseLesion
from spikingsampling.simulation.progress import Progress
from spikingsampling.simulation.simulation import Simulation


def quick(name: str = "runtime", **options: Any) -> Simulation:
    """The small network; on the runtime engine one presentation is enough."""
    return simulation(name, **({"update_period": FRAME} if name == "runtime" else {}), **options)


def some(name: str = "runtime") -> dict[str, np.ndarray]:
    return items(1 if name == "runtime" else 5)


def in_child(function: Callable[[], Any]) -> Any:
    """What a function returns, or the error that it raises, in a forked child."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def run() -> None:
        try:
            theirs.send(function())
        except Exception as error:
            theirs.send(error)

    child = context.Process(target=run)
    child.start()
    answer = ours.recv() if ours.poll(120) else None
    child.join(60)
    return answer


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_simulation_and_its_engine_are_not_copied(copied: Callable[[Any], Any]) -> None:
    with quick("runtime") as sim:
        for thing in (sim, sim._engine):
            with pytest.raises(TypeError, match=r"cannot be copied or pickled: take `now`.*`start`"):
                copied(thing)
        assert copied(sim.now)  # a moment is a value


def test_forked_children_answer_for_themselves() -> None:
    """Each child shows another item; none takes the output of another for its own."""
    sim = simulation()
    sim.present(items(5), learning="sampling")

    def shown(k: int) -> tuple[np.ndarray, np.ndarray]:
        row = {"image": np.full(50, k), "sound": np.full(50, k)}
        times, neurons = sim.present(row, learning="off").spikes["left"]
        return times, neurons

    alone = [in_child(lambda k=k: shown(k)) for k in range(4)]
    for _ in range(3):
        _shown.function = shown  # a pool takes functions of modules only
        with multiprocessing.get_context("fork").Pool(4) as pool:
            together = pool.map(_shown, range(4), chunksize=1)
        for (times, neurons), (other_times, other_neurons) in zip(alone, together, strict=True):
            np.testing.assert_array_equal(times, other_times)
            np.testing.assert_array_equal(neurons, other_neurons)
    assert len({neurons.tobytes() for _, neurons in alone}) == 4
    sim.close()


def _shown(k: int) -> Any:
    return _shown.function(k)


@both_engines
def test_the_end_of_a_child_takes_nothing_from_its_parent(name: str) -> None:
    sim = quick(name)
    sim.present(some(name), learning="sampling")
    scratch = getattr(sim._engine, "_shared", None)

    def end() -> bool:
        sim.close()
        gc.collect()
        return scratch is None or scratch.path.is_dir()

    assert in_child(end) is True
    assert scratch is None or scratch.path.is_dir()
    sim.present(some(name), learning="off")
    sim.close()
    assert scratch is None or not scratch.path.exists()


def test_a_table_of_rates_that_was_removed_is_written_again() -> None:
    """Temporary folders are swept by some systems, while a run of weeks goes on."""
    with simulation() as sim, simulation() as other:
        expected = other.present(items(5), learning="sampling").spikes["left"][0]
        shutil.rmtree(sim._engine._shared.path)
        np.testing.assert_array_equal(sim.present(items(5), learning="sampling").spikes["left"][0], expected)


def test_a_forked_child_does_not_write_the_run_directory(tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}

    with quick("runtime", directory=tmp_path / "run") as sim:
        sim.present(some(), learning="sampling")
        before = files()
        for use in (
            lambda: sim.present(some(), learning="off"),
            lambda: sim.lesion(SynapseLesion("image_to_left")),
            sim.finish,
        ):
            refused = in_child(use)
            assert isinstance(refused, ResumeError)
            assert f"written by process {os.getpid()}" in str(refused) and "`now`" in str(refused)
        assert in_child(sim.close) is None
        assert files() == before
        sim.present(some(), learning="off")


def test_two_threads_do_not_use_one_simulation_at_once() -> None:
    inside, go_on = threading.Event(), threading.Event()
    refused: list[EngineError] = []

    class Slow(Progress):
        """Progress that waits in the middle of a presentation."""

        def advance(self, *_: object) -> None:
            inside.set()
            go_on.wait(60)

    sim = quick("runtime")
    sim._progress = Slow()
    thread = threading.Thread(target=lambda: sim.present(some(), learning="off"))
    thread.start()
    assert inside.wait(60)
    try:
        sim.present(some(), learning="off")
    except EngineError as error:
        refused.append(error)
    finally:
        go_on.set()
        thread.join()
    assert "another thread is using this Simulation" in str(refused[0])
    sim.present(some(), learning="off")  # free again
    sim.close()


@both_engines
def test_simulations_in_threads_give_what_they_give_alone(name: str) -> None:
    def run() -> np.ndarray:
        with quick(name) as sim:
            return sim.present(some(name), learning="sampling").spikes["left"][0]

    alone, found = run(), []
    threads = [threading.Thread(target=lambda: found.append(run())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    for times in found:
        np.testing.assert_array_equal(times, alone)
