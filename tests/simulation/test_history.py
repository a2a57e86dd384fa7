"""θ over time without a directory; what a simulation shows of itself, and its progress in a notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import spikingsampling as ss
from helpers.runs.recording_samples import ENVIRONMENT
from helpers.small.networks import both_engines
from helpers.small.simulations import items, simulation
from spikingsampling.errors import ParameterError, UnknownNameError

RECORDING = ss.Recording(snapshot_period="2 s")


@both_engines
def test_the_history_is_what_a_directory_would_hold(name: str, tmp_path: Path) -> None:
    with simulation(name, segment=1.0, recording=RECORDING) as sim:
        sim.present(items(25), learning="sampling")
        assert repr(sim.history) == "<History: 2 snapshots, the last at 4 s>"
    with simulation(name, segment=1.0, recording=RECORDING, directory=tmp_path / "run") as kept:
        kept.present(items(25), learning="sampling")
        with pytest.raises(ParameterError, match="history: what this simulation did is in the directory"):
            _ = kept.history
    with ss.open_recording(tmp_path / "run") as recording:
        for name in recording.projections:
            np.testing.assert_array_equal(sim.history.times, recording.snapshot_times(name))
            np.testing.assert_array_equal(sim.history.theta(name), recording.theta(name, slice(None)))
            np.testing.assert_array_equal(sim.history.w(name), recording.w(name, slice(None)))
    assert sim.history.theta(recording.projections[0]).shape[0] == 2
    with pytest.raises(UnknownNameError, match="nowhere"):
        sim.history.theta("nowhere")


def test_nothing_is_kept_unasked() -> None:
    with simulation(segment=1.0) as sim:
        sim.present(items(5), learning="sampling")
        with pytest.raises(ParameterError, match=r"was not kept: give recording=Recording\(\)"):
            _ = sim.history


def test_a_simulation_and_its_network_show_themselves() -> None:
    with simulation(segment=1.0) as sim:
        sim.present(items(5), learning="off")
        network = sim.network
        size = f"{network.n_neurons} neurons in {network.n_circuits} circuits, {network.n_synapses} synapses"
        assert repr(network) == f"<Network: 60 inputs, {size}>"
        assert repr(sim).startswith("<Simulation: 1 s of 60 inputs")
        assert repr(sim).endswith(f"{sim.active_synapses} active>")
        html = sim._repr_html_()
        assert "<td>image</td><td>source</td><td>40</td>" in html
        assert html.count("<table>") == 2


CELLS = (
    """
import numpy as np, spikingsampling as ss
from helpers.small.simulations import items, simulation
sim = simulation(segment=1.0, progress=ss.Progress())
sim
""",
    "_ = sim.present(items(25), learning='sampling', name='training <1>')",
)


def test_a_notebook_shows_tables_and_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown, progress = (cell["outputs"] for cell in notebook["cells"])
    (table,) = [output["data"] for output in shown if output["output_type"] == "execute_result"]
    assert table["text/plain"].startswith("<Simulation: 0 s of")
    assert "<table>" in table["text/html"]
    pages = [output["data"].get("text/html", "") for output in progress if "data" in output]
    (bar,) = [page for page in pages if "<progress" in page]
    assert 'training &lt;1&gt; <progress value="5" max="5"></progress>' in bar
    assert "5.00 s of 5.00 s" in bar
