"""Which pictures of a scene are to be rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tvdrnet_nv.choices import Mode, TurntableFormat
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.checks import COUNT, check_choice, check_numbers
from tvdrnet_nv.jobs.scene_job import SceneJob

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.events import OnEvent
    from tvdrnet_nv.jobs.outcome import Rendered


@dataclass(frozen=True, kw_only=True)
class RenderJob(SceneJob):
    """Render a scene from one camera, from all around, or from many angles on one page.

    `RenderJob(scene="room.ply", mode="all").run()` writes single_view.png, turntable.gif and multi_view_grid.png.

    Attributes:
        mode: "single" view, "turntable" (a turn around the scene), "grid" (4 elevations × 8 azimuths), or "all".
        format: of the turntable: "gif" (the default), "mp4", or "png" for numbered pictures. The rest is PNG.
        num_views: how many views the turntable has.

    Raises:
        InputError: a field cannot be used, or does not go with another one.
    """

    name: ClassVar[str] = "render"

    mode: str = Mode.single
    format: str | None = None
    num_views: int = 36

    def __post_init__(self) -> None:
        super().__post_init__()
        check_numbers(vars(self), {"num_views": COUNT})
        check_choice("mode", self.mode, Mode)
        check_choice("format", self.format, TurntableFormat)
        if self.format not in (None, TurntableFormat.png) and self.mode in (Mode.single, Mode.grid):
            raise InputError(
                f"`format` {self.format}: `mode` {self.mode} writes PNG; turntables can be gif, mp4 or png"
            )

        if self.background == TRANSPARENT and not (
            self.mode == Mode.single or (self.mode == Mode.turntable and self.format == TurntableFormat.png)
        ):
            raise InputError(
                "`background` transparent: needs pictures in PNG without captions; use `mode` single, or `mode` "
                "turntable with `format` png"
            )

    def run(self, on_event: OnEvent | None = None) -> Rendered:
        """Do it and write the files.

        Args:
            on_event: is called with each `Event`.

        Raises:
            InputError: a file cannot be used, or the folder cannot be written.
        """
        from tvdrnet_nv.jobs.run_render import run_render

        return run_render(self, on_event)
