"""The pages of reports in a real browser: layout, narrow screens, dark mode, print."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.browser import screenshot, visit
from helpers.runs.report_runs import METRICS, write_run, write_sweep
from spikingsampling.report import write_report

LAYOUT_SCRIPT = """
    const box = (e) => {
        const r = e.getBoundingClientRect();
        return [r.left, r.top + scrollY, r.right, r.bottom + scrollY];
    };
    const all = (selector) => [...document.querySelectorAll(selector)];
    return {
        width: innerWidth, scroll: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight,
        sections: all("main > section").map((e) => [e.querySelector("h2").textContent, box(e)]),
        pictures: all("figure > img, figure > svg, figure canvas").map((e) =>
            [box(e), e.naturalWidth ?? 1, box(e.closest("figure").querySelector("figcaption"))]),
        controls: all(".controls").map((e) => [box(e), box(e.parentElement.querySelector("canvas"))]),
        smallest: Math.min(...all("main p, main td, main th, figcaption").filter((e) => e.textContent)
            .map((e) => parseFloat(getComputedStyle(e).fontSize))),
    };
"""


@pytest.mark.parametrize("width", [1200, 390], ids=["desktop", "phone"])
def test_the_layout(chrome: Any, tmp_path: Path, width: int) -> None:
    visit(chrome, write_report(write_run(tmp_path / "run")), width)
    found = chrome.execute_script(LAYOUT_SCRIPT)
    assert found["width"] == width
    assert found["scroll"] <= width  # nothing sticks out
    assert found["smallest"] >= 12
    titles = " | ".join(title for title, _ in found["sections"])
    assert titles == (
        "The experiment | Results | Reconstructions | Figures | Activity | Synapses | Settings | Versions"
    )
    bottoms = [box[3] for _, box in found["sections"]]
    tops = [box[1] for _, box in found["sections"]]
    assert all(bottom <= top for bottom, top in zip(bottoms, tops[1:], strict=False))
    # Two PNGs, raster and rates, two histograms and turnover.
    assert len(found["pictures"]) == 7
    shot = screenshot(chrome, width, found["height"])
    for box, loaded, caption in found["pictures"]:
        left, top, right, bottom = (round(edge) for edge in box)
        assert loaded and right - left > 0.6 * min(width, 600) and bottom - top > 90
        assert caption[1] >= bottom - 1
        picture = shot[top:bottom, left:right].min(axis=2)
        assert 0.002 < np.mean(picture < 0.7) < 0.9  # drawn, neither blank nor filled
    for controls, canvas in found["controls"]:
        assert controls[3] <= canvas[1]
    assert (shot[:, :8].min(), shot[:, -8:].min()) == (1.0, 1.0)  # margins are white


def test_all_settings_are_printed(chrome: Any, tmp_path: Path) -> None:
    visit(chrome, write_report(write_run(tmp_path / "run")))
    assert chrome.execute_script("return document.querySelector('details').open") is False
    pdf = base64.b64decode(chrome.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    assert chrome.execute_script("return document.querySelector('details').open") is True


def test_the_report_of_a_sweep_in_the_browser(chrome: Any, tmp_path: Path) -> None:
    visit(chrome, write_report(write_sweep(tmp_path / "sweep")))
    assert chrome.execute_script("return document.querySelectorAll('figure svg').length") >= 1
    assert chrome.execute_script("return innerWidth") == 1200


TABLES_SCRIPT = """
    return [...document.querySelectorAll(".scroll, .prose table")].filter((e) => e.offsetParent).map((e) => ({
        wider: e.scrollWidth > e.clientWidth + 1, marked: e.classList.contains("scrolls"),
        more: e.classList.contains("more"), less: e.classList.contains("less"), focus: e.tabIndex,
        hint: getComputedStyle(e, "::before").content, shadow: getComputedStyle(e).boxShadow,
    }));
"""
SCROLL_SCRIPT = """
    const box = [...document.querySelectorAll(".scrolls")].find((e) => e.offsetParent);
    box.scrollLeft = arguments[0] * (box.scrollWidth - box.clientWidth);
    box.dispatchEvent(new Event("scroll"));
    return [box.classList.contains("less"), box.classList.contains("more")];
"""
CONDITIONS = {
    f"{condition}.{measure}": {"value": 0.123456, "n": 1000, "interval": [0.1, 0.2]}
    for condition in ("sampling", "map", "likelihood", "cool")
    for measure in ("accuracy", "recovered_accuracy", "time")
}


def test_wide_tables_show_on_a_phone_that_they_scroll(chrome: Any, tmp_path: Path) -> None:
    path = write_report(write_run(tmp_path / "run", {**METRICS, **CONDITIONS}, recordings=(), figures=()))
    visit(chrome, path, 390)
    tables = chrome.execute_script(TABLES_SCRIPT)
    assert any(table["wider"] for table in tables)
    for table in tables:
        assert table["marked"] == table["more"] == table["wider"]
        assert not table["less"]
        assert table["focus"] == (0 if table["wider"] else -1)  # the keyboard can scroll what is wider
        assert ("scroll sideways" in table["hint"]) == table["wider"]
        assert (table["shadow"] != "none") == table["wider"]
    assert chrome.execute_script(SCROLL_SCRIPT, 0.5) == [True, True]
    assert chrome.execute_script(SCROLL_SCRIPT, 1) == [True, False]
    assert chrome.execute_script(SCROLL_SCRIPT, 0) == [False, True]
    visit(chrome, path, 1200)
    assert not any(table["wider"] or table["marked"] for table in chrome.execute_script(TABLES_SCRIPT))


CONTRAST_SCRIPT = """
    const light = (c) => { const [r, g, b] = c.match(/[0-9.]+/g).map((v) => {
        const s = v / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const ground = (e) => {
        for (; e; e = e.parentElement) {
            const c = getComputedStyle(e).backgroundColor;
            if (!/, 0\\)|transparent/.test(c)) return c;
        }
        return "rgb(255, 255, 255)";
    };
    const texts = "h1, h2, p, td, th, a, dd, dt, li, figcaption, code, pre, summary, button, select, .status";
    return [...document.querySelectorAll(texts)]
        .filter((e) => e.offsetParent && e.textContent.trim()).map((e) => {
            const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
            return [(a + 0.05) / (b + 0.05), e.tagName + " " + e.className + " " + e.textContent.slice(0, 30)]; });
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_can_be_read_in_light_and_dark(chrome: Any, tmp_path: Path, scheme: str) -> None:
    features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    try:
        visit(chrome, write_report(write_run(tmp_path / "run")))
        texts = chrome.execute_script(CONTRAST_SCRIPT)
        found = chrome.execute_script(LAYOUT_SCRIPT)
        shot = screenshot(chrome, 1200, found["height"])
    finally:
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(texts) > 50
    assert [text for contrast, text in texts if contrast < 4.5] == []  # WCAG 2.2, level AA
    assert (shot[:, :8].mean() > 0.5) == (scheme == "light")
    for box, _, _ in found["pictures"]:  # figures stand on a light ground in any case
        left, top, right, bottom = (round(edge) for edge in box)
        assert np.median(shot[top + 4 : bottom - 4, left + 4 : right - 4]) > 0.9
