"""The plot of the loss as a drawing within a page, which takes the page's colours."""

from __future__ import annotations

import io
import re
from html import escape

from tvdrnet_nv.optimization import Result
from tvdrnet_nv.report.loss_plot import loss_figure

_ASIDE = re.compile(r"<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)  # a style would count for all of the page
_BLACK = re.compile(r"#000000\b")


def loss_svg(result: Result) -> str:
    """The drawing, an `<svg>` element whose text and axes have the colour of the text around it."""
    from matplotlib import rc_context  # late: see `preload`

    figure = loss_figure(
        result.history.loss,
        best_start=result.best_start,
        best_iteration=result.best_iteration + 1,
        title="",
        levels=result.history.levels,
    )
    content = io.StringIO()
    # Text stays text, and the elements' names are the same in every run.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "tvdrnet_nv"}):
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawing = content.getvalue()
    drawing = _BLACK.sub("currentColor", _ASIDE.sub("", drawing[drawing.index("<svg") :]))
    low, high = result.loss, result.initial_loss
    said = escape(f"Loss over {result.iterations} iterations, from {high:.4g} to {low:.4g}", quote=True)
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{said}" ', 1)
