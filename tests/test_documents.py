"""The Markdown pages: links lead somewhere, README is short, its examples are Python that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for folder in (".", "docs", "docs/results", "data", "protocols", "benchmarks")
    for page in (ROOT / folder).glob("*.md")
)
LINK = re.compile(r"\[[^]]*]\((?!\w+:)([^)#]*)#?([^)]*)\)")
CODE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    return CODE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Anchors of the headings, as Markdown viewers make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def examples(page: Path) -> list[str]:
    return [code for language, code in CODE.findall(page.read_text(encoding="utf-8")) if language == "python"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for path, anchor in LINK.findall(prose(page)):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {path}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {path}#{anchor}"


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 6000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_are_python(page: Path) -> None:
    for code in examples(page):
        compile(code, str(page), "exec")


@pytest.mark.slow
def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-c", examples(ROOT / "README.md")[0]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts, active = re.fullmatch(r"\[([\d ]+)\] (\d+)\n", done.stdout).groups()  # type: ignore[union-attr]
    assert len(counts.split()) == 10 and 0 < int(active) <= 1000
