"""Look from here: our render beside the browser's, for each browser its own."""

from __future__ import annotations

import json

import viser
from torch import Tensor

from tvdrnet_nv.io.cameras import NamedCamera
from tvdrnet_nv.viewer.desk import Desk
from tvdrnet_nv.viewer.widgets import camera_of, notice, refusals_told

_CAPTION = "Our render of this view"


class LookPanel:
    """Buttons that take the view of the browser in which they are pressed.

    Attributes:
        tint: whether the part is tinted.
        weights: [V] in 0..1, the part of the scene that is wanted; None where there is none.
    """

    def __init__(self, server: viser.ViserServer, desk: Desk) -> None:
        self._desk, self._session = desk, desk.session
        self._pictures: dict[int, viser.GuiImageHandle] = {}
        self.weights: Tensor | None = None
        self._folder = server.gui.add_folder("This view")
        with self._folder:
            self.tint = server.gui.add_checkbox("Tint the part", True, hint="A tinted render has no pictures on faces")
            look = server.gui.add_button("Look from here", icon=viser.Icon.CAMERA, hint="Our render of this very view")
            save = server.gui.add_button("Save this camera", icon=viser.Icon.DOWNLOAD)
        look.on_click(lambda event: self.look(event.client))
        save.on_click(lambda event: self._save(event.client))
        server.on_client_disconnect(lambda client: self._forget(client))

    def look(self, client: viser.ClientHandle | None) -> None:
        """Render what a browser shows, beside it."""
        if client is None:
            return
        with refusals_told(client):
            weights = self.weights if self.tint.value else None
            picture = self._session.render(self._here(client), weights=weights)
            shown = self._pictures.get(client.client_id)
            if shown is not None:
                shown.image = picture
                return
            with self._folder:
                self._pictures[client.client_id] = client.gui.add_image(picture, label=_CAPTION)

    def _save(self, client: viser.ClientHandle | None) -> None:
        if client is None:
            return
        with refusals_told(client):
            file = self._desk.save_camera(self._here(client))
            notice(client, "Camera saved", f"{file}; tvdr-nv render SCENE --camera {file} draws it", "green")
            text = json.dumps(json.loads(file.read_text(encoding="utf-8")), indent=1)
            client.send_file_download(file.name, text.encode())

    def _here(self, client: viser.ClientHandle) -> NamedCamera:
        return camera_of(client, self._session.mesh, self._session.longer)

    def _forget(self, client: viser.ClientHandle) -> None:
        self._pictures.pop(client.client_id, None)
