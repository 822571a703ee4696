"""Attempts to find a picture's camera, from quick to thorough, until one explains the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from tvdrnet_nv.camera import Camera, Orbit, OrbitFrame, Viewpoint, concatenate
from tvdrnet_nv.camera.parameters import ORBIT_DEFAULT, POSE_DEFAULT
from tvdrnet_nv.choices import Effort
from tvdrnet_nv.finding.candidates import cameras_around, cameras_inside
from tvdrnet_nv.finding.search import distinct_finalists, search
from tvdrnet_nv.objectives.match import MatchImage
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.optimization import Progress, Result, optimize
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.optimization.fit import fit_of
from tvdrnet_nv.optimization.levenberg_marquardt import COARSEST, LevenbergMarquardt
from tvdrnet_nv.optimization.loop import INTERRUPTED, STOPPED
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.optimization.search import search_orbit
from tvdrnet_nv.optimization.visible_center import visible_centers
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.shading import UNLIT, PhongLight

TRUSTED = 0.75  # quality at which no further attempt is made
_PROBE, _PROBE_STEPS = 64, 80  # pixels along the shorter side, and steps, of the look whether colours fit at all
_COLOURS_FIT, _COLOURS_NEAR = 0.04, 0.08  # root mean square of colours that are the renderer's own; in small renders
_PHOTOGRAPH = 160  # pixels along the shorter side at which photographs are compared: a scan has no more detail
SMALLEST = 16  # pixels along a side, below which a picture has no detail to find its camera by
_ONE_COLOUR = 0.01  # standard deviation of the vertices' colours
_ORBITS = 4  # cameras that go on from a search all around
_ALIGNED_AT = 64  # pixels along the shorter side in which a camera is right that was aligned with the picture
_ZOOM, _ZOOM_NEAR = 0.15, 0.05  # by how much cameras around a start are zoomed; where its lens is about right
_AROUND = (24.0, 24), (64.0, 256)  # degrees around a start, and cameras there
# By effort: cameras of each search all over the scene.
_INSIDE: dict[Effort, tuple[int, ...]] = {
    Effort.quick: (),
    Effort.normal: (24_000,),
    Effort.thorough: (24_000, 36_000, 36_000, 36_000),
}


@dataclass(frozen=True)
class Found:
    """The best attempt.

    Attributes:
        result: of its last optimisation.
        renderer: the scene in the light that explained the picture best.
        attempts: in words, each attempt and how much of the picture it explained.
    """

    result: Result[Any]
    renderer: Renderer
    attempts: tuple[str, ...]


def find_camera(
    renderer: Renderer,
    target: MatchImage,
    start: Viewpoint,
    *,
    near_start: bool,
    lens_known: bool,
    lens_near: bool = False,
    parameters: tuple[str, ...] | None = None,
    lights: Sequence[PhongLight] | None = None,
    effort: Effort = Effort.normal,
    iterations: int = 256,
    seed: int = 0,
    callback: Callable[[Progress], bool | None] | None = None,
) -> Found:
    """Find the camera that took a picture.

    The attempts, until one has a quality of 0.75: the picture's colours are compared as they are, in each light, around
    the start or all around the scene; then it is compared as a photograph (`MatchPhotograph`), without light, from
    cameras that were aligned with it by what they show: some around the start, more and farther ones, and cameras
    all over the scene, in several draws. What is found as a photograph is compared in its colours once more where these
    fit, which is more precise.

    Args:
        renderer: the scene, at the size at which the picture is compared.
        target: the picture, its mask, and what the squared error's options are. A `MatchPhotograph` or `MatchEdges` is
            compared by no colours.
        start: one camera: where to begin, the lens, and for an `Orbit` the pole and the look-at point.
        near_start: whether the camera is near the start; otherwise it may be anywhere.
        lens_known: whether the start's lens is the picture's.
        lens_near: whether it is about the picture's, such as one from EXIF data: searches begin with it, and the focal
            length moves.
        parameters: what moves; by default an orbit's, and where no orbit explains the picture, the pose, with the
            focal length where the lens is not known. Where the focal length is not among them, it stays the start's.
        lights: in which the scene is compared; by default the renderer's light, and none.
        effort: quick: no cameras all over the scene; normal: one draw; thorough: four.
        iterations: of each optimisation, at most.
        seed: of the draws.
        callback: as `optimize`'s; it sees each attempt's iterations.

    Returns:
        The attempt of the highest quality. An interrupted one ends the attempts.

    Raises:
        TypeError: `target` is no `MatchImage`.
        ValueError: the renderer's resolution is below 16 pixels along a side, or `start` is not one camera.
    """
    if not isinstance(target, MatchImage):
        raise TypeError(f"target must be a MatchImage, such as MatchImage(picture); got {type(target).__name__}")
    if len(start) != 1:
        raise ValueError(f"start must be one camera, got {len(start)}")
    if min(renderer.resolution) < SMALLEST:
        height, width = renderer.resolution
        raise ValueError(
            f"{width} x {height} pixels are too few to find a camera by; at least {SMALLEST} a side are needed"
        )
    search = _Search(
        renderer,
        target,
        start,
        lens_known,
        lens_near,
        parameters,
        tuple(dict.fromkeys(lights or (renderer.light, UNLIT))),
        iterations,
        seed,
        callback,
    )
    best: Found | None = None
    words: list[str] = []
    for what, found in search.attempts(near_start, effort):
        words.append(f"{what}: quality {found.result.quality or 0.0:.2f}")
        if best is None or (found.result.quality or 0.0) > (best.result.quality or 0.0):
            best = found
        stopped = found.result.reason in (INTERRUPTED, STOPPED)
        if stopped or (found.result.quality or 0.0) >= TRUSTED or target.reason_without_gradient:
            break
    assert best is not None
    return replace(best, attempts=tuple(words))


@dataclass(frozen=True)
class _Search:
    """What `find_camera` was given."""

    renderer: Renderer
    target: MatchImage
    start: Viewpoint
    lens_known: bool
    lens_near: bool
    parameters: tuple[str, ...] | None
    lights: tuple[PhongLight, ...]
    iterations: int
    seed: int
    callback: Callable[[Progress], bool | None] | None

    def attempts(self, near_start: bool, effort: Effort) -> Iterator[tuple[str, Found]]:
        """Each attempt, in words, and what it found."""
        for light in () if isinstance(self.target, MatchPhotograph) else self.lights:
            renderer = self._lit(light)
            begin = self._begin(renderer, near_start, self.target)
            if self._colours_may_fit(renderer, begin):
                yield "its colours", self._optimized(renderer, begin, self.target, self._names(begin))
        photograph = self._photograph()
        bare = self._lit(self._search_lights[0], _PHOTOGRAPH)
        begin = self._posed(self._begin(bare, near_start, photograph))
        if self.parameters is not None and not set(POSE_DEFAULT) <= set(self.parameters):
            yield photograph.compared, self._optimized(bare, begin, photograph, self._names(begin))
            return  # a search moves the whole pose
        begin = begin.camera().to("cpu")
        distance = float((visible_centers(bare, begin[:1]) - begin[:1].position).norm())
        zoom = 0.0 if self._lens_stays else _ZOOM_NEAR if self.lens_near else _ZOOM
        for reach, count in _AROUND if near_start else _AROUND[:1]:
            around = [
                cameras_around(begin[k : k + 1], distance, count // len(begin), reach=reach, zoom=zoom, seed=self.seed)
                for k in range(len(begin))
            ]
            yield (
                f"{photograph.compared}, up to {reach:g}° away",
                self._wide(bare, photograph, concatenate([begin, *around])),
            )
        lens = self.start.camera() if self._lens_stays or self.lens_near else None
        for draw, count in enumerate(_INSIDE[effort]):
            inside = cameras_inside(self.renderer.mesh, count, lens=lens, seed=self.seed + draw)
            renderer = self._lit(self._search_lights[draw % len(self.lights)], _PHOTOGRAPH)
            yield f"all over the scene, draw {draw + 1}", self._wide(renderer, photograph, inside)

    @property
    def _lens_stays(self) -> bool:
        """Whether all cameras have the start's lens: it is known, or must not move."""
        return self.lens_known or (self.parameters is not None and "focal" not in self.parameters)

    @property
    def _search_lights(self) -> tuple[PhongLight, ...]:
        """The lights for searches: without light first, but for a scene in one colour, which shows nothing then."""
        mesh = self.renderer.mesh
        plain = mesh.textures is None and float(mesh.colors.std(0).amax()) < _ONE_COLOUR
        return self.lights if plain else self.lights[::-1]

    def _lit(self, light: PhongLight, side: int | None = None) -> Renderer:
        """The scene in a light, at most so large."""
        size = self.renderer.resolution
        other = self.renderer.at_resolution(size if side is None else shrunk(size, side))
        other.light = light
        return other

    def _photograph(self) -> MatchPhotograph:
        if isinstance(self.target, MatchPhotograph):
            return self.target
        return self.target.as_photograph(self.renderer.background)

    def _names(self, start: Viewpoint) -> tuple[str, ...]:
        """What moves."""
        if self.parameters is not None:
            return self.parameters
        if isinstance(start, Orbit):
            return ORBIT_DEFAULT
        return POSE_DEFAULT if self.lens_known else (*POSE_DEFAULT, "focal")

    def _posed(self, start: Viewpoint) -> Viewpoint:
        """As a camera that may move anywhere, unless an orbit's parameters were asked for."""
        return start if self.parameters is not None and isinstance(start, Orbit) else start.camera()

    def _begin(self, renderer: Renderer, near_start: bool, objective: MatchImage) -> Viewpoint:
        """Where a comparison begins: at the start, or at the best of all around the scene."""
        if near_start:
            return self.start
        camera, mesh = self.start.camera(), self.renderer.mesh
        ahead = ((mesh.center.to(camera.T) - camera.position) * camera.R[:, :, 2]).sum(1)
        frame = OrbitFrame(self.start, ahead.clamp_min(mesh.radius or 1.0))  # of a camera: about the scene's middle
        found = search_orbit(renderer, objective, frame.orbits, _ORBITS)
        return frame.viewpoints(found, torch.zeros(len(found), dtype=torch.int64))

    def _colours_may_fit(self, renderer: Renderer, begin: Viewpoint) -> bool:
        """Whether small renders come to have the picture's colours; a robust loss or a free exposure always may."""
        if self.target.robust is not None or self.target.exposure:
            return True
        small = renderer.at_resolution(shrunk(renderer.resolution, _PROBE))
        start = begin.completed(self._names(begin)).detach().to("cpu")
        probe = LevenbergMarquardt(start, coordinates_for(start, self._names(begin), small), small, self.target)
        probe.run(_PROBE_STEPS)
        return math.sqrt(probe.lowest_loss) < _COLOURS_NEAR

    def _optimized(
        self, renderer: Renderer, start: Viewpoint, objective: MatchImage, names: tuple[str, ...], *, look: bool = True
    ) -> Found:
        result: Result[Any] = optimize(
            renderer,
            start,
            objective,
            parameters=names,
            method="lm",
            iterations=self.iterations,
            seed=self.seed,
            callback=self.callback,
            look_around=look,
            coarsest=COARSEST if look else _ALIGNED_AT,
        )
        return Found(result, renderer, ())

    def _wide(self, renderer: Renderer, photograph: MatchPhotograph, candidates: Camera) -> Found:
        names = self._names(self.start.camera())
        finalists = search(renderer, photograph, candidates, parameters=names)
        lit = [self._lit(light, _PHOTOGRAPH) for light in self.lights]
        explained = [
            [fit_of(other, photograph, finalists[k]).explained for k in range(len(finalists))] for other in lit
        ]
        best = max(range(len(lit)), key=lambda i: max(explained[i]))
        distinct = distinct_finalists(renderer, finalists, explained[best])
        found = self._optimized(lit[best], distinct, photograph, names, look=False)
        shown = replace(found.result, candidates=finalists.to("cpu"))
        return self._polished(replace(found, result=shown))

    def _polished(self, found: Found) -> Found:
        """Compared by colours in the light in which they fit, if there is one; otherwise as it is."""
        if (found.result.quality or 0.0) < 0.5 or self.target.robust is not None or self.target.exposure:
            return found
        best = found.result.best.to(self.renderer.mesh.device)
        with torch.no_grad():
            errors = [float(self.target(self._lit(light)(best.camera())).sqrt()) for light in self.lights]
        lowest = min(range(len(errors)), key=errors.__getitem__)
        if errors[lowest] > _COLOURS_NEAR:
            return found
        names = self._names(best)
        precise = self._optimized(self._lit(self.lights[lowest]), best, self.target, names, look=False)
        if (
            math.sqrt(precise.result.loss) > _COLOURS_FIT
            or (precise.result.quality or 0.0) < (found.result.quality or 0.0) - 0.02
        ):
            return found
        return replace(precise, result=replace(precise.result, candidates=found.result.candidates))
