"""Cameras with lens distortion, and without intrinsics, through the whole command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import params_of, pixels
from tvdrnet_nv import Orbit
from tvdrnet_nv.cli import run
from tvdrnet_nv.io.cameras import Distortion, NamedCamera, from_camera, write_cameras
from tvdrnet_nv.io.cameras.record import inverse, rigid
from tvdrnet_nv.report import write_png

CENTRE = (5.0, -3.0, 2.0)  # of the box
MODELS = [Distortion("opencv", (-0.25, 0.06, 2e-3, -1e-3, 0, 0, 0, 0)), Distortion("fisheye", (0.05, -0.01, 0, 0))]


def taken(box: Path, here: Path) -> NamedCamera:
    """A pinhole camera that sees the box, and its picture `pinhole/a.png`."""
    camera = from_camera(Orbit.create(3.2, 30.0, 40.0, 50.0, CENTRE), (96, 128), "a.png")
    write_cameras(here / "c.json", [camera], "tvdr-nv")
    assert run(["render", str(box), "--camera", "c.json", "--light", "none", "--out", "pinhole", "--quiet"]) == 0
    return camera


def off(here: Path, camera: NamedCamera) -> tuple[float, float]:
    """How far the camera that was found is from `camera`: degrees, and scene units."""
    found = params_of(here)["matrices"]["opencv"]
    pose = inverse(rigid(np.array(found["R"]), np.array(found["t"])))
    cosine = (np.trace(pose[:3, :3].T @ camera.camera_to_world[:3, :3]) - 1) / 2
    return float(np.degrees(np.arccos(min(cosine, 1)))), float(np.abs(pose - camera.camera_to_world)[:3, 3].max())


@pytest.mark.parametrize("distortion", MODELS, ids=["opencv", "fisheye"])
def test_a_distorted_target_is_undistorted(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], distortion: Distortion
) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed; nothing is undistorted")
    camera = taken(box, here)
    # The distorted picture shows at each pixel what the pinhole's shows where that pixel's ray meets it.
    rows, columns = np.mgrid[:96, :128].astype(np.float64)
    K, D = camera.calibration(0.0), np.array(distortion.parameters)
    undo = cv2.fisheye.undistortPoints if distortion.model == "fisheye" else cv2.undistortPoints
    straight = undo(np.stack([columns, rows], -1).reshape(-1, 1, 2), K, D, P=K).reshape(96, 128, 2).astype(np.float32)
    assert np.abs(straight - np.stack([columns, rows], -1)).max() > 3
    pinhole = pixels(here / "pinhole" / "single_view.png")
    bent = cv2.remap(pinhole, straight, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3)
    write_png(here / "bent.png", bent)
    write_cameras(here / "model", [replace(camera, distortion=distortion)], "colmap")
    run(["optimize", str(box), "--camera", "model", "--target", "bent.png", "--light", "none", "--out", "o"])
    said = " ".join(capsys.readouterr().err.split())
    assert f"the target is undistorted by the camera file's {distortion.model} model" in said
    turned, moved = off(here / "o", camera)
    assert turned < 0.3
    assert moved < 0.03


def test_a_trajectory_with_intrinsics_given(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    camera = taken(box, here)
    picture = str(here / "pinhole" / "single_view.png")
    lens = ",".join(map(str, camera.lens))
    for name in ("kitti", "tum"):
        write_cameras(here / f"{name}.txt", [camera, camera], name)
        once = ["render", str(box), "--camera", f"{name}.txt:0", "--light", "none", "--out", name]
        assert run([*once, "--intrinsics", lens]) == 0
        file = here / name / "single_view.png"
        np.testing.assert_array_equal(pixels(file if file.exists() else here / name / "0.png"), pixels(Path(picture)))
        assert run(once) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert "has no intrinsics; give them with --intrinsics FX,FY,CX,CY,WIDTH,HEIGHT" in said
    command = ["optimize", str(box), "--camera", "kitti.txt:1", "--target", picture, "--light", "none", "--out", "o"]
    assert run([*command, "--intrinsics", lens, "--quiet"]) == 0
    assert off(here / "o", camera)[1] < 0.02


@pytest.mark.parametrize("lens", ["a", "1,2,3", "1,2,3,4,0,6"])
def test_intrinsics_of_the_camera_command_that_cannot_be_used(
    here: Path, capsys: pytest.CaptureFixture[str], lens: str
) -> None:
    (here / "t.txt").write_text("0 0 0 0 0 0 0 1\n")
    assert run(["camera", "list", "t.txt", "--intrinsics", lens]) == 2
    assert f"--intrinsics {lens}: wanted FX,FY,CX,CY,WIDTH,HEIGHT in pixels, such as" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--camera", "c.json", "--intrinsics", "100,100,64,48,128,96"], "c.json: has intrinsics of its own; leave"),
        (["--intrinsics", "100,100,64,48,128,96"], "--intrinsics: works only with --camera"),
        (["--camera", "c.json", "--intrinsics", "100,100,64,48"], "wanted FX,FY,CX,CY,WIDTH,HEIGHT in pixels"),
        (["--camera", "c.json", "--intrinsics", "0,100,64,48,128,96"], "wanted FX,FY,CX,CY,WIDTH,HEIGHT in pixels"),
    ],
)
def test_intrinsics_that_cannot_be_used(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    write_cameras(here / "c.json", [from_camera(Orbit.create(4.0, 30.0, 40.0), (48, 64), "a")], "open3d")
    assert run(["render", str(box), *options, "--out", "a"]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (here / "a").exists()


@pytest.mark.parametrize("count", [1, 2])
def test_intrinsics_beside_those_of_a_file_are_refused(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    camera = from_camera(Orbit.create(4.0, 30.0, 40.0), (48, 64), "a")
    cameras = [camera, replace(camera, name="b")][:count]
    write_cameras(here / "t.json", cameras, "nerfstudio")
    lens = ["--intrinsics", "100,100,64,48,128,96"]
    for command in (
        ["camera", "list", "t.json", *lens],
        ["camera", "list", "t.json", "--fov", "30", "--image-size", "64x48"],
        ["camera", "convert", "t.json", "out.json", "--to", "open3d", *lens],
        ["render", str(box), "--camera", "t.json", *lens, "--out", "a"],
        ["optimize", str(box), "--camera", "t.json", *lens, "--out", "a"],
    ):
        assert run(command) == 2
        assert "t.json: has intrinsics of its own; leave --intrinsics" in " ".join(capsys.readouterr().err.split())
    assert sorted(path.name for path in here.iterdir()) == ["t.json"]
