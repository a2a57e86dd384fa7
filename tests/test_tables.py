"""Tables as text, Markdown and comma-separated values."""

from __future__ import annotations

import csv
import io

import pytest

from spikingsampling.errors import ParameterError, UnknownNameError
from spikingsampling.tables import FORMATS, Table

TABLE = Table(("condition", "recall"), [("a|b", "0.955 (0.931 … 0.980)"), ("cold, dark", "1")], "Lesion 1")


def test_text_is_as_wide_as_it_need_be() -> None:
    assert TABLE.render("text") == (
        "Lesion 1\n"
        "condition                  recall\n"
        "a|b         0.955 (0.931 … 0.980)\n"
        "cold, dark                      1"
    )


def test_a_table_without_title_begins_with_its_head() -> None:
    untitled = Table(TABLE.head, TABLE.rows)
    assert untitled.render("text").startswith("condition ")
    assert untitled.render("markdown").startswith("| condition |")


def test_long_cells_are_not_cut() -> None:
    name, value = "n" * 300, "1234567890" * 30
    text = Table(("name", "value"), [(name, value)]).render("text")
    assert f"{name}  {value}" in text


def test_markdown_escapes_bars() -> None:
    assert TABLE.render("markdown") == (
        "**Lesion 1**\n\n"
        "| condition | recall |\n"
        "| --- | --- |\n"
        "| a\\|b | 0.955 (0.931 … 0.980) |\n"
        "| cold, dark | 1 |"
    )


def test_csv_reads_back() -> None:
    rows = list(csv.reader(io.StringIO(TABLE.render("csv"))))
    assert rows == [list(TABLE.head), *map(list, TABLE.rows)]
    assert not TABLE.render("csv").endswith("\n")


def test_what_is_wrong_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'markdown'"):
        TABLE.render("markdwn")
    with pytest.raises(ParameterError, match=r"row \['a'\]: must have 2 cells"):
        Table(("x", "y"), [("a",)])
    with pytest.raises(ParameterError, match="must have 2 cells"):
        Table(("x", "y"), [("a", "b", "c")])
    assert FORMATS == ("text", "markdown", "csv")
