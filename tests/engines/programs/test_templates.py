"""Our templates against Brian2's: the same bits, and what a template may leave out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.small.networks import FAST, begin, engine_of, shown, small_network
from spikingsampling.engines.templates import chosen_templates, device
from spikingsampling.engines.templates.device import held, is_free, is_pure, without_indices
from spikingsampling.errors import ParameterError
from spikingsampling.network.description import Network
from spikingsampling.network.rules import STDPRule


def outcomes(network: Network, monkeypatch: pytest.MonkeyPatch, learning: str) -> list[dict[str, np.ndarray]]:
    """Two segments with each set of templates, where a lesion took some synapses and a neuron."""
    found = []
    for templates in ("stock", "rows"):
        monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", templates)
        engine = engine_of("standalone", network)
        state = begin(network)
        state["feedforward.intact"][::7] = 0
        state["neurons.removed"][2] = 1
        result = {}
        for segment, duration in enumerate((3.0, 2.0)):
            outcome = engine.advance(state, shown(duration, segment), learning, 40 + segment)
            state = outcome.state
            result |= {f"{segment} {name}": values for name, values in state.items()}
            result |= {f"{segment} times": outcome.times, f"{segment} neurons": outcome.neurons}
        engine.close()
        found.append(result)
    return found


def check_same(network: Network, monkeypatch: pytest.MonkeyPatch, learning: str) -> None:
    stock, ours = outcomes(network, monkeypatch, learning)
    assert stock.keys() == ours.keys() and len(stock["0 times"]) > 500
    for name, values in stock.items():
        assert values.tobytes() == ours[name].tobytes(), name


@pytest.mark.parametrize("psp", ["kept", "immediate"])
def test_the_same_bits_as_from_the_stock_templates(psp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_same(small_network(FAST.replace(psp=psp)), monkeypatch, "sampling")


@pytest.mark.slow
@pytest.mark.parametrize("psp", ["kept", "immediate"])
def test_the_same_bits_with_a_normaliser(psp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_same(small_network(FAST.replace(psp=psp, normaliser=True)), monkeypatch, "sampling")


@pytest.mark.slow
@pytest.mark.parametrize("psp", ["kept", "immediate"])
def test_the_same_bits_with_another_rule(psp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_same(replace(small_network(FAST.replace(psp=psp)), rule=STDPRule()), monkeypatch, "likelihood")


def test_an_unknown_set_of_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKINGSAMPLING_TEMPLATES", "fast")
    with pytest.raises(
        ParameterError, match=r"SPIKINGSAMPLING_TEMPLATES = 'fast': must be one of vector, rows, stock"
    ):
        chosen_templates()


@pytest.mark.parametrize(
    ("code", "free"),
    [
        ("psp[_postsynaptic_idx] = 1 + psp[_postsynaptic_idx];", True),
        ("w[_idx] = w[_idx] + x[_presynaptic_idx];", True),
        ("best[_presynaptic_idx] = 1;", False),  # the same in every pass
        ("v[_postsynaptic_idx] = v[_presynaptic_idx];", False),  # perhaps what another pass writes
        ("y = v[_presynaptic_idx] == v[_postsynaptic_idx];", True),  # nothing is written
    ],
)
def test_passes_that_do_not_depend_on_each_other(code: str, free: bool) -> None:
    assert is_free(code, ("_idx", "_postsynaptic_idx")) is free


@pytest.mark.parametrize(
    ("code", "pure"),
    [("const double a = tau[0];", True), ("x[0] = a;", False), ("const double a = _rand(0);", False)],
)
def test_code_that_may_be_left_out(code: str, pure: bool) -> None:
    assert is_pure(code) is pure


def test_indices_that_a_row_knows_are_not_read() -> None:
    code = ["const int32_t _presynaptic_idx = pre[_idx];", "const double x = y[_presynaptic_idx];"]
    assert without_indices(code, "_presynaptic_idx", "_postsynaptic_idx") == code[1:]


SUM = ["double psp = p[_post];", "const double w = weight[_idx];", "psp += w;", "p[_post] = psp;"]


def test_what_is_the_same_in_all_passes_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "get_device", device.VectorDevice)
    found = held(SUM, "_post")
    assert (found.before, found.code, found.after) == (SUM[:1], SUM[1:3], SUM[3:])


def test_each_of_several_rows_holds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "get_device", device.VectorDevice)
    found = held([*SUM, "const double shift = s[_post];", "const double psp_of = x[_pre];"], "_post").of_row(
        3, "_post"
    )
    assert found.before == ["double psp_3 = p[_post_3];", "const double shift_3 = s[_post_3];"]
    assert found.code == ["const double w = weight[_idx_3];", "psp_3 += w;", "const double psp_of = x[_pre];"]
    assert found.after == ["p[_post_3] = psp_3;"]


@pytest.mark.parametrize(
    "code",
    [
        ["const double v = u[_post];", "weight[_idx] = v;"],  # nothing is written there
        [*SUM, "const double other = p[_pre];"],  # an element that another pass may have written
    ],
)
def test_nothing_is_held_where_passes_may_meet(code: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "get_device", device.VectorDevice)
    assert held(code, "_post").code == code


def test_the_order_of_a_sum_is_that_of_brian2_where_its_bits_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "get_device", device.RowDevice)
    assert held(SUM, "_post").code == SUM
