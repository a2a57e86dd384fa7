"""The page of all claims says what the pages of results say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.extensions.claims import Claim, Section, claims_page, sections_of
from helpers import ROOT

RESULTS = ROOT / "docs" / "results"

PAGE = """# A page

- **Command**: `spikingsampling run one --seed 1`, twice.
- **Runs**: two.
- **Interval**: a range
  over seeds.
- *Report: mice sleep.* **Confirmed**, by 0.5 (0.4 to 0.6). They also
  dream.

| statement of lecture 9 | theory | measured | verdict |
|---|---|---|---|
| \\|x\\| is 1 | 1 | 1.0 | confirmed |

## Part, two

Section 4.3, figures 1a and 1b of the report.
`spikingsampling run two --set 'a=["b"]'` (10 s)

- *Report: cats: awake.* **Not confirmed at night.**
- *Why.* Nobody knows.
- *Do cats dream?* **Yes**: see [here](other.md#there). Always.

## No claim

- **Command**: `spikingsampling run three`
"""


def test_claims_are_collected_with_how_they_were_tested() -> None:
    first, second = sections_of(PAGE)
    assert first == Section(
        "A page",
        "a-page",
        "spikingsampling run one --seed 1",
        "Two. A range over seeds.",
        (
            Claim("Mice sleep", "Fournier's report", "by 0.5 (0.4 to 0.6).", "Confirmed"),
            Claim("\\|x\\| is 1", "Lecture 9", "1.0", "Confirmed"),
        ),
    )
    assert second == Section(
        "Part, two",
        "part-two",
        "spikingsampling run two --set 'a=[\"b\"]'",
        "Two. A range over seeds.",
        (
            Claim(
                "Cats: awake",
                "Fournier's report, section 4.3, figures 1a and 1b",
                "",
                "Not confirmed at night",
            ),
            Claim("Do cats dream?", "Our question", "see [here](other.md#there).", "Yes"),
        ),
    )


def test_the_page_leads_to_all_of_them() -> None:
    led = re.findall(r"\*\*\[[^]]*]\(/results/([\w.]+)#([^)]+)\)", claims_page(RESULTS))
    pages = sorted(set(RESULTS.glob("*.md")) - {RESULTS / "index.md"})
    assert led == [(page.name, section.anchor) for page in pages for section in sections_of(read(page.name))]


def read(page: str) -> str:
    return (RESULTS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", sorted(set(RESULTS.glob("*.md")) - {RESULTS / "index.md", RESULTS / "speed.md"})
)
def test_every_page_of_results_states_claims_with_command_runs_and_verdict(page: Path) -> None:
    sections = sections_of(page.read_text(encoding="utf-8"))
    assert sections
    for section in sections:
        assert section.command and section.n
        assert all(claim.text and claim.source and claim.verdict for claim in section.claims)


def test_every_finding_of_the_report_is_a_claim() -> None:
    """No item that begins like a claim is lost because it is written in another way."""
    text = read("rbm.md")
    stated = len(re.findall(r"^- \*(?:Report|Kappel et al\.|Open question)", text, re.MULTILINE))
    collected = [c for section in sections_of(text) for c in section.claims if c.source != "Our question"]
    assert len(collected) == stated
