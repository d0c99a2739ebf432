"""Settings of Sphinx: ``make docs`` builds the site into ``build/docs``."""

import stance

project = "stance"
author = "The stance developers"
release = stance.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["**.ipynb_checkpoints"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autoclass_content = "both"
html_theme = "furo"
html_title = "stance"
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository that are no pages
nitpicky = False
