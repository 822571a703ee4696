"""Commands on scenes of data sets."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.folders import ALIGNMENT, BOX, add_frames, frame, scannet, segments
from tvdrnet_nv.cli import run
from tvdrnet_nv.io.cameras.record import inverse, rigid

FAST = ["--iters", "2", "--image-size", "32", "--quiet"]


def test_info_tells_objects_segments_labels_and_alignment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = scannet(tmp_path / "scene0042_01", align=True)
    assert run(["info", str(folder), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["dataset"]
    assert [item["name"] for item in facts["objects"]] == ["office chair", "office chair", "floor"]
    assert facts["segments"] == 4
    assert facts["label_scheme"].startswith("ScanNet's raw ids")
    assert facts["alignment"][0][3] == 5
    assert run(["info", f"scannet:{folder}"]) == 0
    said = capsys.readouterr().out
    assert "office chair  0, 4" in said
    assert "3, of 2 names" in said
    (folder / "scene0042_01.aggregation.json").unlink()
    assert run(["info", str(folder)]) == 0
    assert "test scenes have none" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("focus", ["object=office chair", "object=4", "label=office chair", "label=floor"])
def test_a_focus_on_objects_and_labels_of_a_folder(tmp_path: Path, focus: str) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    out = tmp_path / "o"
    assert run(["optimize", f"scannet:{folder}", "--focus", focus, *FAST, "--out", str(out)]) in (0, 3)
    params = json.loads((out / "optimized_params.json").read_text())
    assert params["focus"] == focus
    assert params["scene"] == str(folder / "scene0042_01_vh_clean_2.ply")


@pytest.mark.parametrize(
    ("scene", "options", "message"),
    [
        ("{0}", ["--focus", "object=sofa"], "there are floor, office chair ×2"),
        ("{0}", ["--focus", "object="], "wanted object=NAME or object=NUMBER"),
        ("{0}", ["--focus", "object=4", "--labels", "x.ply"], "works only with --focus label"),
        ("{1}/box.ply", ["--focus", "object=4"], "is no scene of a data set"),
        ("scannet:{1}/scene0001_00", [], "no files of that name"),
    ],
)
def test_wrong_input_is_one_line(
    tmp_path: Path, box: Path, capsys: pytest.CaptureFixture[str], scene: str, options: list[str], message: str
) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    (tmp_path / "box.ply").write_bytes(box.read_bytes())
    assert run(["optimize", scene.format(folder, tmp_path), *options, *FAST, "--out", str(tmp_path / "o")]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "o").exists()


def test_a_frame_gives_the_picture_the_pose_and_the_lens(tmp_path: Path) -> None:
    folder = scannet(tmp_path / "scene0042_01", align=True)
    add_frames(folder)
    found = {}
    for option in ("plain", "--align"):
        command = ["optimize", str(folder), "--target", "frame:7", *([] if option == "plain" else [option])]
        assert run([*command, "--quiet", "--out", str(tmp_path / option)]) == 0
        params = found[option] = json.loads((tmp_path / option / "optimized_params.json").read_text())
        wanted = frame().camera_to_world if option == "plain" else ALIGNMENT @ frame().camera_to_world
        opencv = params["matrices"]["opencv"]
        found_pose = inverse(rigid(np.array(opencv["R"]), np.array(opencv["t"])))
        np.testing.assert_allclose(found_pose, wanted, atol=0.03)
        np.testing.assert_allclose(opencv["K"], frame().calibration(0.5), atol=1e-3)
    assert found["plain"]["alignment"] is None
    np.testing.assert_array_equal(found["--align"]["alignment"], ALIGNMENT)
    # The recorded command draws the aligned scene again, from the camera in aligned coordinates.
    words = shlex.split(found["--align"]["render_command"])
    assert "--align" in words
    assert run([*words[1:], "--out", str(tmp_path / "again"), "--quiet"]) == 0
    pictures = tmp_path / "again" / "single_view.png", tmp_path / "--align" / "optimized_view.png"
    with Image.open(pictures[0]) as one, Image.open(pictures[1]) as two:
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))


def test_a_focus_on_an_object_of_an_aligned_scene(tmp_path: Path) -> None:
    folder = scannet(tmp_path / "scene0042_01", align=True)
    out = tmp_path / "o"
    command = ["optimize", str(folder), "--align", "--focus", "object=4", *FAST, "--out", str(out)]
    assert run(command) in (0, 3)
    params = json.loads((out / "optimized_params.json").read_text())
    middle = BOX.vertices[segments(BOX) == 31].mean(0).numpy()
    near = ALIGNMENT[:3, :3] @ middle + ALIGNMENT[:3, 3]
    assert np.linalg.norm(np.array(params["at"]) - near) < 1


@pytest.mark.parametrize(
    ("scene", "options", "message"),
    [
        ("{0}", ["--target", "frame:0"], "has no camera 0; it has 7; 1 of 2 poses is infinite (not tracked)"),
        ("{0}", ["--target", "frame:7", "--elevation", "5"], "leave one out"),
        ("{0}", ["--align"], "scannet scene without an alignment"),
        ("{1}/box.ply", ["--align"], "is no scene of a data set; leave --align out"),
        ("{1}/box.ply", ["--target", "frame:7"], "is no scene of a data set, so it has no frames"),
        ("{1}/scene0001_00", ["--target", "frame:7"], "export the frames of scene0001_00 first"),
    ],
)
def test_wrong_frames_and_alignments_are_one_line(
    tmp_path: Path, box: Path, capsys: pytest.CaptureFixture[str], scene: str, options: list[str], message: str
) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    add_frames(folder)
    scannet(tmp_path / "scene0001_00", "scene0001_00")
    (tmp_path / "box.ply").write_bytes(box.read_bytes())
    command = ["optimize", scene.format(folder, tmp_path), *options, "--quiet", "--out", str(tmp_path / "o")]
    assert run(command) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "o").exists()
