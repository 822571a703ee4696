"""The page in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.viewer.browsers import WINDOW, chromium, pixel_of, seen
from tvdrnet_nv.jobs.events import Reporter
from tvdrnet_nv.jobs.kept_meshes import kept_meshes
from tvdrnet_nv.viewer import ViewJob
from tvdrnet_nv.viewer.run import State
from tvdrnet_nv.viewer.session import Session

pytest.importorskip("viser", reason="viser is not installed; pip install 'tvdrnet_nv[view]'")

SECONDS = 120.0  # that anything may take; a machine's only OpenGL may be its busy processor


def until(holds: Callable[[], Any], what: str) -> None:
    """Wait for something."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, f"waited {SECONDS:.0f} s for {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def served(browser: Any, room: Path, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """A page, and its server."""
    from tvdrnet_nv.viewer.page import Page
    from tvdrnet_nv.viewer.serve import opened

    with kept_meshes(), opened("127.0.0.1", 0) as server:
        session = Session(ViewJob(scene=room, image_size=64, elevation=50, out=tmp_path / "out"), Reporter(None))
        page = Page(server, session)
        yield page, server
        assert page.desk.close(SECONDS)


def open_tab(browser: Any, server: Any) -> Any:
    """A tab that shows the scene."""
    before = set(server.get_clients())
    tab = browser.new_page(viewport=dict(zip(("width", "height"), WINDOW, strict=True)))
    tab.set_default_timeout(1000 * SECONDS)
    tab.goto(f"http://127.0.0.1:{server.get_port()}")
    until(lambda: set(server.get_clients()) - before, "the tab to come in")
    until(lambda: len(np.unique(seen(tab).reshape(-1, 3), axis=0)) > 200, "the scene")
    return tab


def bluer(picture: np.ndarray, before: np.ndarray) -> int:
    """How many pixels have become bluer left of the panels, as the found camera's lines are blue.

    Lines are thin, and so antialiased that few pixels have their very colour.
    """
    blue = [seen[:, : WINDOW[0] // 2, 2].astype(int) - seen[:, : WINDOW[0] // 2, 0] for seen in (picture, before)]
    return int((blue[0] - blue[1] > 80).sum())


def test_a_click_on_an_object_ends_with_its_camera_in_every_tab(browser: Any, served: tuple[Any, Any]) -> None:
    page, server = served
    session = page.desk.session
    tab, other = open_tab(browser, server), open_tab(browser, server)
    client = server.get_clients()[min(server.get_clients())]
    scene = seen(other)
    assert scene.std() > 10

    tab.get_by_role("button", name="Look from here").click()
    tab.get_by_text("Our render of this view").wait_for()
    assert other.get_by_text("Our render of this view").count() == 0

    tab.get_by_label("A click").click()
    tab.get_by_role("option", name="views the object").click()
    until(lambda: tab.evaluate("window.__viserPointer.hasSceneClickFilter()"), "clicks to count")
    sofa = next(item for item in session.things.items if item.name == "sofa")
    tab.mouse.click(*pixel_of(client, session.mesh.vertices[sofa.vertices].mean(0).double().numpy()))
    until(lambda: page.desk.run is not None, "the click")
    run = page.desk.run
    assert run.title == sofa.title
    tab.close()  # the run goes on
    assert run.wait(SECONDS)
    assert run.state == State.DONE, run.error

    other.get_by_text("shows label=sofa_0").wait_for()
    assert other.get_by_label("Camera", exact=True).input_value() == "found"
    until(lambda: bluer(seen(other), scene) > 60, "the frustum's lines")
    pictures = other.locator("img").count()
    assert pictures >= 1  # what the camera sees
