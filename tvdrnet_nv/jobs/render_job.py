"""Which pictures of a scene are to be rendered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tvdrnet_nv.choices import Layer, Mode, TurntableFormat
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.checks import COUNT, Limit, check_choice, check_numbers, check_paths, check_switches
from tvdrnet_nv.jobs.scene_job import SceneJob

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.events import OnEvent
    from tvdrnet_nv.jobs.outcome import Rendered

ALL = "all"  # as a path: every camera of the file
FIGURES = (".pdf", ".svg", ".png")
FIGURE_SAMPLES = 16  # a pixel
_SAMPLES = Limit("a square from 1 to 256, such as 16", lambda n: 1 <= n <= 256 and math.isqrt(int(n)) ** 2 == n, True)
_FPS = Limit("1 to 240", lambda value: 1 <= value <= 240)


@dataclass(frozen=True, kw_only=True)
class RenderJob(SceneJob):
    """Render a scene from one camera, from all around, from many angles on one page, as a film or as a figure.

    `RenderJob(scene="room.ply", mode="all").run()` writes single_view.png, turntable.gif and multi_view_grid.png.

    Attributes:
        mode: "single" view, "turntable" (a turn around the scene), "grid" (4 elevations × 8 azimuths), or "all".
        format: of the turntable or the film: "gif" (a turntable's default), "mp4" (a film's), or "png" for numbered
            pictures. The rest is PNG.
        num_views: how many views the turntable or the film has; by default 36, and for MP4 as many as `fps` makes in
            the time that it takes.
        fps: pictures in a second of an MP4 file.
        path: a film through cameras of the file `camera`, by their names between commas, or "all" of them. A run's
            cameras are "start" and "found", or "view_1" and so on. `camera` may be the run's folder.
        samples: how many samples a pixel has, a square number; by default 1, and 16 in a figure.
        dollhouse: leave out the ceiling, the walls between camera and scene, and the backs of faces.
        figure: a file .pdf, .svg or .png for a figure, which is all that is written then: the pictures of the camera,
            or of each camera of the file, with letters and captions. Its shorter side is at least 1024 pixels, unless
            `image_size` says otherwise. The light does not burn out white surfaces, unless one is chosen.
        layers: what a figure shows of each camera: "color", "depth", "normals", between commas or as a list.
        caption: a text below a figure.

    Raises:
        InputError: a field cannot be used, or does not go with another one.
    """

    name: ClassVar[str] = "render"

    mode: str = Mode.single
    format: str | None = None
    num_views: int | None = None
    fps: float = 30.0
    path: str | None = None
    samples: int | None = None
    dollhouse: bool = False
    figure: str | Path | None = None
    layers: str | Sequence[str] = Layer.color
    caption: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_numbers(vars(self), {"num_views": COUNT, "samples": _SAMPLES, "fps": _FPS})
        check_choice("mode", self.mode, Mode)
        check_choice("format", self.format, TurntableFormat)
        check_paths(vars(self), ("figure",))
        check_switches(vars(self), ("dollhouse",))
        self._check_film()
        self._check_figure()
        stills = self.path is None and self.mode in (Mode.single, Mode.grid)
        if self.format not in (None, TurntableFormat.png) and stills:
            raise InputError(
                f"`format` {self.format}: `mode` {self.mode} writes PNG; turntables can be gif, mp4 or png"
            )
        numbered = self.format == TurntableFormat.png
        alone = self.mode == Mode.single and (self.path is None or numbered)
        if self.background == TRANSPARENT and not (alone or (self.mode == Mode.turntable and numbered)):
            raise InputError(
                "`background` transparent: needs pictures in PNG without captions; use `mode` single, or `mode` "
                "turntable or `path` with `format` png"
            )
        if self.dollhouse and self.mode in (Mode.grid, Mode.all):
            raise InputError(f"`dollhouse`: works with one camera at a time, not with `mode` {self.mode}")

    def run(self, on_event: OnEvent | None = None) -> Rendered:
        """Do it and write the files.

        Args:
            on_event: is called with each `Event`.

        Raises:
            InputError: a file cannot be used, or the folder cannot be written.
        """
        from tvdrnet_nv.jobs.run_render import run_render

        return run_render(self, on_event)

    @property
    def wanted_layers(self) -> tuple[Layer, ...]:
        """The names in `layers`.

        Raises:
            InputError: another name, or none.
        """
        given = self.layers.split(",") if isinstance(self.layers, str) else list(self.layers)
        names = [str(name).strip() for name in given]
        for name in names:
            check_choice("layers", name, Layer)
        if not names or len(set(names)) < len(names):
            raise InputError(f"`layers` {','.join(names)}: wanted each of {', '.join(Layer)} at most once")
        return tuple(Layer(name) for name in names)

    @property
    def samples_a_pixel(self) -> int:
        """`samples`, or their default."""
        return self.samples or (1 if self.figure is None else FIGURE_SAMPLES)

    def _check_film(self) -> None:
        if self.path is None:
            return
        if self.camera is None:
            raise InputError(f"`path` {self.path}: names cameras of a file; add it with `camera`")
        names = [name.strip() for name in self.path.split(",")]
        if self.path != ALL and (len(names) < 2 or not all(names)):
            raise InputError(
                f"`path` {self.path}: wanted all, or two names or more between commas, such as start,found"
            )
        if self.mode != Mode.single or self.figure is not None:
            other = f"`mode` {self.mode}" if self.mode != Mode.single else "`figure`"
            raise InputError(f"`path` and {other} exclude each other; give one of them")

    def _check_figure(self) -> None:
        self.wanted_layers  # noqa: B018  # which checks them
        if self.figure is None:
            for name in ("layers", "caption"):
                if getattr(self, name) != getattr(type(self), name):
                    raise InputError(f"`{name}`: of a figure; name its file with `figure`")
            return
        suffix = Path(self.figure).suffix.lower()
        if suffix not in FIGURES:
            raise InputError(f"`figure` {self.figure}: wanted a name that ends in {', '.join(FIGURES)}")
        if self.mode != Mode.single:
            raise InputError(f"`figure` and `mode` {self.mode} exclude each other; give one of them")
        if self.out is not None:
            raise InputError(
                "`figure` and `out` exclude each other: the figure is all that is written; leave `out` out"
            )
