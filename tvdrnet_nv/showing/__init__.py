"""How values show themselves in notebooks and pages: pictures as bytes, tables in HTML, curves in SVG.

Only numpy is needed; without Pillow there are no pictures, and nothing fails.
"""

from __future__ import annotations

from tvdrnet_nv.showing.html import facts_table, picture
from tvdrnet_nv.showing.images import contact_sheet, png
from tvdrnet_nv.showing.plot import Curve, plot
from tvdrnet_nv.showing.preview import preview

__all__ = ["Curve", "contact_sheet", "facts_table", "picture", "plot", "png", "preview"]
