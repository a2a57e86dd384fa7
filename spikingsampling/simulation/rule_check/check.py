"""Does a learning rule do what a rule has to, on the engines that will run it?

All that it does is read from the small network of :mod:`~spikingsampling.simulation.rule_check.bench`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError
from ...inference.priors import GaussianPrior
from ...network.parameters import CircuitParameters
from ...network.rules import LEARNING_MODES, Learning, SynapseRule, membrane_weight
from ...network.state import State
from .bench import TIMING, Bench, N, sample_thetas, wrong_rule
from .references import Reference, reference_of

__all__ = ["check_rule"]

Array = NDArray[np.float64]
#: Both engines and the reference do the same operations in another order or with another library.
_ROUNDING = 1e-9


def check_rule(
    rule: SynapseRule,
    parameters: CircuitParameters | None = None,
    *,
    engines: Sequence[str] = ("runtime",),
    reference: Reference | None = None,
    seed: int = 0,
) -> None:
    """Check a learning rule of one's own; nothing happens where it is right.

    On each engine: θ survives the way to the rule's variable and back, an active synapse has the weight
    e^{θ−θ0} − e^{−θ0} on the membrane, ``off`` changes no θ, lesioned synapses stay silent and do not learn, only
    ``sampling`` at T > 0 is random, and a run over a border of segments is that without one. Engines are compared
    with each other, and what is learnt in the mode ``likelihood`` with a reference.

    Parameters
    ----------
    rule : SynapseRule
    parameters : CircuitParameters, optional
        By default such that much is learnt in the 60 ms that are simulated; PSPs are kept where the rule has no other.
    engines : sequence of {"runtime", "standalone"}
        The standalone engine compiles, which takes up to a minute for each rule.
    reference : callable, optional
        θ of one synapse after a time, from θ before, the times (n,) and (m,) of the spikes that reach it and of
        those of its neuron, and the time; all in s. Synaptic sampling and STDP have one.
    seed : int
        Of the spikes and of the engines.

    Raises
    ------
    ParameterError
        Names the property that fails, on which engine, and the values.
    """
    _check_members(rule)
    p = parameters or CircuitParameters(b=3e-3, prior=GaussianPrior(0.3, 0.8), theta_0=2.0)
    if parameters is None and not rule.code(p).on_draw:
        p = p.replace(psp="kept")
    p = p.replace(lateral_delay=TIMING.delay)
    modes = _check_modes(rule, p)
    _check_round_trip(rule, p)
    reference = reference or reference_of(rule, p)
    learnt = {}
    for name in engines:
        bench = Bench(rule, p, name, seed)
        try:
            _check_off(bench)
            _check_weight(bench)
            for mode in modes:
                _check_lesion(bench, mode)
            _check_randomness(bench, modes)
            learning = next(mode for mode in ("likelihood", "map", "sampling") if mode in modes)
            if learning == "likelihood" and reference is not None:
                _check_reference(bench, reference)
            if learning != "sampling":
                _check_border(bench, learning)
                learnt[name] = bench.learnt(learning)
        finally:
            bench.close()
    first, *others = learnt.items() or [("", {})]
    for name, state in others:
        _compare(rule, f"engines {first[0]} and {name} differ", first[1], state)


def _check_members(rule: SynapseRule) -> None:
    missing = [n for n in ("code", "begin", "constants", "variables", "theta") if not hasattr(rule, n)]
    if missing:
        raise wrong_rule(rule, f"has no {', '.join(missing)}: must have the members of SynapseRule")


def _check_modes(rule: SynapseRule, p: CircuitParameters) -> list[Learning]:
    """The modes of learning that the rule has, without ``off``, which every rule must have."""
    modes: list[Learning] = []
    for mode in LEARNING_MODES:
        try:
            groups = rule.constants(p, mode, TIMING.update_period)
        except ParameterError:
            continue
        if set(groups) != {"synapses", "pre", "post"}:
            raise wrong_rule(
                rule, f"constants has the groups {sorted(groups)}: must be synapses, pre and post"
            )
        modes.append(mode)
    if "off" not in modes or len(modes) < 2:
        raise wrong_rule(rule, f"has the modes of learning {modes}: must have off and another one")
    return [mode for mode in modes if mode != "off"]


def _check_round_trip(rule: SynapseRule, p: CircuitParameters) -> None:
    theta, learnt = sample_thetas(rule, p), rule.code(p).learnt
    if theta.shape != (N,) or not np.isfinite(theta).all():
        raise wrong_rule(rule, f"begin gives {theta}: must be one finite θ for each that it is given")
    variables = rule.variables(theta, np.ones(N), p)
    if learnt not in variables:
        raise wrong_rule(
            rule, f"variables has {sorted(variables)}, and not {learnt!r}, which holds what is learnt"
        )
    back = rule.theta(variables[learnt], p)
    if not np.allclose(back, theta, rtol=_ROUNDING, atol=_ROUNDING):
        raise wrong_rule(rule, f"round trip of θ by variables and theta: {theta} comes back as {back}")


def _compare(rule: SynapseRule, problem: str, one: State, other: State) -> None:
    for name, values in one.items():
        if not np.allclose(values, other[name], rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True):
            worst = int(np.nanargmax(np.abs(np.ravel(values - other[name]))))
            raise wrong_rule(
                rule,
                f"{problem}: {name} is {np.ravel(values)[worst]:.9g} and {np.ravel(other[name])[worst]:.9g}",
            )


def _each_once(first: int) -> Array:
    """A table in which neuron k fires once, in step ``first`` + k."""
    table = np.zeros((TIMING.steps + 1, N))
    table[first + np.arange(N), np.arange(N)] = 1
    return table


def _check_weight(bench: Bench) -> None:
    """One spike through each synapse: what it leaves in the PSP of its target tells its weight."""
    silent = np.zeros((TIMING.steps + 1, N))
    state = bench.fires_last(bench.start())
    for pathway in ("feedforward", "lateral"):
        state[f"{pathway}.intact"][1::3] = 0.0
    for pathway, tables, delay, target in (
        ("feedforward", (_each_once(9), silent), 0, np.arange(N)),
        ("lateral", (silent, _each_once(9)), TIMING.delay_steps, np.roll(np.arange(N), -1)),
    ):
        end = bench.run(state, "off", tables=tables)
        since = (TIMING.steps - 1 - 9 - delay - np.arange(N)) * TIMING.dt
        order = np.argsort(bench.pathways[pathway].pre_index)  # synapse of each presynaptic neuron
        w = bench.psp(end)[target] / bench.psp_of_one_spike(since)
        expected = membrane_weight(state[f"{pathway}.theta"], bench.p.theta_0)[order]
        intact = state[f"{pathway}.intact"][order]
        if w[intact == 0].any():
            raise bench.wrong(f"a lesioned {pathway} synapse has the weight {w[intact == 0]}: must be 0")
        if not np.allclose(w, intact * expected, rtol=1e-6, atol=1e-9):
            raise bench.wrong(
                f"{pathway} synapses with θ = {state[f'{pathway}.theta'][order]} have the weights {w} on the membrane: "
                f"must be e^(θ−θ0) − e^(−θ0) where θ > 0, else 0: {intact * expected}"
            )


def _theta(state: State) -> Array:
    return np.concatenate([state["feedforward.theta"], state["lateral.theta"]])


def _check_off(bench: Bench) -> None:
    before, after = bench.start(), bench.learnt("off")
    moved = np.abs(_theta(after) - _theta(before)).max()
    if moved > _ROUNDING:
        raise bench.wrong(f"learning = 'off' changes θ by up to {moved:.3g}")


def _check_lesion(bench: Bench, learning: Learning) -> None:
    """Every other neuron loses all synapses onto it."""
    before, gone = bench.fires_last(bench.start()), np.arange(N) % 2 == 0
    lost = {n: gone[bench.pathways[n].post_index] for n in ("feedforward", "lateral")}
    for pathway, synapses in lost.items():
        before[f"{pathway}.intact"][synapses] = 0.0
    after = bench.run(before, learning)
    for pathway, synapses in lost.items():
        if not np.array_equal(after[f"{pathway}.intact"], before[f"{pathway}.intact"]):
            raise bench.wrong(f"learning = {learning!r}: lesioned {pathway} synapses do not stay removed")
        moved = np.abs(after[f"{pathway}.theta"] - before[f"{pathway}.theta"])[synapses].max()
        if learning == "likelihood" and moved > _ROUNDING:
            raise bench.wrong(f"lesioned {pathway} synapses learn: θ moves by {moved:.3g}")
    psp = bench.psp(after)[gone]
    if psp.any():
        raise bench.wrong(
            f"learning = {learning!r}: lesioned synapses are not silent, PSPs reach {psp.max():.3g}"
        )


def _check_randomness(bench: Bench, modes: Sequence[Learning]) -> None:
    """Only noise is random: other seeds change nothing without it."""

    def repeats(bench: Bench, mode: Learning) -> bool:
        return np.array_equal(_theta(bench.learnt(mode, 1)), _theta(bench.learnt(mode, 2)))

    for mode in modes:
        random = mode == "sampling" and bench.p.temperature * bench.p.b > 0
        if repeats(bench, mode) is random:
            has = "the same for other seeds" if random else "random"
            raise bench.wrong(f"learning = {mode!r} at T = {bench.p.temperature:g} is {has}")
    if "sampling" not in modes:
        return
    cold = Bench(bench.rule, bench.p.replace(temperature=0), bench.engine_name, bench.seed)
    try:
        if not repeats(cold, "sampling"):
            raise bench.wrong("learning = 'sampling' is random at T = 0")
        if "map" in modes:
            still, best = cold.learnt("sampling"), bench.learnt("map")
            _compare(bench.rule, "learning = 'sampling' at T = 0 is not learning = 'map'", still, best)
    finally:
        cold.close()


def _check_border(bench: Bench, learning: Learning) -> None:
    """Traces are carried over: two segments end as one does."""
    half = TIMING.steps // 2
    whole = bench.learnt(learning)
    state = bench.start()
    for first in (0, half):
        tables = tuple(np.roll(table, -first, axis=0) for table in (bench.inputs, bench.winners))
        state = bench.run(state, learning, tables=tables, steps=half)
    _compare(bench.rule, f"a border of segments changes the run (engine {bench.engine_name})", whole, state)


def _check_reference(bench: Bench, reference: Reference) -> None:
    before, dt = bench.start(), TIMING.dt
    after = bench.learnt("likelihood")
    for pathway in ("feedforward", "lateral"):
        pre_index, post_index = bench.pathways[pathway].pre_index, bench.pathways[pathway].post_index
        for k, (i, j) in enumerate(zip(pre_index, post_index, strict=True)):
            pre = np.flatnonzero(bench.inputs[: TIMING.steps, i])
            if pathway == "lateral":
                pre = np.flatnonzero(bench.winners[: TIMING.steps, i]) + TIMING.delay_steps
                pre = pre[pre < TIMING.steps]
            post = np.flatnonzero(bench.winners[: TIMING.steps, j])
            theta = before[f"{pathway}.theta"][k]
            expected = reference(float(theta), pre * dt, post * dt, TIMING.segment)
            if not np.isclose(after[f"{pathway}.theta"][k], expected, rtol=_ROUNDING, atol=_ROUNDING):
                raise bench.wrong(
                    f"a {pathway} synapse with θ = {theta:.6g} learns {after[f'{pathway}.theta'][k] - theta:+.9g}; by "
                    f"the reference it is {expected - theta:+.9g}"
                )
