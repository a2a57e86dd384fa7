"""Rows of synapses of the same partners, which are walked side by side."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import TIMING, engine_of
from spikingsampling import engines
from spikingsampling.engines import Drive
from spikingsampling.engines.programs.compilation import find_compiler
from spikingsampling.network.description import Network, Population, Projection, Source, connect
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import membrane_weight
from spikingsampling.network.state import initial_state

P = CircuitParameters(tau_fall="0.5 s", tau_rise="0.1 s", rho_net="0.01 Hz", b=0, adaptation=0)
#: As many as go side by side at most, then two, then one.
POPULATION = Population("neurons", 1, 8)
#: Two tiles and a bit more; less than one, and no whole number of vectors.
LONG, SHORT = 2500, 203


def without(n_inputs: int, *synapses: tuple[int, int]) -> tuple[Source, Projection]:
    """All synapses but these, each given by its source and its neuron."""
    mask = np.ones((n_inputs, POPULATION.size), dtype=bool)
    if synapses:
        mask[tuple(np.transpose(synapses))] = False
    source = Source("inputs", n_inputs)
    return source, connect("forward", source.name, POPULATION.name, mask)


@pytest.mark.parametrize(
    ("source", "projection"),
    [
        without(LONG),
        without(LONG, (1100, 2)),
        without(LONG, *((1100, neuron) for neuron in range(POPULATION.size))),
        without(LONG, (2499, 2)),
        without(LONG, (0, 0), (2499, 1), (2499, 2)),
        without(SHORT),
        without(SHORT, (202, 5)),
    ],
    ids=[
        "the same partners",
        "a gap",
        "the same gap",
        "one ends early",
        "others of the same number",
        "short",
        "short, one ends early",
    ],
)
def test_potentials_are_sums_over_all_synapses_of_a_row(source: Source, projection: Projection) -> None:
    network = Network([source], [POPULATION], [projection], P)
    rng = np.random.default_rng(3)
    state = initial_state(network, rng, TIMING)
    x_fall, x_rise = state["inputs.x_fall"], state["inputs.x_rise"]
    x_fall[:], x_rise[:] = rng.random((2, source.size)) + np.array([[1.0], [0.0]])
    state["circuits.t_next"][:] = 0.0095  # fires in step 10
    state["feedforward.intact"][::7] = 0
    engine = engine_of("standalone", network, frames=np.zeros((1, source.size)))
    end = engine.advance(state, Drive(1.0, np.zeros((5, 1), dtype=int)), "off", 1).state
    engine.close()
    since = 10 * TIMING.dt - state["inputs.origin"]
    x = x_fall * np.exp(-since / P.tau_fall) - x_rise * np.exp(-since / P.tau_rise)
    pathway = network.pathways[0]
    w = membrane_weight(state["feedforward.theta"], P.theta_0) * state["feedforward.intact"]
    expected = np.bincount(pathway.post_index, w * x[pathway.pre_index], POPULATION.size)
    assert expected.min() > 10 and len(np.unique(expected)) == POPULATION.size
    np.testing.assert_allclose(end["neurons.psp"], expected, rtol=1e-12)


#: Prints how many of the rows 0 to 3 go side by side from the first on, of the lists of sources and partners that are
#: given.
PROGRAM = """
#include <cstdio>
#include <cstdlib>
#include "rows.h"
int main(int count, char** given)
{
    std::vector<int32_t> sources, partners;
    for (int i = 1; i < count; i += 2) sources.push_back(atoi(given[i])), partners.push_back(atoi(given[i + 1]));
    const int32_t asked[] = {0, 1, 2, 3};
    const Rows &rows = rows_of(sources, partners, 4), &more = rows_of(sources, partners, 9);
    printf("%d %d %zu", rows.alike(asked, 4), &rows == &more, more.start[9] - more.start[4]);
}
"""


@pytest.mark.parametrize(
    ("synapses", "alike"),
    [
        ("0 0 0 1 0 2 1 0 1 1 1 2", 2),
        ("0 0 0 1 1 0 1 1 2 0 2 1 3 0 3 1", 4),
        ("0 0 0 1 1 0 1 1 2 0 2 1 3 1 3 2", 3),
        ("0 0 0 1 1 5 1 6", 1),  # other partners
        ("0 0 1 0 0 1 1 1", 1),  # every other synapse: not next to each other in memory
        ("0 0 0 1 1 0", 1),
        ("0 0 0 2 1 0 1 2", 1),
        ("0 0 0 1", 1),
        ("", 1),
    ],
)
def test_rows_side_by_side_are_whole_runs_of_the_same_partners(
    synapses: str, alike: int, tmp_path: Path
) -> None:
    (tmp_path / "rows.cpp").write_text(PROGRAM)
    command, _ = find_compiler()
    folder = Path(engines.__file__).parent / "templates"
    program = tmp_path / "rows"
    subprocess.run(
        [*command, "-std=c++11", f"-I{folder}", str(tmp_path / "rows.cpp"), "-o", str(program)], check=True
    )
    found = subprocess.run([program, *synapses.split()], capture_output=True, text=True, check=True).stdout
    assert found == f"{alike} 1 0"
