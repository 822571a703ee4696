"""A run's cameras on the page, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tvdrnet_nv.viewer.cameras import to_browser
from tvdrnet_nv.viewer.run_folder import read_run
from tvdrnet_nv.viewer.session import Session

pytest.importorskip("viser", reason="viser is not installed; pip install 'tvdrnet_nv[view]'")


@pytest.fixture
def server() -> Iterator[Any]:
    from tvdrnet_nv.viewer.serve import opened

    with opened("127.0.0.1", 0) as found:
        yield found


def test_a_run_that_is_opened_has_its_cameras_its_way_and_its_part(
    server: Any, session: Session, one_run: Path
) -> None:
    from tvdrnet_nv.viewer.page import Page

    run = read_run(one_run)
    page = Page(server, session, run)
    scene = server.scene
    for one in run.cameras:
        frustum, wanted = scene.get_handle_by_name(f"/cameras/{one.title}"), to_browser(one.camera, session.mesh)
        np.testing.assert_allclose(frustum.position, wanted.position)
        np.testing.assert_allclose(frustum.wxyz, wanted.wxyz)
        assert frustum.fov == pytest.approx(wanted.fov_y)
        assert (frustum.image is None) == (one.picture is None)
    assert scene.get_handle_by_name("/cameras/way").points.shape == (len(run.path) - 1, 2, 3)
    assert scene.get_handle_by_name("/part") is not None
    assert "label=sofa" in page._run._status.content

    panel = page._cameras
    assert panel._choice.options == ("found", "start")
    assert (panel._step.min, panel._step.max, panel._step.disabled) == (0, len(run.path) - 1, False)
    panel._step.value = 2
    panel._show_step()
    step = scene.get_handle_by_name("/cameras/step")
    np.testing.assert_allclose(step.position, to_browser(run.path[2], session.mesh).position)
    np.testing.assert_array_equal(panel._step_picture.image, session.render(run.path[2]))
    assert f"iteration 3, loss {run.losses[2]:.4g}" in panel._step_text.content

    panel.follow(run.path[:3])
    assert scene.get_handle_by_name("/cameras/found") is None
    assert scene.get_handle_by_name("/cameras/way").points.shape == (2, 2, 3)
    panel.clear()
    assert scene.get_handle_by_name("/cameras/way") is None
    assert panel._choice.options == ("none",)
