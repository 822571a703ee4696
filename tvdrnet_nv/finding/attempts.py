"""The attempts to find a picture's camera, from quick to thorough."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from tvdrnet_nv.camera import Camera, Orbit, OrbitFrame, Viewpoint, concatenate
from tvdrnet_nv.camera.parameters import ORBIT_DEFAULT, POSE_DEFAULT
from tvdrnet_nv.choices import Effort
from tvdrnet_nv.finding.attempt import Found
from tvdrnet_nv.finding.candidates import cameras_around, cameras_inside
from tvdrnet_nv.finding.lights import Lights, in_words
from tvdrnet_nv.finding.search import distinct_finalists, search
from tvdrnet_nv.objectives.match import MatchImage
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.optimization import Progress, Result, optimize
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.optimization.fit import POOR, fit_of
from tvdrnet_nv.optimization.levenberg_marquardt import COARSEST, LevenbergMarquardt
from tvdrnet_nv.optimization.loop import INTERRUPTED, STOPPED
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.optimization.search import search_orbit
from tvdrnet_nv.optimization.visible_center import visible_centers
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.shading import PhongLight

_PROBE, _PROBE_STEPS = 64, 80  # pixels along the shorter side, and steps, of the look whether colours fit at all
# Root mean square of colours that are the renderer's own; in small renders; and in the same light.
_COLOURS_FIT, _COLOURS_NEAR, _COLOURS_SAME = 0.04, 0.08, 0.01
_PHOTOGRAPH = 160  # pixels along the shorter side at which photographs are compared: a scan has no more detail
# Share of the picture by which what two lights explain may differ, and by how much a lamp at the camera must lower the
# loss as a photograph.
_AS_MUCH, _CLEARLY = 0.05, 0.01
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
class Attempts:
    """The attempts, with what `find_camera` was given; its docstring describes the fields."""

    renderer: Renderer
    target: MatchImage
    start: Viewpoint
    lens_known: bool
    lens_near: bool
    parameters: tuple[str, ...] | None
    lights: Lights
    iterations: int
    seed: int
    callback: Callable[[Progress], bool | None] | None

    def each(self, near_start: bool, effort: Effort) -> Iterator[tuple[str, Found]]:
        """Each attempt, in words, and what it found."""
        # Around a start, the lamp is tried on what is found. From anywhere, nothing would be in a light so different.
        lights = self.lights.compared if near_start else self.lights.all
        errors: list[float] = []
        for light in () if isinstance(self.target, MatchPhotograph) else lights:
            renderer = self._lit(light)
            begin = self._begin(renderer, near_start, self.target)
            error = self._probed(renderer, begin)
            # Renders by the lamp are slow, so it must be the best.
            if error < _COLOURS_NEAR and (light != self.lights.lamp or error < min(errors)):
                found = self._optimized(renderer, begin, self.target, self._names(begin))
                yield f"its colours, {in_words(light)}", self._in_its_light(found)
            errors.append(error)
        photograph = self._photograph()
        moves_pose = self.parameters is None or set(POSE_DEFAULT) <= set(self.parameters)
        begins: list[Viewpoint] = []
        for light in self.lights.around:
            bare = self._lit(light, _PHOTOGRAPH)
            begins.append(self._posed(self._begin(bare, near_start, photograph)))
            if not moves_pose:
                found = self._optimized(bare, begins[-1], photograph, self._names(begins[-1]))
                yield f"{photograph.compared}, {in_words(light)}", found
        if not moves_pose:
            return  # a search moves the whole pose
        for reach, count in _AROUND if near_start else _AROUND[:1]:
            for light, begin in zip(self.lights.around, begins, strict=True):
                bare = self._lit(light, _PHOTOGRAPH)
                yield (
                    f"{photograph.compared}, {in_words(light)}, up to {reach:g}° away",
                    self._wide(bare, photograph, self._around(bare, begin.camera().to("cpu"), reach, count)),
                )
        lens = self.start.camera() if self._lens_stays or self.lens_near else None
        for draw, count in enumerate(_INSIDE[effort]):
            inside = cameras_inside(self.renderer.mesh, count, lens=lens, seed=self.seed + draw)
            light = self.lights.searched[draw % len(self.lights.searched)]
            found = self._wide(self._lit(light, _PHOTOGRAPH), photograph, inside)
            yield f"all over the scene, {in_words(light)}, draw {draw + 1}", found

    def _around(self, renderer: Renderer, begin: Camera, reach: float, count: int) -> Camera:
        """Cameras where a comparison begins, and around there, `count` in all."""
        distance = float((visible_centers(renderer, begin[:1]) - begin[:1].position).norm())
        zoom = 0.0 if self._lens_stays else _ZOOM_NEAR if self.lens_near else _ZOOM
        around = [
            cameras_around(begin[k : k + 1], distance, count // len(begin), reach=reach, zoom=zoom, seed=self.seed)
            for k in range(len(begin))
        ]
        return concatenate([begin, *around])

    @property
    def _any_colours_fit(self) -> bool:
        """Whether how far colours are from the picture's does not tell if they are its own."""
        return self.target.robust is not None or self.target.exposure

    @property
    def _lens_stays(self) -> bool:
        """Whether all cameras have the start's lens: it is known, or must not move."""
        return self.lens_known or (self.parameters is not None and "focal" not in self.parameters)

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
        names, lens = (ORBIT_DEFAULT, "fov") if isinstance(start, Orbit) else (POSE_DEFAULT, "focal")
        return names if self.lens_known else (*names, lens)

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

    def _probed(self, renderer: Renderer, begin: Viewpoint) -> float:
        """The root mean square to which small renders come of the picture's colours; 0 for a robust loss or a free
        exposure, which always may fit."""
        if self._any_colours_fit:
            return 0.0
        small = renderer.at_resolution(shrunk(renderer.resolution, _PROBE))
        start = begin.completed(self._names(begin)).detach().to("cpu")
        probe = LevenbergMarquardt(start, coordinates_for(start, self._names(begin), small), small, self.target)
        probe.run(_PROBE_STEPS)
        return math.sqrt(probe.lowest_loss)

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
        return Found(result, renderer, (), result.reason in (INTERRUPTED, STOPPED))

    def _wide(self, renderer: Renderer, photograph: MatchPhotograph, candidates: Camera) -> Found:
        names = self._names(self.start.camera())
        finalists = search(renderer, photograph, candidates, parameters=names)
        lit, explained = self._best_light(photograph, finalists)
        distinct = distinct_finalists(renderer, finalists, explained)
        found = self._optimized(lit, distinct, photograph, names, look=False)
        shown = replace(found.result, candidates=finalists.to("cpu"))
        targets = self.target, self.target.with_free_exposure()
        return self._polished(replace(found, result=shown), self.lights.all, targets)

    def _best_light(self, photograph: MatchPhotograph, finalists: Camera) -> tuple[Renderer, list[float]]:
        """The scene in the light that explains the picture best, and what each finalist explains in it.

        That of the lowest loss among those that explain about as much as any; the lamp only where it explains more, or
        about as much with a clearly lower loss.
        """
        everyone = range(len(finalists))
        shares = {light: self._explained(light, photograph, finalists) for light in self.lights.compared}
        most = max(max(values) for values in shares.values())
        near = {light: values for light, values in shares.items() if max(values) > most - _AS_MUCH}
        losses = {}
        for light, values in near.items():
            camera = finalists[max(everyone, key=values.__getitem__)]
            losses[light] = self._loss(light, photograph, camera)
        best = min(losses, key=losses.__getitem__)
        lamp = self.lights.lamp
        if lamp is not None:
            camera = finalists[max(everyone, key=shares[best].__getitem__)]
            (share,) = self._explained(lamp, photograph, camera)
            lower = self._loss(lamp, photograph, camera) < losses[best] - _CLEARLY
            if share > most + _AS_MUCH or (lower and share > most - _AS_MUCH):
                best, shares[lamp] = lamp, self._explained(lamp, photograph, finalists)
        return self._lit(best, _PHOTOGRAPH), shares[best]

    def _explained(self, light: PhongLight, photograph: MatchPhotograph, cameras: Camera) -> list[float]:
        renderer = self._lit(light, _PHOTOGRAPH)
        return [fit_of(renderer, photograph, cameras[k]).explained for k in range(len(cameras))]

    def _loss(self, light: PhongLight, photograph: MatchPhotograph, camera: Camera) -> float:
        with torch.no_grad():
            return float(photograph(self._lit(light, _PHOTOGRAPH)(camera.to(self.renderer.mesh.device))))

    def _in_its_light(self, found: Found) -> Found:
        """What colours found, in the light in which they are the picture's, if that is another one."""
        error = math.sqrt(found.result.loss)
        if error <= _COLOURS_SAME:
            return found
        others = [light for light in self.lights.all if light != found.renderer.light]
        return self._polished(found, others, (self.target,), min(error, _COLOURS_NEAR))

    def _polished(
        self, found: Found, lights: Sequence[PhongLight], targets: Sequence[MatchImage], near: float = _COLOURS_NEAR
    ) -> Found:
        """Compared by colours, with the first of the targets that fits, in the light in which they are the nearest.

        A target fits that is so near, and whose comparison ends with colours that are the picture's. Without one, it
        is as it was found.
        """
        if not lights or (found.result.quality or 0.0) < POOR or found.stopped or self._any_colours_fit:
            return found
        best = found.result.best.to(self.renderer.mesh.device).camera()
        with torch.no_grad():
            renders = [self._lit(light, _PHOTOGRAPH)(best) for light in lights]
        for target in targets:
            with torch.no_grad():
                errors = [float(target(render).sqrt()) for render in renders]
            lowest = min(range(len(errors)), key=errors.__getitem__)
            if errors[lowest] > near:
                continue
            names = self._names(found.result.best)
            precise = self._optimized(self._lit(lights[lowest]), found.result.best, target, names, look=False)
            good = (precise.result.quality or 0.0) >= (found.result.quality or 0.0) - 0.05
            if good and math.sqrt(precise.result.loss) <= _COLOURS_FIT:
                return replace(precise, result=replace(precise.result, candidates=found.result.candidates))
            if precise.stopped:
                return replace(found, stopped=True)
        return found
