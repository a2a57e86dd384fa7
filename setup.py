"""What a static file cannot say: the packages that lie in the mapped folders, and the description for an index."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent


def packages(root: Path = ROOT) -> list[str]:
    """Every package of the folders that ``setup.cfg`` maps, so that no new folder is forgotten."""
    configuration = configparser.ConfigParser()
    configuration.read(root / "setup.cfg", encoding="utf-8")
    lines = configuration["options"]["package_dir"].split("\n")
    mapped = dict(map(str.strip, line.split("=")) for line in lines if line.strip())
    return [
        name
        for package, folder in mapped.items()
        for name in (package, *(f"{package}.{inner}" for inner in find_packages(str(root / folder))))
    ]


def description(readme: str) -> str:
    """The README with names in place of its relative links, which lead nowhere on a package index.

    A figure goes with its caption, the emphasised line below it.
    """
    readme = re.sub(r"!\[[^]]*]\((?!\w+:)[^)]*\)\n+\*[^*]*\*\n+", "", readme)
    return re.sub(r"\[([^]]*)]\((?!\w+:)([^)]*)\)", _name, readme)


def _name(link: re.Match[str]) -> str:
    text, path = link.groups()
    return text if text == path else f"{text} (`{path}`)"


if __name__ == "__main__":
    setup(
        packages=packages(),
        long_description=description((ROOT / "README.md").read_text(encoding="utf-8")),
        long_description_content_type="text/markdown",
    )
