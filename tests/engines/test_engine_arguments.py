"""What the engines refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.small.networks import (
    FAST,
    PARAMETERS,
    TIMING,
    begin,
    both_engines,
    engine_of,
    shown,
    small_network,
)
from spikingsampling.engines import Drive, RuntimeEngine, make_engine
from spikingsampling.errors import EngineError, ParameterError, UnknownNameError
from spikingsampling.network.timing import Timing


@pytest.mark.parametrize(
    ("drive", "message"),
    [
        (shown(21.0), "duration = 21 s: must be at most a segment, 20 s"),
        (Drive(0.0, np.zeros((0, 2), int)), "duration = 0 s"),
        (Drive(math.nan, np.zeros((5, 2), int)), "duration = nan s"),
        (Drive(1.4, np.zeros((7, 2), int)), "duration = 1.4 s: must be a whole multiple of update_period"),
        (Drive(1.0, np.zeros((4, 2), int)), r"schedule has shape \(4, 2\): must be \(5, 2\)"),
        (Drive(1.0, np.zeros((5, 1), int)), r"schedule has shape \(5, 1\)"),
        (Drive(1.0, np.full((5, 2), 5)), "schedule: frames must lie in 0 … 4"),
        (Drive(1.0, np.full((5, 2), -1)), "schedule: frames must lie in 0 … 4"),
    ],
)
def test_wrong_drive(drive: Drive, message: str) -> None:
    network = small_network()
    for name in ("standalone", "runtime"):
        with pytest.raises(ParameterError, match=message):
            engine_of(name, network).advance(begin(network), drive, "map", 1)


def test_a_segment_shorter_than_the_delay_is_refused() -> None:
    p = PARAMETERS.replace(lateral_delay="0.4 s")
    timing = Timing(1e-3, 0.2, 0.2, 1.0, 0.4)
    network = small_network(p)
    engine = engine_of("runtime", network, timing=timing)
    with pytest.raises(ParameterError, match=r"duration = 0.2 s: must be at least the lateral delay, 0.4 s"):
        engine.advance(begin(network, timing=timing), shown(0.2), "map", 1)


@both_engines
def test_a_network_that_diverges_is_stopped(name: str) -> None:
    """Nothing holds weights back where α e^w is capped below x; no such state reaches a recording."""
    network = small_network(FAST.replace(n_examples=1e4, alpha_cap=1e-3))
    engine = engine_of(name, network)
    with pytest.raises(EngineError, match=r"theta.*overflowed.*alpha_cap"):
        engine.advance(begin(network), shown(1.0), "sampling", 1)
    engine.close()


def test_unknown_engine_and_target() -> None:
    network = small_network()
    with pytest.raises(UnknownNameError, match="unknown engine 'standalon'; did you mean 'standalone'"):
        make_engine("standalon", network, TIMING, np.zeros((1, 60)))
    with pytest.raises(ParameterError, match="target = 'c': must be one of auto, cython, numpy"):
        RuntimeEngine(network, TIMING, np.zeros((1, 60)), target="c")
