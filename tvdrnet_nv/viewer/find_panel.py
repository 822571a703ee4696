"""What is looked for: what is clicked, what a sentence means, or a picture's camera."""

from __future__ import annotations

import viser

from tvdrnet_nv.choices import Effort
from tvdrnet_nv.viewer.desk import Desk
from tvdrnet_nv.viewer.widgets import camera_of, notice, refusals_told

NOTHING, OBJECT, POINT = "only looks around", "views the object", "views the point"
_MOST_VIEWS = 8


class FindPanel:
    """Starts runs.

    Attributes:
        click: what a click on the scene does.
    """

    def __init__(self, server: viser.ViserServer, desk: Desk) -> None:
        self._server, self._desk, self._session = server, desk, desk.session
        gui = server.gui
        objects = self._session.things is not None and bool(self._session.things.items)
        with gui.add_folder("Find a view"):
            kinds = (NOTHING, OBJECT, POINT) if objects else (NOTHING, POINT)
            self.click = gui.add_dropdown("A click", kinds, hint="What a click on the scene does")
            radius = self._session.radius
            self._radius = gui.add_number(
                "Radius",
                radius,
                min=radius / 1e3,
                step=radius / 100,
                hint="Around a point that is clicked, scene units",
            )
            self._sentence = gui.add_text("Sentence", "", hint="Such as: the chair next to the window")
            self._views = gui.add_slider("Views", 1, _MOST_VIEWS, 1, 1)
            ask = gui.add_button("Find what it means", icon=viser.Icon.SEARCH, disabled=not objects)
            if not objects:
                gui.add_markdown("*Clicks on objects and sentences need a scene with objects or labels.*")
        with gui.add_folder("Find a picture's camera", expand_by_default=False):
            self._near = gui.add_checkbox("It is about here", False, hint="Start from this browser's view")
            self._effort = gui.add_dropdown("Effort", tuple(map(str, Effort)), initial_value=str(Effort.normal))
            upload = gui.add_upload_button("Choose a picture", icon=viser.Icon.PHOTO, mime_type="image/*")
        self.click.on_update(lambda event: self._listen())
        ask.on_click(lambda event: self._ask(event.client))
        upload.on_upload(lambda event: self._upload(event.client, event.target.value))

    def _listen(self) -> None:
        """Let clicks on the scene come in only where they do something."""
        self._server.scene.remove_click_callback(self._clicked)
        if self.click.value != NOTHING:
            self._server.scene.on_click()(self._clicked)

    def _clicked(self, event: viser.SceneClickEvent) -> None:
        with refusals_told(event.client):
            hit = self._session.pick(event.ray_origin, event.ray_direction)
            if hit is None:
                notice(event.client, "Nothing there", "the click has missed the scene")
            elif self.click.value == OBJECT:
                self._desk.view_thing(hit)
            elif self.click.value == POINT:
                self._desk.view_point(hit, float(self._radius.value))

    def _ask(self, client: viser.ClientHandle | None) -> None:
        with refusals_told(client):
            self._desk.ask(self._sentence.value, int(self._views.value))

    def _upload(self, client: viser.ClientHandle | None, file: viser.UploadedFile) -> None:
        with refusals_told(client):
            near = None
            if self._near.value and client is not None:
                near = camera_of(client, self._session.mesh, self._session.longer)
            self._desk.find_camera(file.name, file.content, near=near, effort=self._effort.value)
