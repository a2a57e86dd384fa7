"""Rows of synapses so long that they are walked side by side."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from helpers.small.networks import TIMING, engine_of
from spikingsampling import engines
from spikingsampling.engines import Drive
from spikingsampling.engines.programs.compilation import find_compiler
from spikingsampling.network.description import Network, Population, Projection, Source, all_to_all, connect
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import membrane_weight
from spikingsampling.network.state import initial_state

P = CircuitParameters(tau_fall="0.5 s", tau_rise="0.1 s", rho_net="0.01 Hz", b=0, adaptation=0)
#: Two tiles and a bit more; 3 neurons.
SOURCE, POPULATION = Source("inputs", 2500), Population("neurons", 1, 3)


def without(*synapses: tuple[int, int]) -> Projection:
    """All synapses but these, each given by its source and its neuron."""
    mask = np.ones((SOURCE.size, POPULATION.size), dtype=bool)
    mask[tuple(np.transpose(synapses))] = False
    return connect("forward", SOURCE.name, POPULATION.name, mask)


@pytest.mark.parametrize(
    "projection",
    [
        all_to_all(SOURCE, POPULATION),
        without((1100, 2)),
        without((1100, 0), (1100, 1), (1100, 2)),
        without((2499, 2)),
        without((0, 0), (2499, 1), (2499, 2)),
    ],
    ids=["the same partners", "a gap", "the same gap", "one ends early", "others of the same number"],
)
def test_potentials_of_long_rows_are_sums_over_all_their_synapses(projection: Projection) -> None:
    network = Network([SOURCE], [POPULATION], [projection], P)
    rng = np.random.default_rng(3)
    state = initial_state(network, rng, TIMING)
    x_fall, x_rise = state["inputs.x_fall"], state["inputs.x_rise"]
    x_fall[:], x_rise[:] = rng.random((2, SOURCE.size)) + np.array([[1.0], [0.0]])
    state["circuits.t_next"][:] = 0.0095  # fires in step 10
    state["feedforward.intact"][::7] = 0
    engine = engine_of("standalone", network, frames=np.zeros((1, SOURCE.size)))
    end = engine.advance(state, Drive(1.0, np.zeros((5, 1), dtype=int)), "off", 1).state
    engine.close()
    since = 10 * TIMING.dt - state["inputs.origin"]
    x = x_fall * np.exp(-since / P.tau_fall) - x_rise * np.exp(-since / P.tau_rise)
    pathway = network.pathways[0]
    w = membrane_weight(state["feedforward.theta"], P.theta_0) * state["feedforward.intact"]
    expected = np.bincount(pathway.post_index, w * x[pathway.pre_index], POPULATION.size)
    assert expected.min() > 10
    np.testing.assert_allclose(end["neurons.psp"], expected, rtol=1e-12)


#: Prints the shared length of the rows 0 and 1 of the lists of sources and partners that are given.
PROGRAM = """
#include <cstdio>
#include <cstdlib>
#include "rows.h"
int main(int count, char** given)
{
    std::vector<int32_t> sources, partners;
    for (int i = 1; i < count; i += 2) sources.push_back(atoi(given[i])), partners.push_back(atoi(given[i + 1]));
    const int32_t asked[] = {0, 1};
    const Rows &rows = rows_of(sources, partners, 2), &more = rows_of(sources, partners, 9);
    printf("%zu %d %zu", rows.shared(asked, 2), &rows == &more, more.start[9] - more.start[2]);
}
"""


@pytest.mark.parametrize(
    ("synapses", "shared"),
    [
        ("0 0 0 1 0 2 1 0 1 1 1 2", 3),
        ("0 0 0 1 1 5 1 6", 2),
        ("0 0 1 0 0 1 1 1", 0),  # every other synapse: not next to each other in memory
        ("0 0 0 1 1 0", 0),
        ("0 0 0 2 1 0 1 2", 0),
        ("0 0 0 1", 0),
        ("", 0),
    ],
)
def test_rows_side_by_side_are_whole_runs_of_one_length(synapses: str, shared: int, tmp_path: Path) -> None:
    (tmp_path / "rows.cpp").write_text(PROGRAM)
    command, _ = find_compiler()
    folder = Path(engines.__file__).parent / "templates"
    program = tmp_path / "rows"
    subprocess.run(
        [*command, "-std=c++11", f"-I{folder}", str(tmp_path / "rows.cpp"), "-o", str(program)], check=True
    )
    found = subprocess.run([program, *synapses.split()], capture_output=True, text=True, check=True).stdout
    assert found == f"{shared} 1 0"
