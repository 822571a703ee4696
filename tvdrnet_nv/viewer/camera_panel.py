"""A run's cameras in the scene, and the way to the best one with a slider."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import numpy as np
import viser

from tvdrnet_nv.io.cameras import NamedCamera
from tvdrnet_nv.viewer.cameras import to_browser
from tvdrnet_nv.viewer.run_folder import RunCamera, RunFolder
from tvdrnet_nv.viewer.session import Session
from tvdrnet_nv.viewer.widgets import BLANK, go_to, notice

FOUND, START, WAY = (26, 115, 232), (120, 124, 130), (230, 90, 13)
_SIZE = 0.1  # of the scene's radius: a frustum
_LINE = 0.02  # of a frustum: its lines
_NONE = "none"
_PICTURE = 320  # pixels along the longer side of a step's render


class CameraPanel:
    """Frustums, the line through the cameras of the way, and what leads there."""

    def __init__(self, server: viser.ViserServer, session: Session) -> None:
        self._server, self._session = server, session
        self._scale = _SIZE * (session.mesh.radius or 1.0)
        self._cameras: dict[str, NamedCamera] = {}
        self._path: Sequence[NamedCamera] = ()
        self._losses: Sequence[float | None] = ()
        self._frustums: list[viser.CameraFrustumHandle] = []
        self._line: viser.LineSegmentsHandle | None = None
        self._step_frustum: viser.CameraFrustumHandle | None = None
        self._lock = threading.RLock()
        gui = server.gui
        with gui.add_folder("Cameras"):
            self._choice: viser.GuiDropdownHandle[str] = gui.add_dropdown("Camera", tuple[str, ...]([_NONE]))
            go = gui.add_button("Go there", icon=viser.Icon.ARROW_RIGHT)
            self._step = gui.add_slider("Way", 0, 1, 1, 0, disabled=True, hint="The cameras on the way to the best one")
            self._step_text = gui.add_markdown("", visible=False)
            self._step_picture = gui.add_image(BLANK, visible=False)
        go.on_click(lambda event: self._go(event.client))
        self._step.on_update(lambda event: self._show_step() if event.client is not None else None)

    def clear(self) -> None:
        """Take all cameras away."""
        with self._lock:
            for handle in (*self._frustums, self._line, self._step_frustum):
                if handle is not None:
                    handle.remove()
            self._frustums, self._line, self._step_frustum = [], None, None
            self._cameras, self._path, self._losses = {}, (), ()
            self._choice.options = (_NONE,)
            self._step.disabled = True
            self._step_text.visible = self._step_picture.visible = False

    def show(self, run: RunFolder) -> None:
        """Show the cameras of a run, and its way."""
        with self._lock, self._server.atomic():
            self.clear()
            for camera in run.cameras:
                self._add(camera)
            self._choice.options = tuple(self._cameras) or (_NONE,)
            self._path, self._losses = run.path, run.losses
            self._draw_line()
            if len(run.path) > 1:
                self._step.max = len(run.path) - 1
                self._step.value = len(run.path) - 1
                self._step.disabled = False

    def follow(self, path: Sequence[NamedCamera]) -> None:
        """Show the way of a run that goes on: the line, and a frustum at its end."""
        with self._lock, self._server.atomic():
            if self._cameras:
                self.clear()
            self._path, self._losses = tuple(path), ()
            self._draw_line()
            if path:
                self._put_step(path[-1], None)

    def _add(self, one: RunCamera) -> None:
        color = START if one.title == "start" else FOUND
        frustum = self._frustum(f"/cameras/{one.title}", one.camera, color, one.picture)
        frustum.on_click(lambda event: go_to(event.client, one.camera, self._session.mesh))
        self._frustums.append(frustum)
        self._cameras[one.title] = one.camera

    def _frustum(
        self, name: str, camera: NamedCamera, color: tuple[int, int, int], picture: np.ndarray | None
    ) -> viser.CameraFrustumHandle:
        shown = to_browser(camera, self._session.mesh)
        return self._server.scene.add_camera_frustum(
            name,
            fov=shown.fov_y,
            aspect=shown.aspect,
            scale=self._scale,
            thickness=_LINE * self._scale,
            color=color,
            image=picture,
            wxyz=shown.wxyz,
            position=shown.position,
            cast_shadow=False,
            receive_shadow=False,
        )

    def _draw_line(self) -> None:
        if self._line is not None:
            self._line.remove()
            self._line = None
        if len(self._path) < 2:
            return
        places = np.array([to_browser(camera, self._session.mesh).position for camera in self._path])
        segments = np.stack([places[:-1], places[1:]], 1).astype(np.float32)
        self._line = self._server.scene.add_line_segments("/cameras/way", segments, WAY, thickness=_LINE * self._scale)

    def _put_step(self, camera: NamedCamera, picture: np.ndarray | None) -> None:
        self._step_frustum = self._frustum("/cameras/step", camera, WAY, picture)

    def _show_step(self) -> None:
        """The camera at the slider's place: its frustum, its loss and our render of it."""
        with self._lock:  # whoever waits here shows the place at which the slider is by then
            index = int(self._step.value)
            if not 0 <= index < len(self._path):
                return
            camera = self._path[index]
            picture = self._session.render(camera, _PICTURE)
            self._put_step(camera, picture)
            loss = self._losses[index] if index < len(self._losses) else None
            known = "" if loss is None or not math.isfinite(loss) else f", loss {loss:.4g}"
            self._step_text.content = f"{camera.name}{known}"
            self._step_picture.image = picture
            self._step_text.visible = self._step_picture.visible = True

    def _go(self, client: viser.ClientHandle | None) -> None:
        camera = self._cameras.get(self._choice.value)
        if client is None:
            return
        if camera is None:
            notice(client, "No camera yet", "start a run, or open one with --run")
        else:
            go_to(client, camera, self._session.mesh)
