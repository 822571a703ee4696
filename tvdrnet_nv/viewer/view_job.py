"""What is to be shown in the browser, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import SceneJob
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.checks import COUNT, Limit, check_numbers, check_paths

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.events import OnEvent

HOST = "127.0.0.1"
PORT = 8080
TRIANGLES = 1_000_000

_PORT = Limit("0 to 65535", lambda value: 0 <= value <= 65535, whole=True)
_OF_ONE_CAMERA = ("distance", "elevation", "azimuth", "fov", "at", "camera", "intrinsics")


@dataclass(frozen=True, kw_only=True)
class ViewJob(SceneJob):
    """Show a scene in the browser. What `SceneJob` says of the camera is where the browser looks from first.

    Attributes:
        run_folder: the folder of a run of `OptimizeJob`, whose cameras are shown.
        labels: the file of labels, for objects and sentences; by default the data set's or `SCENE.labels.ply`.
        text_model: the encoder of a sentence's words; see `OptimizeJob`.
        host: which address the page is served on; only this machine reaches 127.0.0.1.
        port: which port; 0 is any that is free.
        triangles: of the scene, the browser gets at most so many. All else uses all of them.
        out: the folder for the runs that are started, one folder each, and for cameras that are saved. Nothing is
            written before.

    Raises:
        InputError: a field cannot be used.
    """

    name: ClassVar[str] = "view"

    run_folder: str | Path | None = None
    labels: str | Path | None = None
    text_model: str | None = None
    host: str = HOST
    port: int = PORT
    triangles: int = TRIANGLES

    def __post_init__(self) -> None:
        super().__post_init__()
        check_paths(vars(self), ("run_folder", "labels"))
        check_numbers(vars(self), {"port": _PORT, "triangles": COUNT})
        if self.background == TRANSPARENT:
            raise InputError("`background` transparent: only to render; name a colour")

    def serve(
        self,
        ended: Callable[[], bool],
        on_event: OnEvent | None = None,
        on_ready: Callable[[str], None] | None = None,
    ) -> None:
        """Serve the page until `ended` says so. A run that is under way then stops, and its best is written.

        Args:
            ended: is asked several times a second.
            on_event: is called with each `Event`.
            on_ready: is called with the page's address once it is served.

        Raises:
            InputError: viser is not installed, a file cannot be used, or the address is taken.
        """
        from tvdrnet_nv.viewer.serve import serve

        serve(self, ended, on_event, on_ready)

    def of_runs(self) -> dict[str, Any]:
        """The fields that the runs have from it: all that `SceneJob` has, but for the camera and the folder."""
        left_out = (*_OF_ONE_CAMERA, "out")
        return {field.name: getattr(self, field.name) for field in fields(SceneJob) if field.name not in left_out}
