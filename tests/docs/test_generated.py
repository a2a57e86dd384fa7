"""Pages made from the code: settings, commands, links."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field

from docs.extensions.links import page_of, rewritten
from docs.extensions.settings import allowed, of_class, of_protocol
from docs.extensions.tables import escaped, table
from helpers import ROOT
from spikingsampling.experiment import discovery
from spikingsampling.parameters import Parameters, quantity
from spikingsampling.units import Frequency, Number, Time


class Inner(Parameters):
    """Inside."""

    depth: int = Field(1, ge=1, le=9, description="how deep")


class Outer(Parameters):
    """Outside."""

    tau: Time = quantity(
        "20 ms", "a time | constant", above="0 ms", high="1 s", source="a paper", dimension="time"
    )
    wait: Time = quantity("1 s", "a wait", dimension="time")
    gain: Number = quantity(2.0, "a gain", low=-1)
    rate: Frequency = quantity("1 Hz", "a rate", low="0.01 Hz", dimension="frequency")
    form: Literal["a", "b"] = Field("a", description="a form")
    names: tuple[str, ...] | None = Field(None, description="names")
    on: bool = Field(True, description="a switch")
    inner: Inner = Inner()


def test_a_setting_is_shown_with_default_unit_range_and_source() -> None:
    assert of_class(Outer) == "\n".join(
        (
            "| setting | default | allowed | meaning |",
            "| --- | --- | --- | --- |",
            "| `tau` | `20 ms` | more than 0 s, at most 1 s | a time \\| constant [a paper] |",
            "| `wait` | `1 s` | a time | a wait |",
            "| `gain` | `2.0` | at least -1 | a gain |",
            "| `rate` | `1 Hz` | at least 0.01 Hz | a rate |",
            "| `form` | `a` | a, b | a form |",
            "| `names` |  | list of text | names |",
            "| `on` | `true` | true or false | a switch |",
            "| `inner` | [Inner](#inner) |  |  |",
        )
    )
    assert allowed(Inner.model_fields["depth"]) == "whole number, at least 1, at most 9"


@pytest.mark.parametrize("name", ["hopfield", "lesion", "rbm_digits"])
def test_the_table_of_a_protocol_has_every_key(name: str) -> None:
    protocol = discovery.load(name)
    rows = of_protocol(protocol).splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [key for key, _, _ in protocol.parameters()]


def test_cells_do_not_end_at_a_stroke() -> None:
    assert table(("a",), [("|x| \\| y",)]).splitlines()[2] == "| \\|x\\| \\| y |"
    assert escaped("a_b*c|d<e`$") == "a\\_b\\*c\\|d\\<e\\`\\$"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("docs/guide.md", "/guide.md"),
        ("protocols/rbm/rbm_audio.py", "/protocols/rbm_audio.md"),
        ("protocols/rbm", "/protocols/index.md"),
        ("protocols/studies/hopfield/references.py", None),
        ("data/README.md", "/reference/data.md"),
        ("setup.cfg", None),
    ],
)
def test_files_have_pages(path: str, page: str | None) -> None:
    assert (ROOT / path).exists()
    assert page_of(path) == page


def test_links_lead_to_pages_or_are_words() -> None:
    text = "[a](../guide.md#x), [b](../../setup.cfg), [c](https://a.org), [d](#e), ![f](g.png), [h](../../models)"
    assert rewritten(text, ROOT / "docs" / "results") == (
        "[a](/guide.md#x), b, [c](https://a.org), [d](#e), ![f](g.png), h"
    )
