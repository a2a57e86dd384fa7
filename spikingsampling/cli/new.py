"""``spikingsampling new``: a file to begin with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from .terminal import Debug, errors_as_messages

__all__ = ["new"]

new = typer.Typer(help="Write a file to begin with.", no_args_is_help=True, rich_markup_mode=None)

_PROTOCOL = '''"""What the experiment asks, in one line.

What to expect, and how long it takes. Run it with: spikingsampling run {file}
"""

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss


class Configuration(ss.ProtocolConfiguration):
    """Settings of the experiment; each run has data, seed and engine, too."""

    duration: ss.Time = ss.quantity("5 min", "time to learn", low="1 min", high="9 h", dimension="time")
    n_patterns: int = 4
    circuit: ss.CircuitParameters = ss.CircuitParameters(temperature=0.5)


def run(context):
    """Show random patterns to a circuit that learns, and measure what is left of its synapses."""
    c = context.configuration
    rng = np.random.default_rng(context.stream("stimuli"))  # all randomness comes from streams of the run
    inputs, neurons = ss.Source("inputs", 100), ss.Population("neurons", n_circuits=1, circuit_size=10)
    network = ss.Network([inputs], [neurons], [ss.all_to_all(inputs, neurons)], c.circuit)
    rates = rng.uniform(1, 60, size=(c.n_patterns, inputs.size))  # Hz
    stimuli = ss.Stimuli({{"inputs": ss.Library(rates, labels=np.arange(c.n_patterns))}})
    active = []
    with context.simulation(network, stimuli, stream="network") as simulation:
        for _ in range(round(c.duration / 60)):
            items = rng.integers(c.n_patterns, size=300)  # a minute of 200 ms presentations
            simulation.present({{"inputs": items}}, learning="sampling", labels=items)
            active.append(simulation.active_synapses)  # a finished minute survives a crash
    minutes = list(range(1, len(active) + 1))
    figure, ax = plt.subplots()
    ax.plot(minutes, active, "o-")
    ax.set(xlabel="minutes", ylabel="active synapses")
    context.save_figure("active", figure, "Synapses that are active, minute by minute.")
    return {{"active": active[-1], "growth": {{"minute": minutes, "synapses": active}}}}


PROTOCOL = ss.Protocol(Configuration, {{"smoke": {{"duration": "1 min"}}, "quick": {{}}}}, run)
'''


@new.callback()
def _root() -> None:
    """Without it the only command would have no name."""


@new.command()
def protocol(
    name: Annotated[str, typer.Argument(help="Name of the protocol: NAME.py is written here.")],
    debug: Debug = False,
) -> None:
    """Write a protocol of 40 lines that runs."""
    from ..errors import ParameterError

    with errors_as_messages(debug):
        path = Path(name.removesuffix(".py") + ".py")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
            raise ParameterError(f"NAME = {name!r}: must be lower-case letters, digits and _, a letter first")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(_PROTOCOL.format(file=path.name))
        except FileExistsError:
            raise ParameterError(f"NAME = {name!r}: {path} exists; must be a new file") from None
        print(
            f"{path} is written; run it with\n    spikingsampling run {shlex.quote(str(path))} --preset smoke"
        )
