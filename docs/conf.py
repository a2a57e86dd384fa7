"""The documentation site: ``python -m sphinx -W -j auto -b html docs docs/_build/html``.

Nothing is loaded from the net, neither when the site is built nor when it is read.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from spikingsampling import __version__

project = "spikingsampling"
author = "The spikingsampling developers"
release = version = __version__

extensions = [
    "sphinx.ext.autodoc",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "extensions.generated",
    "extensions.links",
    "extensions.mathml",
]
exclude_patterns = ["_build", "README.md", "examples", "**/sg_execution_times.rst", "sg_execution_times.rst"]

# --- text ---
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4
html_math_renderer = "mathml"
smartquotes = False  # an option is --set, not –set

# --- the interface, from its docstrings ---
autodoc_typehints = "none"  # types stand in the signature of the docstrings
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# --- examples, which are executed ---
sphinx_gallery_conf = {
    "examples_dirs": ["examples/tutorials", "examples/howto", "examples/gallery"],
    "gallery_dirs": ["tutorials", "howto", "gallery"],
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "image_scrapers": ("extensions.figures.scraper", "matplotlib"),
    "parallel": True,  # as many as Sphinx's -j says
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "remove_config_comments": True,
    "reset_modules": ("matplotlib",),
}

# --- pages ---
html_theme = "pydata_sphinx_theme"
html_title = "spikingsampling"
html_sidebars = {page: [] for page in ("index", "install", "model")}  # they have no section around them
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = (
    False  # it would load pages, which a browser refuses where the site is read from a disk
)
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 8,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_version_warning_banner": False,
}
html_context = {"default_mode": "auto"}  # light or dark, as the reader has it
copyright = author
