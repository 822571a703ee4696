"""Several views of a part that differ, and together show as much of its surface as they can."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.camera.parameters import ORBIT_DEFAULT
from tvdrnet_nv.objectives import FocusOn, ViewScores
from tvdrnet_nv.optimization import display
from tvdrnet_nv.optimization.focus_search import search_focus
from tvdrnet_nv.optimization.loop import optimize
from tvdrnet_nv.optimization.result import Progress
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.showing import png

_CANDIDATES = 8  # for each view that is wanted
_COSINE = math.cos(math.radians(20.0))
_LEAST_SCORE = 0.4  # of the best candidate's score: what scores less is no view to show
_OWN = 0.25  # what a view's own score counts beside what all of them cover


@dataclass(frozen=True)
class ViewSet:
    """Views that go together.

    Attributes:
        orbit: K cameras, on the CPU; the first is the best by itself.
        scores: each one's, [K].
        visible_share: [K], the share of the part's surface that each sees.
        coverage: the share of the surface that at least one of them sees.
        reachable: the share that at least one of all the candidates saw.
        iterations: of the refinement.
        renderer: what they are seen with, to show pictures; pickles and copies have None.
    """

    orbit: Orbit
    scores: ViewScores
    visible_share: Tensor
    coverage: float
    reachable: float
    iterations: int
    renderer: Renderer | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return display.views_line(self)

    def _repr_html_(self) -> str:
        return display.views_html(self)

    def _repr_png_(self) -> bytes | None:
        sheet = display.views_sheet(self)
        return None if sheet is None else png(sheet)

    def __getstate__(self) -> dict[str, Any]:
        """What pickle and copies keep: all but the scene, which may be large."""
        return {**vars(self), "renderer": None}

    @property
    def shows_anything(self) -> bool:
        """Whether any of the views shows something of the part."""
        return bool((self.scores.visible > 0).any())

    @property
    def angles(self) -> Tensor:
        """[K, K]: degrees between the directions in which the views look."""
        axes = self.orbit.camera().R[:, :, 2]
        return torch.rad2deg(torch.acos((axes @ axes.T).clamp(-1, 1)))


def choose_views(
    renderer: Renderer,
    focus: FocusOn,
    start: Orbit,
    count: int,
    *,
    parameters: Sequence[str] = ORBIT_DEFAULT,
    iterations: int = 24,
    learning_rate: float = 2.0,
    callback: Callable[[Progress], bool | None] | None = None,
) -> ViewSet:
    """Choose `count` views of a part: of cameras all around those that add most to what is seen, refined together.

    Chosen greedily by what each adds to how well the points of the surface are seen by the best view so far; a view
    that shows the part small or cut off counts less. The refinement is Adam on the same quantity, with a quarter of
    each view's own score beside it.

    Args:
        renderer: of the scene, for the pictures' shape; nothing is drawn with it.
        focus: the part.
        start: one camera, for the look-at point, the field of view and the pole.
        count: how many views; fewer come where there are not so many that differ by 20°.
        parameters: which of `PARAMETERS` move.
        iterations: of the refinement.
        learning_rate: of Adam.
        callback: as in `optimize`.
    """
    resolution = renderer.resolution
    pool = search_focus(focus, start, _CANDIDATES * count, resolution=resolution, steps=0)
    together = _CoverageObjective(focus)
    with torch.no_grad():
        values, covered, own = together.judge(pool, resolution)
        values[own < _LEAST_SCORE * own.max()] = 0
    chosen = pool[_greedy(values, pool.camera().R[:, :, 2], count)]
    result = optimize(
        renderer,
        chosen,
        together,
        parameters=parameters,
        method="adam",
        iterations=iterations,
        learning_rate=learning_rate,
        callback=callback,
    )
    history = result.history
    best = int(history.loss.mean(axis=1).argmin())
    found = history.at_iteration(best)
    with torch.no_grad():
        scores = focus.scores(found.to(focus.center.device).camera(), resolution)
        order = scores.score.argsort(descending=True, stable=True)
        found = found[order.cpu()]
        camera = found.to(focus.center.device).camera()
        scores, seen = focus.scores(camera, resolution), focus.covers(camera, resolution) > 0
    return ViewSet(
        orbit=found,
        scores=scores,
        visible_share=seen.float().mean(1).cpu(),
        coverage=float(seen.any(0).float().mean()),
        reachable=float((seen.any(0) | (covered > 0).any(0)).float().mean()),
        iterations=result.iterations,
        renderer=renderer,
    )


class _CoverageObjective:
    """The objective of views that go together: the same loss for all, but for a share of each one's own."""

    def __init__(self, focus: FocusOn) -> None:
        self._focus = focus

    def __call__(self, render: Render) -> Tensor:
        scores = self._focus.scores(render.camera, render.resolution)
        values = _framed(scores) * self._focus.covers(render.camera, render.resolution)
        return 1 - values.amax(0).mean() + _OWN * (1 - scores.score)

    def judge(self, cameras: Orbit, resolution: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """[N, P] the value of each camera for each point, [N, P] how well it sees it, [N] its own score."""
        camera = cameras.camera()
        scores, covered = self._focus.scores(camera, resolution), self._focus.covers(camera, resolution)
        return _framed(scores) * covered, covered, scores.score


def _framed(scores: ViewScores) -> Tensor:
    """[B, 1]: how well the part sits in the picture."""
    return (scores.size * scores.inside * scores.centred)[:, None]


def _greedy(values: Tensor, axes: Tensor, count: int) -> Tensor:
    """Rows of `values` [N, P], one after the other those that raise the mean of the columns' maxima most.

    Those whose viewing directions [N, 3] are less than 20° from a chosen one's do not count.
    """
    best, gone = torch.zeros_like(values[0]), torch.zeros(len(values), dtype=torch.bool, device=values.device)
    chosen: list[int] = []
    while len(chosen) < count and not bool(gone.all()):
        gain = torch.maximum(values, best).mean(1).masked_fill(gone, -1)
        chosen.append(int(gain.argmax()))
        best = torch.maximum(best, values[chosen[-1]])
        gone |= (axes @ axes[chosen[-1]] > _COSINE) | (values.amax(1) == 0)
        gone[chosen] = True
    return torch.tensor(chosen, device=values.device)
