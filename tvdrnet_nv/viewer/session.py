"""A scene, and what a user does with it: look, click, ask, stop, save. It knows of no browser."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, OrbitFrame
from tvdrnet_nv.camera.orbit import Up
from tvdrnet_nv.datasets import find_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding import Thing, scene_things
from tvdrnet_nv.io.cameras import NamedCamera, from_camera, to_camera
from tvdrnet_nv.jobs import OptimizeJob
from tvdrnet_nv.jobs.camera_file import saved_camera
from tvdrnet_nv.jobs.data_set import scene_file
from tvdrnet_nv.jobs.events import Reporter
from tvdrnet_nv.jobs.part import parse_part
from tvdrnet_nv.jobs.scene import load_scene
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.optimization import visible_centers
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import highlighted, render_views
from tvdrnet_nv.starts import scene_orbit
from tvdrnet_nv.viewer.cameras import at_longer_side
from tvdrnet_nv.viewer.picking import Hit, Owners, pick
from tvdrnet_nv.viewer.run_folder import RunFolder
from tvdrnet_nv.viewer.view_job import ViewJob

PICTURE = 512  # pixels along the longer side of a render, where the job says nothing of it
_RADIUS = 0.1  # of the scene's radius, around a point that is clicked


class Session:
    """A scene that was loaded, for any number of threads at once.

    Attributes:
        job: what is shown.
        file: of the scene's mesh.
        renderer: the scene, with all of its triangles.
        up: float64 [3], a unit vector, in the mesh's frame.
        first_view: the camera from which the browser looks first, in the coordinates of the scene's file.
        things: the scene's objects, where it comes with some.
        longer: pixels along the longer side of a render.
    """

    def __init__(self, job: ViewJob, reporter: Reporter) -> None:
        """Load the scene.

        Raises:
            InputError: a file cannot be used, or the scene has no surface.
        """
        self.job, self.file = job, scene_file(job)
        size = (PICTURE, PICTURE) if job.image_size is None else parse_image_size(job.image_size)
        self.longer = max(size)
        loaded = load_scene(job, saved_camera(job), size)
        loaded.report(job, reporter)
        self.renderer = loaded.renderer
        if self.mesh.is_invisible:
            raise InputError(f"{job.scene}: no face has an area, so no view shows any. {' '.join(self.mesh.notes)}")
        self._origin = np.array(self.mesh.origin)
        self.first_view = from_camera(loaded.viewpoint, size, "first view", self._origin)
        orbit = loaded.viewpoint if isinstance(loaded.viewpoint, Orbit) else scene_orbit(self.mesh)
        up = orbit.frame[:, 1]
        self._pole: Up = orbit.up
        self.up = up.double().cpu().numpy()
        labels = None if job.labels is None else Path(job.labels)
        self.things = scene_things(self.mesh, Path(job.scene), labels, up)
        self._owners = None if self.things is None else Owners(self.mesh, self.things)
        self._last_tinted: tuple[Tensor, Renderer] | None = None
        self._drawing = threading.Lock()

    @property
    def mesh(self) -> Mesh:
        """The scene's mesh, in whose frame the page is."""
        return self.renderer.mesh

    @property
    def radius(self) -> float:
        """Of the ball around a point that is clicked, scene units: a round number, a tenth of the scene's radius."""
        return float(f"{_RADIUS * (self.mesh.radius or 1.0):.1g}")

    def render(self, camera: NamedCamera, longer: int | None = None, weights: Tensor | None = None) -> np.ndarray:
        """What a camera sees, uint8 [H, W, 3].

        Args:
            camera: in the coordinates of the scene's file.
            longer: pixels along the longer side; by default the session's.
            weights: [V] in 0..1, a part to tint.
        """
        small = at_longer_side(camera, longer or self.longer)
        viewpoint = to_camera(small, self._origin).to(self.mesh.device)
        with self._drawing:
            renderer = self.renderer if weights is None else self._tinted(weights)
            return next(render_views(renderer.at_resolution(small.size), viewpoint))

    def _tinted(self, weights: Tensor) -> Renderer:
        """The renderer with a part tinted, which is kept for the next time."""
        if self._last_tinted is None or self._last_tinted[0] is not weights:
            self._last_tinted = None  # before the next one needs memory
            self._last_tinted = weights, highlighted(self.renderer, weights.to(self.mesh.device))
        return self._last_tinted[1]

    def pick(self, origin: Sequence[float] | np.ndarray, direction: Sequence[float] | np.ndarray) -> Hit | None:
        """What a ray in the mesh's frame hits first."""
        with self._drawing:
            return pick(self.renderer, origin, direction)

    def start_near(self, camera: NamedCamera) -> dict[str, object]:
        """The fields of a job whose start is about at a camera; its roll and its lens are left to the job."""
        viewpoint = to_camera(at_longer_side(camera, self.longer), self._origin).to(self.mesh.device)
        with self._drawing:
            ahead = (visible_centers(self.renderer, viewpoint) - viewpoint.position).norm(dim=1)
        orbit = OrbitFrame(viewpoint, ahead, self._pole).orbits
        numbers = {name: float(getattr(orbit, name)) for name in ("distance", "elevation", "azimuth")}
        return {**numbers, "at": self.mesh.to_file(orbit.at[0].tolist()), "up": orbit.up}

    def thing_at(self, hit: Hit) -> Thing | None:
        """The object that was hit, where objects are known and the face is one's."""
        return None if self._owners is None else self._owners.thing_at(hit.face)

    def point_focus(self, hit: Hit, radius: float) -> str:
        """The focus on the ball around a point.

        Raises:
            InputError: the radius is not above 0.
        """
        if not (math.isfinite(radius) and radius > 0):
            raise InputError(f"radius {radius:g}: wanted a number above 0")
        numbers = (*self.mesh.to_file(hit.point.tolist()), radius)
        return "point=" + ",".join(f"{value:.6g}" if abs(value) < 1e4 else f"{value:.3f}" for value in numbers)

    def thing_focus(self, thing: Thing, folder: Path) -> str:
        """The focus on an object: by a data set's number or a label's name, where one names it alone, else by a file of
        scores, which is written into the folder.

        Raises:
            InputError: the file cannot be written.
        """
        scene, labels = Path(self.job.scene), None if self.job.labels is None else Path(self.job.labels)
        by_number = labels is None and find_scene(scene) is not None
        text = f"object={thing.id}" if by_number else f"label={thing.title}"
        try:
            vertices = parse_part(text).weights(self.mesh, scene, labels).nonzero()[:, 0].cpu().numpy()
            if np.array_equal(np.sort(vertices), np.sort(thing.vertices)):
                return text
        except InputError:
            pass  # the name is of no label, as a patch's
        return str(self._write_scores(thing, folder))

    def _write_scores(self, thing: Thing, folder: Path) -> Path:
        of_file = self.mesh.file_vertices
        count = self.mesh.num_vertices if of_file is None else int(of_file.max()) + 1
        scores = np.zeros(count, dtype=np.float32)
        scores[thing.vertices if of_file is None else of_file.cpu().numpy()[thing.vertices]] = 1
        file = folder / "part.npy"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            np.save(file, scores)
        except OSError as error:
            raise InputError(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}") from error
        return file

    def part_of(self, focus: str | None, object_ids: Sequence[int] | None = None) -> Tensor | None:
        """[V] in 0..1: the part that a run shows; None where that is everything, or nobody knows.

        Args:
            focus: in the words of `OptimizeJob.focus`, or a sentence's "text=…".
            object_ids: what the sentence means.
        """
        if object_ids is not None:
            items = () if self.things is None else self.things.items
            rows = [item.vertices for item in items if item.id in set(object_ids)]
            weights = torch.zeros(self.mesh.num_vertices)
            for vertices in rows:
                weights[torch.from_numpy(vertices)] = 1
            return weights if rows else None
        if focus is None or focus == "everything" or focus.startswith("text="):
            return None
        labels = None if self.job.labels is None else Path(self.job.labels)
        return parse_part(focus).weights(self.mesh, Path(self.job.scene), labels).cpu()

    def part_of_run(self, run: RunFolder) -> Tensor | None:
        """[V] in 0..1: the part that a run shows, where its files say which.

        Raises:
            InputError: a file that it names is gone.
        """
        text = run.facts.get("text")
        return self.part_of(run.facts.get("focus"), None if text is None else text.get("object_ids"))

    def job_of(self, out: Path, **fields: object) -> OptimizeJob:
        """The job that does something with this scene.

        Raises:
            InputError: the fields cannot be used.
        """
        given = self.job.of_runs()
        if "text" in fields:
            given |= {"labels": self.job.labels, "text_model": self.job.text_model}
        elif str(fields.get("focus")).startswith("label="):
            given["labels"] = self.job.labels
        if "target" in fields:
            given["image_size"] = None  # the picture's
        return OptimizeJob(**{**given, **fields, "out": out})  # pyright: ignore[reportArgumentType]
