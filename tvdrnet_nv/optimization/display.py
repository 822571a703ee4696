"""Results and sets of views as notebooks show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.showing import Curve, contact_sheet, facts_table, picture, plot
from tvdrnet_nv.showing.render import render_picture

if TYPE_CHECKING:
    from tvdrnet_nv.optimization.result import Result
    from tvdrnet_nv.optimization.view_set import ViewSet

_SIDE = 320  # pixels of a picture, along its longer side


def result_line(result: Result[Any]) -> str:
    """One line."""
    quality = "" if result.quality is None else f", quality {result.quality:.2f}"
    steps = f"{result.iterations} iterations by {result.method} in {result.seconds:.2f} s"
    losses = f"loss {result.initial_loss:.4g} → {result.loss:.4g}"
    return f"Result({result.status}{quality}, {losses}, {steps}, {viewpoint_line(result.best)})"


def viewpoint_line(viewpoint: Viewpoint) -> str:
    """One camera's numbers by name."""
    return ", ".join(f"{name} {_short(value)}" for name, value in viewpoint.describe().items())


def result_html(result: Result[Any]) -> str:
    """The end in words, the views at the start and at the end where the scene is at hand, and the loss."""
    facts = {
        "status": f"{result.status}: {result.reason}",
        "loss": f"{result.initial_loss:.4g} → {result.loss:.4g}",
        "best": f"iteration {result.best_iteration + 1} of {result.iterations} by {result.method}",
        "time": f"{result.seconds:.2f} s",
    }
    if result.quality is not None:
        facts["quality"] = f"{result.quality:.2f}"
    spread = result.deviations or {}
    for name, value in result.best.describe().items():
        facts[name] = _short(value) + (f" ± {_short(spread[name])}" if name in spread else "")
    pictures = ""
    if result.renderer is not None:
        views = [small_picture(result.renderer, view) for view in (result.initial, result.best)]
        pictures = picture(contact_sheet(views), "the view at the start, and the best view")
    return facts_table("Result", facts) + pictures + f'<div style="max-width: 540px">{loss_curve(result)}</div>'


def loss_curve(result: Result[Any]) -> str:
    """The winning start's loss over the iterations, an `<svg>` element."""
    loss = result.history.loss[:, result.best_start]
    rows = np.arange(len(loss))
    if result.history.levels is not None:
        rows = rows[result.history.levels.accepted[:, result.best_start]]
    curve = Curve((rows + 1).tolist(), loss[rows].tolist(), "#2f7de1")
    best = Curve([result.best_iteration + 1], [result.loss], "#d93025", f"best: {result.loss:#.4g}", width=0, dots=5)
    says = f"Loss over {result.iterations} iterations, from {result.initial_loss:.4g} to {result.loss:.4g}"
    return plot([curve, best], x_label="iteration", y_label="loss", says=says)


def views_line(views: ViewSet) -> str:
    """One line."""
    count = len(views.orbit)
    shares = ", ".join(f"{share:.0%}" for share in views.visible_share.tolist())
    return f"ViewSet({count} views, together {views.coverage:.0%} of the surface; each {shares})"


def views_html(views: ViewSet) -> str:
    """What each view sees and where it stands, and the views where the scene is at hand."""
    facts = {"together": f"{views.coverage:.0%} of the surface; {views.reachable:.0%} can be seen"}
    for k in range(len(views.orbit)):
        score = float(views.scores.score[k])
        seen = f"{float(views.visible_share[k]):.0%} of the surface, score {score:.3f}"
        facts[f"view {k + 1}"] = f"{seen}; {viewpoint_line(views.orbit[k])}"
    sheet = views_sheet(views)
    shown = "" if sheet is None else picture(sheet, f"the {len(views.orbit)} views")
    return facts_table(f"{len(views.orbit)} views", facts) + shown


def views_sheet(views: ViewSet) -> np.ndarray | None:
    """`uint8 [H, W, 3]`: the views side by side; None where the scene is not at hand."""
    if views.renderer is None:
        return None
    return contact_sheet([small_picture(views.renderer, views.orbit[k]) for k in range(len(views.orbit))])


def small_picture(renderer: Renderer, viewpoint: Viewpoint, side: int | None = _SIDE) -> np.ndarray:
    """`uint8 [H, W, 3]`: what one camera sees, with a side of 320 pixels at most, or as large as the renderer's."""
    height, width = renderer.resolution
    factor = 1.0 if side is None else min(1.0, side / max(height, width))
    small = renderer.at_resolution((max(1, round(height * factor)), max(1, round(width * factor))))
    with torch.no_grad():
        return render_picture(small(viewpoint.detach().to(renderer.mesh.device).camera()))


def _short(value: float | Sequence[float]) -> str:
    values = [value] if isinstance(value, float | int) else value
    text = ", ".join(f"{x:.4g}" for x in values)
    return text if len(values) == 1 else f"({text})"
