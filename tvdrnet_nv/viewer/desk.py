"""The runs that a session starts: one at a time, each in a folder of its own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.choices import Effort
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import read_picture
from tvdrnet_nv.io.cameras import NamedCamera, write_cameras
from tvdrnet_nv.jobs import OptimizeJob
from tvdrnet_nv.jobs.output import output_folder
from tvdrnet_nv.jobs.prepare import DEFAULT_SIZE
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.viewer.picking import Hit
from tvdrnet_nv.viewer.run import OnChange, Run
from tvdrnet_nv.viewer.run_folder import TARGET, small_picture
from tvdrnet_nv.viewer.session import Session

LARGEST_UPLOAD = 64 * 2**20  # bytes of a picture
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif")


class Desk:
    """What is done with a session's scene.

    Attributes:
        out: the folder for all of it; nothing is there before something is written.
        run: the run that was started last.
    """

    def __init__(self, session: Session, on_change: OnChange) -> None:
        self.session, self.out = session, output_folder(session.job)
        self.run: Run | None = None
        self._on_change = on_change
        self._lock = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way."""
        return self.run is not None and self.run.is_running

    def view_point(self, hit: Hit, radius: float) -> Run:
        """Find a view of what lies around a point.

        Raises:
            InputError: the radius cannot be used, or a run is under way.
        """
        focus = self.session.point_focus(hit, radius)
        return self._start(focus, lambda folder: self.session.job_of(folder, focus=focus))

    def view_thing(self, hit: Hit) -> Run:
        """Find a view of the object that was hit.

        Raises:
            InputError: no object is known there, or a run is under way.
        """
        thing = self.session.thing_at(hit)
        if thing is None:
            raise InputError("no object is known at this place; let a click view the point instead")

        def job(folder: Path) -> OptimizeJob:
            return self.session.job_of(folder, focus=self.session.thing_focus(thing, folder))

        return self._start(thing.title, job)

    def ask(self, sentence: str, views: int = 1) -> Run:
        """Find views of what a sentence means.

        Raises:
            InputError: there is no sentence, or a run is under way.
        """
        text = sentence.strip()
        if not text:
            raise InputError("type a sentence first, such as: the chair next to the window")
        return self._start(f"“{text}”", lambda folder: self.session.job_of(folder, text=text, views=views))

    def find_camera(
        self, name: str, content: bytes, *, near: NamedCamera | None = None, effort: str = Effort.normal
    ) -> Run:
        """Find the camera of a picture.

        Args:
            name: of the picture's file, as the user knows it.
            content: the file.
            near: a camera that is about there, in the coordinates of the scene's file; without one it is looked for
                everywhere.
            effort: how long.

        Raises:
            InputError: it is no picture, or a run is under way.
        """
        if len(content) > LARGEST_UPLOAD:
            raise InputError(f"{name}: has {len(content) / 2**20:.0f} MiB; at most {LARGEST_UPLOAD >> 20} are taken")

        def job(folder: Path) -> OptimizeJob:
            suffix = Path(name).suffix.lower()
            picture = folder / ("picture" + (suffix if suffix in _SUFFIXES else ""))
            _write(picture, content)  # as it came, with its EXIF data
            _write_target(picture, folder / TARGET, name)
            start = {} if near is None else self.session.start_near(near)
            return self.session.job_of(folder, target=picture, effort=effort, **start)

        return self._start(f"the camera of {name}", job)

    def stop(self) -> None:
        """End the run with its next iteration; its best is kept."""
        if self.run is not None:
            self.run.stop()

    def save_camera(self, camera: NamedCamera) -> Path:
        """Write a camera into a new file of the folder, as `--camera` reads it.

        Raises:
            InputError: the folder cannot be written.
        """
        with self._lock:
            file = next(f for k in range(1, 1_000_000) if not (f := self.out / f"camera-{k:03d}.json").exists())
            try:
                self.out.mkdir(parents=True, exist_ok=True)
                with atomic_path(file) as temporary:
                    write_cameras(temporary, [camera], "tvdr-nv")
            except OSError as error:
                raise InputError(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}") from error
        return file

    def close(self, seconds: float = 60.0) -> bool:
        """Stop what is under way and wait for its files, at most so long; whether all has ended."""
        self.stop()
        return self.run is None or self.run.wait(seconds)

    def _start(self, title: str, make: Callable[[Path], OptimizeJob]) -> Run:
        with self._lock:
            if self.is_busy:
                raise InputError("a run is under way; stop it first")
            folder = next(f for k in range(1, 1_000_000) if not (f := self.out / f"run-{k:03d}").exists())
            try:
                job = make(folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self.run = Run(title, job, self.session.mesh, _size(job), self._on_change)
            self.run.begin()
            return self.run


def _size(job: OptimizeJob) -> tuple[int, int]:
    """(height, width) of a job's pictures, or another size of their shape."""
    if job.target is not None:
        return read_picture(Path(job.target)).shape[:2]
    return (DEFAULT_SIZE, DEFAULT_SIZE) if job.image_size is None else parse_image_size(job.image_size)


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}") from error


def _write_target(picture: Path, file: Path, name: str) -> None:
    """The picture upright and small, for its camera's frustum; one that is no picture is refused by its name."""
    try:
        pixels = read_picture(picture)
    except InputError:
        raise InputError(f"{name}: cannot be read as a picture; give a PNG or JPEG") from None
    Image.fromarray(small_picture(pixels)).save(file)
