"""The folder of a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import OptimizeJob
from tvdrnet_nv.viewer.run_folder import read_run
from tvdrnet_nv.viewer.session import Session


def test_a_run_has_its_cameras_its_pictures_and_its_way(one_run: Path) -> None:
    run = read_run(one_run)
    assert [camera.title for camera in run.cameras] == ["found", "start"]
    best, start = run.cameras
    np.testing.assert_array_equal(best.picture, np.asarray(Image.open(one_run / "optimized_view.png")))
    assert len(run.path) == len(run.losses) == run.facts["iterations"]
    at_best = run.path[run.facts["best_iteration"] - 1].camera_to_world
    np.testing.assert_allclose(best.camera.camera_to_world, at_best, atol=1e-5)
    np.testing.assert_allclose(start.camera.camera_to_world, run.path[0].camera_to_world, atol=1e-5)
    assert run.losses[run.facts["best_iteration"] - 1] == pytest.approx(run.facts["loss"])
    assert "shows label=sofa" in run.text


def test_the_found_camera_sees_the_runs_picture(one_run: Path, session: Session) -> None:
    run = read_run(one_run)
    picture = session.render(run.cameras[0].camera).astype(int)
    assert run.cameras[0].picture is not None
    assert np.abs(picture - run.cameras[0].picture).mean() < 1


def test_several_views_have_their_pictures(room: Path, tmp_path: Path) -> None:
    OptimizeJob(scene=room, views=2, iterations=2, image_size=32, out=tmp_path / "two").run()
    run = read_run(tmp_path / "two")
    assert [camera.title for camera in run.cameras] == ["view 1", "view 2"]
    assert all(camera.picture is not None and camera.picture.shape == (32, 32, 3) for camera in run.cameras)
    assert run.text.startswith("2 views that show ")


def test_an_older_run_has_no_way(one_run: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(one_run, old)
    (old / "optimization_path.json").unlink()
    (old / "optimized_view.png").write_text("no picture")
    run = read_run(old)
    assert run.path == ()
    assert run.cameras[0].picture is None
    np.testing.assert_allclose(
        run.cameras[1].camera.camera_to_world, read_run(one_run).cameras[1].camera.camera_to_world
    )


def test_a_folder_that_holds_no_run_is_refused_in_one_line(one_run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for name, folder in (("none", tmp_path / "none"), ("file", tmp_path / "file"), ("empty", tmp_path / "empty")):
        with pytest.raises(InputError, match=rf"`run_folder` .*{name}: .*tvdr-nv optimize has written$"):
            read_run(folder)
    damaged = tmp_path / "damaged"
    shutil.copytree(one_run, damaged)
    (damaged / "optimized_params.json").write_text("{")
    with pytest.raises(InputError, match="JSON"):
        read_run(damaged)
    facts = json.loads((one_run / "optimized_params.json").read_text())
    (damaged / "optimized_params.json").write_text(json.dumps({k: v for k, v in facts.items() if k != "distance"}))
    with pytest.raises(InputError, match=r"optimized_params\.json"):
        read_run(damaged)
