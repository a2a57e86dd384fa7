"""The words of a report: docstrings as HTML, metrics as tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spikingsampling.experiment import discovery
from spikingsampling.experiment.metrics import Metric, tabulate
from spikingsampling.report.facts import read_log
from spikingsampling.report.prose import prose
from spikingsampling.report.results import result_tables

DOCSTRING = """A title <of> sorts.

See :mod:`spikingsampling.models.association.network` and :func:`~a.b.measure`; ``T = 0``.

- first
- second

===== =====
name  value
===== =====
α     0.5
===== =====
"""


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def rows(table: str) -> list[str]:
    return [words(row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)]


def test_a_docstring_becomes_paragraphs_lists_and_tables() -> None:
    html = prose(DOCSTRING)
    assert "A title &lt;of&gt; sorts." in html
    assert "See spikingsampling.models.association.network and measure ; T = 0 ." in words(html)
    assert [words(item) for item in re.findall(r"<li>.*?</li>", html, re.DOTALL)] == ["first", "second"]
    assert rows(html) == ["name value", "α 0.5"]


def test_a_docstring_cannot_bring_in_files_or_markup(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    html = prose(f"x\n\n.. include:: {secret}\n\n.. raw:: html\n\n   <script>1</script>\n")
    assert "the secret" not in html
    assert "<script>" not in html


@pytest.mark.parametrize("name", discovery.names())
def test_every_protocol_says_what_it_does_in_words_that_can_be_read(name: str) -> None:
    loaded = discovery.load(name)
    assert loaded.summary[0].isupper()
    html = prose(loaded.documentation)
    assert len(words(html)) > 200
    assert "problematic" not in html  # what docutils marks where it cannot read
    assert "system-message" not in html


def test_measures_that_conditions_share_stand_side_by_side() -> None:
    metrics = {"neurons": 20}
    for condition, value in (("hot", 0.75), ("cold", 0.5)):
        accuracy = {"value": value, "n": 100, "interval": [value - 0.125, value + 0.125]}
        metrics |= {f"{condition}.accuracy": accuracy, f"{condition}.time": 3, f"{condition}.lost": 1}
    matrix, rest = result_tables(tabulate(metrics))
    assert rows(matrix) == [
        "measure hot cold n",
        "accuracy 0.75 (0.625 to 0.875) 0.5 (0.375 to 0.625) 100",
        "time 3 3",
        "lost 1 1",
    ]
    assert rows(rest) == ["metric value", "neurons 20"]


def test_metrics_without_conditions_are_a_list() -> None:
    metrics = {"a.x": Metric(1), "a.y": Metric(2), "b.x": Metric(3), "c": Metric(None)}
    (table,) = result_tables(metrics)
    assert rows(table) == ["metric value", "a. x 1", "a. y 2", "b. x 3", "c –"]
    assert result_tables({}) == []


def test_the_conditions_with_most_values_stand_side_by_side() -> None:
    metrics = {f"{condition}.{k}": 1 for condition in ("a", "b") for k in range(4)}
    metrics |= {f"{condition}.x{k}": 2 for condition in ("c", "d", "e") for k in range(3)}
    matrix, rest = result_tables(tabulate(metrics))
    assert rows(matrix)[0] == "measure c d e"  # 9 values, not 8
    assert len(rows(rest)) == 1 + 8


def test_the_log_tells_when_a_run_was_started_and_how_often_it_was_resumed(tmp_path: Path) -> None:
    lines = (
        "2026-11-01 10:00:00,123 INFO spikingsampling.run: started: toy 0.1.0",
        "2026-11-01 10:00:00,200 INFO spikingsampling.run: machine: here",
        "2026-11-01 10:00:01,000 WARNING spikingsampling.run: few stimuli",
        "2026-11-02 11:00:00,000 INFO spikingsampling.run: resumed: toy 0.1.0",
        "2026-11-02 11:00:00,100 INFO spikingsampling.run: machine: there",
        "2026-11-02 11:00:01,000 WARNING spikingsampling.run: few stimuli",
        "2026-11-02 12:00:00,000 INFO spikingsampling.run: finished",
    )
    (tmp_path / "log.txt").write_text("\n".join(lines))
    facts = read_log(tmp_path)
    assert (facts.started, facts.finished) == ("2026-11-01 10:00:00", "2026-11-02 12:00:00")
    assert facts.resumed == 1
    assert facts.machines == ["here", "there"]
    assert facts.warnings == ["few stimuli"]
