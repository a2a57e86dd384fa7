"""A headless Chromium for tests."""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@contextmanager
def browser(width: int = 1200, height: int = 900) -> Iterator[Any]:
    """A Selenium driver with an empty profile; the test is skipped where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("no Chromium with chromedriver (Debian: chromium, chromium-driver): pages are not tested")
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="selenium is not installed: pages are not tested"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(driver)
        chrome = webdriver.Chrome(options=options, service=service)
        try:
            yield chrome
        finally:
            chrome.quit()


def visit(chrome: Any, path: Path, width: int = 1200) -> None:
    chrome.set_window_size(width, 900)
    emulation = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", emulation)
    chrome.get(path.resolve().as_uri())
    deadline = time.monotonic() + 60
    while chrome.execute_script("return document.documentElement.dataset.ready") is None:
        assert time.monotonic() < deadline, chrome.get_log("browser")
        time.sleep(0.05)
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []
    loaded = chrome.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in loaded if not name.startswith("data:")] == []


def view(chrome: Any, kind: str) -> tuple[str, str]:
    """What a viewer shows: a digest of its pixels, and its line of text."""
    script = """
        const figure = document.querySelector(`figure[data-view=${arguments[0]}]`);
        return [figure.querySelector("canvas").toDataURL(), figure.querySelector(".state").textContent];
    """
    pixels, text = chrome.execute_script(script, kind)
    return pixels, text


def press(chrome: Any, kind: str, label: str) -> None:
    script = (
        "document.querySelector(`figure[data-view=${arguments[0]}] [aria-label='${arguments[1]}']`).click()"
    )
    chrome.execute_script(script, kind, label)


def screenshot(chrome: Any, width: int, height: float) -> np.ndarray:
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    options = {"captureBeyondViewport": True, "clip": clip}
    data = chrome.execute_cdp_cmd("Page.captureScreenshot", options)["data"]
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(data)))[:, :, :3]
