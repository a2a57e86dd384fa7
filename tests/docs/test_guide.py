"""The Python of the guide runs, each piece after what its text takes for granted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from helpers import ROOT
from helpers.runs.association_runs import PROGRAM, SHORT, SMOKE, call

GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
#: Each piece by what it begins with.
PIECES = {
    code.split("\n", 1)[0]: code
    for code in re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
}
NETWORK = """
import numpy as np, spikingsampling as ss
rng = np.random.default_rng(1)
inputs, neurons = ss.Source("inputs", 100), ss.Population("neurons", n_circuits=1, circuit_size=10)
network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)])
stimuli = ss.Stimuli({"inputs": ss.Library(rng.uniform(1, 60, size=(4, 100)), labels=np.arange(4))})
items = rng.integers(4, size=50)
"""
BRIAN = """
import brian2 as b2, numpy as np, spikingsampling as ss
b2.prefs.codegen.target = "numpy"
b2.seed(2)
rng = np.random.default_rng(2)
prior = ss.priors.GaussianPrior(0.5, 1.0)
pre = b2.PoissonGroup(30, 40 * b2.Hz)
post = b2.NeuronGroup(4, "dv/dt = -v/(20*ms) : 1", threshold="v > 1", reset="v = 0", method="exact")
"""
RUN = """
before = np.array(synapses.theta)
b2.run(2 * b2.second)
assert (np.array(synapses.theta) != before).all()
print("ran")
"""


def python(code: str, folder: Path) -> str:
    """What a script prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_piece_is_left_out() -> None:
    assert list(PIECES) == [
        'run = ss.load_run("DIR")',
        "with ss.Simulation(network, stimuli, seed=1) as trained:",
        '"""How many synapses are active after a time of learning from four patterns."""',
        "from dataclasses import dataclass",
        "code = ss.synapse_code(ss.SamplingRule(), ss.CircuitParameters(temperature=0.5))",
        'rule, neuron, signal = ss.RewardSampling(b="5e-4 /s"), ss.StochasticNeuron(), ss.RewardSignal()',
        "from spikingsampling.engines import Segments",
    ]


def test_reading_a_run(tmp_path: Path) -> None:
    done = call(*PROGRAM, *SMOKE, *SHORT, "--no-figures", "--out", "DIR", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    piece = PIECES['run = ss.load_run("DIR")'] + "print(len(times) > 0, w.shape == (8, 8))\n"
    accuracy, *rest = python("import spikingsampling as ss\n" + piece, tmp_path).split()
    assert 0 <= float(accuracy) <= 1
    assert rest == ["10", "s", "True", "True"]


def test_lesions_and_branches(tmp_path: Path) -> None:
    piece = PIECES["with ss.Simulation(network, stimuli, seed=1) as trained:"]
    check = "print(branch.time, (branch.theta('inputs_to_neurons') == 0).any())"
    assert python(NETWORK + piece + check, tmp_path).split()[0] == "20.0"


def test_an_own_protocol(tmp_path: Path) -> None:
    (tmp_path / "growth.py").write_text(
        PIECES['"""How many synapses are active after a time of learning from four patterns."""']
    )
    done = call(*PROGRAM, "run", "growth.py", "--preset", "smoke", "--out", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "active_synapses" in done.stdout


def test_an_own_prior_and_a_rule(tmp_path: Path) -> None:
    # The rule is checked from a file: the checks write down where its class is found.
    (tmp_path / "own.py").write_text(PIECES["from dataclasses import dataclass"])
    python("import own", tmp_path)


def test_an_own_network(tmp_path: Path) -> None:
    piece = PIECES["code = ss.synapse_code(ss.SamplingRule(), ss.CircuitParameters(temperature=0.5))"]
    assert python(BRIAN + piece + RUN, tmp_path) == "ran\n"


def test_rewards(tmp_path: Path) -> None:
    piece = PIECES[
        'rule, neuron, signal = ss.RewardSampling(b="5e-4 /s"), ss.StochasticNeuron(), ss.RewardSignal()'
    ]
    after = "post.reward = 1\ncode.anneal(synapses, b='1e-4 /s', temperature=0.05)\n"
    assert python(BRIAN + piece + after + RUN, tmp_path) == "ran\n"


def test_a_closed_loop(tmp_path: Path) -> None:
    piece = PIECES["from spikingsampling.engines import Segments"]
    after = "print(act, 0 < state['cells.v'].min() <= state['cells.v'].max() < 1)"
    assert python(BRIAN + piece + after, tmp_path) == "99 True\n"
