"""How Sphinx makes the site of these pages: `make docs`. docs/_site has what is special about it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pygments.lexers.special import TextLexer
from sphinx.domains.python import PyObject

from tvdrnet_nv import __version__

project = "tvdrnet_nv"
version = release = __version__
copyright = "the authors of tvdrnet_nv; Apache License 2.0"
html_title = f"tvdrnet_nv {release}"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "_site.generated",  # the pages of the API, of the commands, and of files at the repository's top
    "_site.docstrings",
    "_site.links",  # links that lead out of docs, and names in docstrings
]
exclude_patterns = ["_site"]
myst_heading_anchors = 4  # as GitHub makes them
myst_enable_extensions = ["attrs_inline"]  # widths of the gallery's pictures

default_role = "py:obj"  # docstrings set names between single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": True}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes in a list: the members themselves are listed anyway
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_static_path = ["_site/static"]
html_css_files = ["site.css"]
html_theme_options = {"top_of_page_buttons": []}
html_copy_source = False
html_show_sourcelink = False
copybutton_exclude = ".linenos, .gp, .go"


for field in PyObject.doc_field_types:
    if field.name == "variable":
        field.label = "Attributes"  # what napoleon makes of docstrings' "Attributes:"


def setup(app):
    app.add_lexer("layers", TextLexer)  # docs/architecture.md's drawing, which a test reads
