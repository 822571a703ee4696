"""The page: the scene, the panels, and what happens on it."""

from __future__ import annotations

import logging

import numpy as np
import viser
from torch import Tensor

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.viewer.camera_panel import CameraPanel
from tvdrnet_nv.viewer.cameras import to_browser
from tvdrnet_nv.viewer.desk import Desk
from tvdrnet_nv.viewer.display import display, has_colours
from tvdrnet_nv.viewer.find_panel import FindPanel
from tvdrnet_nv.viewer.glb import mesh_glb
from tvdrnet_nv.viewer.look_panel import LookPanel
from tvdrnet_nv.viewer.run import Run
from tvdrnet_nv.viewer.run_folder import RunFolder
from tvdrnet_nv.viewer.run_panel import RunPanel
from tvdrnet_nv.viewer.session import Session

_TINT = (255, 90, 13)
_OPACITY = 0.55
_NEAREST, _FARTHEST = 1e-3, 1e3  # radii, between which browsers draw


class Page:
    """The scene on a server of viser.

    All browsers share what is on it; each has a view of its own.

    Attributes:
        desk: the runs.
        shown: the scene as browsers get it.
    """

    def __init__(self, server: viser.ViserServer, session: Session, run: RunFolder | None = None) -> None:
        logging.getLogger("websockets").setLevel(logging.CRITICAL)  # a browser that goes away is no error
        self._server, self._session = server, session
        self.desk = Desk(session, self._changed)
        self.shown = display(session.mesh, session.job.triangles)
        self._part: viser.MeshHandle | None = None
        self._following: Run | None = None
        server.gui.configure_theme(show_logo=False, show_share_button=False, control_width="large")
        server.gui.add_markdown(f"**{session.file.name}**: {self.shown.text}")
        self._look = LookPanel(server, self.desk)
        self._find = FindPanel(server, self.desk)
        self._run = RunPanel(server, self.desk)
        self._cameras = CameraPanel(server, session)
        self._look.tint.on_update(lambda event: self._show_tint())
        self._add_scene()
        server.on_client_connect(self._welcome)
        if run is not None:
            self._cameras.show(run)
            self._run.show(run)
            self._tint(self._session.part_of_run(run))

    def _add_scene(self) -> None:
        scene, session = self._server.scene, self._session
        scene.set_up_direction(session.up)
        glb = mesh_glb(self.shown.mesh, unlit=has_colours(session.mesh) or session.renderer.light.is_none)
        scene.add_glb("/scene", glb, cast_shadow=False, receive_shadow=False)
        first, begin = to_browser(session.first_view, session.mesh), self._server.initial_camera
        ahead = float(np.linalg.norm(session.mesh.center.double().cpu().numpy() - first.position))
        radius = session.mesh.radius or 1.0
        begin.position = first.position
        begin.look_at = first.position + first.forward * max(ahead, 1e-3 * radius)
        begin.fov = first.fov_y
        begin.near, begin.far = _NEAREST * radius, _FARTHEST * radius

    def _welcome(self, client: viser.ClientHandle) -> None:
        """Limits that hold for one browser."""
        client.camera.max_orbit_distance = max(1e4, _FARTHEST * (self._session.mesh.radius or 1.0))

    def _tint(self, weights: Tensor | None) -> None:
        """Tint a part of the scene, in the browser and in our renders; None tints nothing."""
        if self._part is not None:
            self._part.remove()
            self._part = None
        self._look.weights = weights
        found = None if weights is None else self.shown.part(weights)
        if found is not None:
            self._part = self._server.scene.add_mesh_simple(
                "/part",
                *found,
                color=_TINT,
                opacity=_OPACITY,
                flat_shading=True,
                side="double",
                cast_shadow=False,
                receive_shadow=False,
                visible=self._look.tint.value,
            )

    def _show_tint(self) -> None:
        if self._part is not None:
            self._part.visible = self._look.tint.value

    def _changed(self, run: Run) -> None:
        """Called from a run's thread, and from that of whoever stops it."""
        if run is not self._following:
            self._following = run
            self._cameras.clear()
            self._tint(self._part_of(run))
        shown = self._run.refresh(run)
        if run.found is not None and not run.is_running:
            self._cameras.show(run.found)
            self._tint(self._part_of(run))
        elif shown and run.is_running:
            self._cameras.follow(run.path)

    def _part_of(self, run: Run) -> Tensor | None:
        """The part that a run looks for, as far as it is known yet."""
        if run.outcome is not None and run.outcome.meaning is not None:
            return run.outcome.meaning.weights.cpu()
        try:
            return self._session.part_of(run.focus)
        except InputError:  # the run says what is wrong
            return None
