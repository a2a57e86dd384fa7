"""A right rule passes its check, and each way to get one wrong is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import spikingsampling as ss
from spikingsampling.errors import ParameterError
from spikingsampling.network.parameters import CircuitParameters
from spikingsampling.network.rules import RuleCode, SamplingRule, STDPRule
from spikingsampling.simulation.rule_check import check_rule

STDP = STDPRule(a2_plus=0.08, a2_minus=0.05, w_max=0.7)


def changed(rule: Any, **texts: tuple[str, str]) -> Any:
    """``rule`` with other code: in each part of it one text is replaced by another."""

    def code(self: Any, parameters: CircuitParameters) -> RuleCode:
        before = type(rule).code(self, parameters)
        for part, (old, _) in texts.items():
            assert old in getattr(before, part)
        return replace(before, **{part: getattr(before, part).replace(*pair) for part, pair in texts.items()})

    return overridden(rule, code=code)


def overridden(rule: Any, **members: Any) -> Any:
    kind = type("Wrong", (type(rule),), members)
    return kind(**dict(rule)) if isinstance(rule, STDPRule) else kind()


def test_stdp_passes() -> None:
    assert check_rule(STDP) is None
    assert ss.check_rule is check_rule


@pytest.mark.slow
def test_rules_pass_on_both_engines() -> None:
    for rule in (
        SamplingRule(),
        STDP,
        STDPRule(bounds="soft", pairing="nearest", a2_plus=0.08, a2_minus=0.05),
    ):
        assert check_rule(rule, engines=("runtime", "standalone")) is None
    assert check_rule(SamplingRule(), CircuitParameters(b=1e-3, retracted_learn=False)) is None
    kept = CircuitParameters(b=1e-3, psp="kept")
    for rule in (SamplingRule(), STDP):
        assert check_rule(rule, kept, engines=("runtime", "standalone")) is None


# --- found without a run ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (object(), "object: has no code, begin, constants, variables, theta"),
        (
            overridden(STDP, theta=lambda self, w, p: np.log1p(w)),
            "Wrong: round trip of θ by variables and theta",
        ),
        (
            overridden(STDP, variables=lambda self, theta, intact, p: {"v": theta}),
            r"variables has \['v'\], and not 'w'",
        ),
        (
            overridden(STDP, begin=lambda self, theta, p: np.log(theta)),
            "begin gives .*: must be one finite θ",
        ),
        (
            overridden(STDP, constants=lambda self, p, learning, period: {"synapses": {}}),
            r"constants has the groups \['synapses'\]",
        ),
        (
            overridden(SamplingRule(), constants=lambda self, p, learning, period: no_such_mode()),
            r"has the modes of learning \[\]: must have off",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_wrong_members(rule: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        check_rule(rule)


def no_such_mode() -> None:
    raise ParameterError("learning: no such mode")


# --- found by a run -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        pytest.param(
            changed(STDP, on_draw=("psp_post += gain*intact*w", "psp_post += 2*gain*intact*w")),
            "have the weights",
            marks=pytest.mark.slow,
        ),
        (
            changed(STDP, on_draw=("psp_post += gain*intact*w", "psp_post += gain*w")),
            "a lesioned .* has the weight",
        ),
        pytest.param(
            changed(STDP, on_pre=("w - intact*a_minus*o_minus_post*w_max", "w*0.999 + 1e-4")),
            "have the weights|learning = 'off' changes θ by up to",
            marks=pytest.mark.slow,
        ),
        (changed(STDP, on_post=("intact*", "")), "lesioned .* synapses learn"),
        (changed(STDP, on_post=("w + ", "w - ")), "by the reference it is"),
        pytest.param(
            changed(STDP, on_post=("*since_plus_pre", "")), "by the reference it is", marks=pytest.mark.slow
        ),
        pytest.param(changed(STDP, on_pre=("*w_max", "")), "by the reference it is", marks=pytest.mark.slow),
        (
            overridden(STDP, code=lambda self, p: replace(STDPRule.code(self, p), pre_traces=())),
            "border of segments",
        ),
        (changed(STDP, synapses=("w : 1", "w : 1 (")), "code is refused by Brian2"),
    ],
)
def test_wrong_stdp(rule: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=rf"^Wrong: .*({message})"):
        check_rule(rule)


class _Off(SamplingRule):
    """Learns though learning is off: prior and noise are not switched."""

    def constants(self, parameters, learning, update_period):
        on = super().constants(parameters, "sampling" if learning == "off" else learning, update_period)
        return on


class _Noisy(SamplingRule):
    """Noise in the mode that has none."""

    def constants(self, parameters, learning, update_period):
        return super().constants(parameters, "sampling" if learning == "map" else learning, update_period)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (_Off(), "learning = 'off' changes θ by up to"),
        (_Noisy(), "learning = 'map' at T = 1 is random"),
        (changed(SamplingRule(), on_post=("step = ", "step = 0.9*")), "by the reference it is"),
        pytest.param(
            changed(SamplingRule(), on_post=("(x - clip", "(-x + clip")),
            "by the reference it is|one spike moved",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            changed(SamplingRule(), on_draw=("- exp(-theta_0))*", ")*")),
            "have the weights",
            marks=pytest.mark.slow,
        ),
        (changed(SamplingRule(), every_update=("intact*", "")), "a lesioned .* has the weight|not silent"),
    ],
)
def test_wrong_sampling(rule: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=rf"^\w+: .*({message})"):
        check_rule(rule)


def test_a_reference_of_ones_own_is_compared() -> None:
    calls = []

    def reference(theta: float, pre: np.ndarray, post: np.ndarray, duration: float) -> float:
        calls.append((len(pre), len(post), duration))
        return theta + 1.0

    with pytest.raises(ParameterError, match=r"learns .*; by the reference it is \+1"):
        check_rule(STDP, reference=reference)
    assert calls[0][2] == pytest.approx(0.06)


def _kept_alone(rule: Any) -> Any:
    """The rule as one that knows nothing of immediate PSPs."""
    return overridden(rule, code=lambda self, p: type(rule).code(self, p.replace(psp="kept")))


def test_a_rule_with_kept_psps_alone_is_checked_with_these() -> None:
    assert check_rule(_kept_alone(STDP)) is None
    wrong = changed(_kept_alone(STDP), on_pre=("psp_fall_post += gain*intact*w", "psp_fall_post += gain*w"))
    with pytest.raises(ParameterError, match=r"a lesioned .* has the weight"):
        check_rule(wrong)
    with pytest.raises(
        ParameterError, match=r"psp = 'immediate': must be 'kept' with Wrong, whose code has no on_draw"
    ):
        check_rule(_kept_alone(STDP), CircuitParameters())
