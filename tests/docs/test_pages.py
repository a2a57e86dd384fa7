"""The site in a real browser: no error, nothing from the net, a search, small windows, dark and light."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

#: A page of each kind.
PAGES = (
    "index",
    "install",
    "model",
    "guide",
    "tutorials/index",
    "tutorials/t1_four_patterns",
    "gallery/own_protocol",
    "protocols/index",
    "protocols/association",
    "results/index",
    "results/turnover",
    "reference/claims",
    "reference/commands",
    "reference/settings",
    "reference/python/network",
)


def visit(chrome: Any, path: Path, *, width: int = 1200, scheme: str = "light", query: str = "") -> None:
    emulation = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", emulation)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    chrome.get(path.resolve().as_uri() + query)
    wait_for(chrome, "return document.readyState == 'complete'")


def wait_for(chrome: Any, script: str) -> Any:
    """What a script returns as soon as this is true."""
    deadline = time.monotonic() + 60
    while not (found := chrome.execute_script(script)):
        assert time.monotonic() < deadline, (script, chrome.get_log("browser"))
        time.sleep(0.05)
    return found


def severe(chrome: Any) -> list[str]:
    return [entry["message"] for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_from_a_disk_without_error_and_fit_a_telephone(chrome: Any, site: Path, page: str) -> None:
    visit(chrome, site / f"{page}.html", width=390)
    assert severe(chrome) == []
    loaded = chrome.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in loaded if not name.startswith(("file:", "data:"))] == []
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= 390
    # What is wider than the window scrolls in itself (a table, a formula, code), and no words are cut.
    cut = """
        return [...document.querySelectorAll("article h1, article h2, article h3, article p, article li")]
            .filter(e => !e.closest(".pst-scrollable-table-container, .highlight, .formula, dt, nav"))
            .filter(e => e.getBoundingClientRect().right > 391 || e.scrollWidth > e.clientWidth + 1)
            .map(e => e.textContent.slice(0, 60));
    """
    assert chrome.execute_script(cut) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_ground(chrome: Any, site: Path, scheme: str) -> None:
    visit(chrome, site / "model.html", scheme=scheme)
    assert chrome.execute_script("return document.documentElement.dataset.theme") == scheme
    colours = """
        const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
        return [of("body", "backgroundColor"), of("article p", "color"), of("article math", "color")];
    """
    ground, *words = (luminance(colour) for colour in chrome.execute_script(colours))
    assert (ground > 0.5) == (scheme == "light")
    for word in words:  # 7 is the contrast of level AAA of the Web Content Accessibility Guidelines
        assert (max(ground, word) + 0.05) / (min(ground, word) + 0.05) >= 7


def luminance(colour: str) -> float:
    """Relative luminance of ``rgb(r, g, b)``, as the Web Content Accessibility Guidelines define it."""
    shares = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_search_finds_pages_and_names(chrome: Any, site: Path) -> None:
    found = "return [...document.querySelectorAll('#search-results li a')].map(a => a.getAttribute('href'))"
    visit(chrome, site / "search.html", query="?q=temperature")
    pages = wait_for(chrome, f"const all = (() => {{ {found} }})(); return all.length > 5 && all")
    assert any("t4_posterior" in page for page in pages)
    visit(chrome, site / "search.html", query="?q=SynapseLesion")
    pages = wait_for(chrome, f"const all = (() => {{ {found} }})(); return all.length && all")
    assert any("spikingsampling.network.lesions.SynapseLesion" in page for page in pages)
    assert severe(chrome) == []
