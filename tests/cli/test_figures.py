"""Figures of a finished run again, and what the commands say of a run without recording."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from helpers.runs.toy_runs import Configuration, protocol
from helpers.small.networks import FAST, TIMING, small_network, small_stimuli
from helpers.small.simulations import items
from spikingsampling.experiment.redraw import mirrored
from spikingsampling.experiment.run import Run
from spikingsampling.plotting.saving import caption_of


def draw(run: Run[Configuration], title: str) -> None:
    figure = Figure()
    figure.subplots().set_title(title)
    run.save_figure("two_words", figure, f"A caption: {title}")


def computed(run: Run[Configuration]) -> Mapping[str, Any]:
    """A protocol without recording, which leaves a file of its own."""
    table = run.directory / "table.txt"
    table.write_text(f"resuming: {run.resuming}, again: {table.exists()}")
    draw(run, "computed")
    return {"n": 3}


def recorded(run: Run[Configuration]) -> Mapping[str, Any]:
    """A protocol that simulates and draws what it has recorded."""
    network, segment = small_network(FAST), TIMING.segment
    with run.simulation(network, small_stimuli(), stream="network", segment=segment) as simulation:
        response = simulation.present(items(10), learning="sampling")
    spikes = sum(len(times) for times, _ in response.spikes.values())
    (run.directory / "built.txt").write_text(str(simulation.build_seconds > 0))
    draw(run, f"{spikes} spikes")
    return {"n": spikes}


def fingerprints(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_a_mirror_has_folders_of_its_own_and_links_to_what_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "run/part/figures").mkdir(parents=True)
    (tmp_path / "run/part/recording.h5").write_text("spikes")
    (tmp_path / "run/part/checkpoint.npz").write_text("state")
    (tmp_path / "run/part/table.txt").write_text("old")
    (tmp_path / "run/part/figures/old.png").write_text("old")
    with mirrored(tmp_path / "run") as mirror:
        assert mirror.name == "run"
        assert (mirror / "part/recording.h5").read_text() == "spikes"
        assert (mirror / "part/recording.h5").is_symlink()
        assert not (mirror / "part").is_symlink()
        assert (mirror / "part/checkpoint.npz").is_symlink()
        assert not (mirror / "part/figures").exists()
        (mirror / "part/table.txt").write_text("new")
        (mirror / "new.txt").write_text("new")
        (mirror / "part/recording.h5").unlink()
    assert not mirror.exists()
    assert (tmp_path / "run/part/recording.h5").read_text() == "spikes"
    assert (tmp_path / "run/part/table.txt").read_text() == "old"
    assert not (tmp_path / "run/new.txt").exists()


@pytest.mark.parametrize("form", ["png", "pdf", "svg"])
def test_a_run_draws_in_the_format_that_is_asked_for(command: Any, form: str) -> None:
    arguments = ("run", "toy", "--out", "here", "--figure-format", form)
    assert command(*arguments, toy=protocol(computed))[0] == 0
    assert [path.name for path in Path("here/figures").iterdir()] == [f"two_words.{form}"]


def test_a_run_without_recording_is_computed_again_which_is_said_before(command: Any) -> None:
    toy = protocol(computed)
    command("run", "toy", "--out", "here", "--no-figures", toy=toy)
    before = fingerprints(Path("here"))
    code, out, err = command("figures", "here", "--format", "svg", "--out", "a/b", toy=toy)
    assert (code, out) == (0, "a/b/two_words.svg\n")
    assert err.startswith("here has no recording: it is computed again, which took 0.")
    assert caption_of(Path("a/b/two_words.svg")) == "A caption: computed"
    assert fingerprints(Path("here")) == before
    assert Path("here/table.txt").read_text() == "resuming: False, again: False"


def test_figures_lie_in_the_run_when_no_folder_is_named(command: Any) -> None:
    toy = protocol(computed)
    command("run", "toy", "--out", "here", toy=toy)
    before = fingerprints(Path("here"))
    assert command("figures", "here", "--format", "pdf", toy=toy)[1] == "here/figures/two_words.pdf\n"
    after = fingerprints(Path("here"))
    assert set(after) - set(before) == {"figures/two_words.pdf"}
    assert before.items() <= after.items()


def test_what_is_recorded_is_read_back(command: Any) -> None:
    toy = protocol(recorded)
    command("run", "toy", "--out", "here", toy=toy)
    assert Path("here/built.txt").read_text() == "True"
    before = fingerprints(Path("here"))
    assert "recording.h5" in before
    code, _, err = command("figures", "here", "--out", "out", toy=toy)
    assert (code, err) == (0, "")  # nothing is built and nothing is computed
    assert fingerprints(Path("here")) == before
    assert Path("out/two_words.png").read_bytes() == Path("here/figures/two_words.png").read_bytes()


def test_a_protocol_may_draw_nothing(command: Any) -> None:
    command("run", "toy", "--out", "here")
    code, out, err = command("figures", "here")
    assert (code, out) == (0, "")
    assert err.endswith("the protocol 'toy' draws no figures\n")


def test_an_unfinished_run_is_to_be_finished_first(command: Any) -> None:
    command("run", "toy", "--out", "here", toy=protocol(computed))
    Path("here/metrics.json").unlink()
    code, _, err = command("figures", "here")
    assert code == 2
    assert "here is not finished; finish it with `spikingsampling run --resume here`" in err


@pytest.mark.parametrize(
    "arguments", [("inspect",), ("geometry",), ("export",), ("export", "--format", "nwb")]
)
def test_a_run_without_recording_says_that_its_protocol_makes_none(
    command: Any, arguments: tuple[str, ...]
) -> None:
    command("run", "toy", "--out", "here", "--no-figures")
    first, *others = arguments
    assert command(first, "here", *others) == (2, "", "error: here: the protocol 'toy' makes no recording\n")
    Path("here/metrics.json").unlink()
    assert command(first, "here", *others)[2] == "error: here: the run of 'toy' has no recording yet\n"
