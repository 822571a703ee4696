"""`tvdr-nv segment`."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.runs import pixels, refused
from tests.datasets.folders import scannet
from tvdrnet_nv.cli import run
from tvdrnet_nv.io import load_labels, load_mesh
from tvdrnet_nv.io.ply import read_ply

FAST = ["--views", "3", "--image-size", "80x60"]


def test_all_files_of_what_the_oracle_sees(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["segment", str(room), "--text", "the sofa", "--segmenter", "oracle", *FAST, "--out", str(tmp_path)]
    assert run(command) == 0
    said = capsys.readouterr()
    assert "IoU with sofa_0" in said.out
    assert "view 3: " in said.err
    names = {file.name for file in tmp_path.iterdir()}
    views = {f"view_{k}{end}" for k in (1, 2, 3) for end in (".png", "_mask.png")}
    assert names == {"segmentation.json", "instances.json", "mask.npy", "mask.ply", "segmentation.png", *views}

    mask, mesh = np.load(tmp_path / "mask.npy"), load_mesh(room)
    labels = load_labels(room.with_name("room.labels.ply"))
    sofa = labels.of_vertex == next(number for number, name in labels.names.items() if name == "sofa_0")
    assert mask.dtype == bool
    assert (mask & sofa).sum() / (mask | sofa).sum() > 0.85
    vertex = read_ply(tmp_path / "mask.ply")["vertex"]
    assert np.array_equal(np.asarray(vertex["mask"], dtype=bool), mask)
    scores = np.asarray(vertex["score"])
    assert 0 <= scores.min() < 0.1
    assert 0.6 < scores[sofa].mean() <= scores.max() <= 1
    assert load_mesh(tmp_path / "mask.ply").num_faces == mesh.num_faces

    facts = json.loads((tmp_path / "segmentation.json").read_text())
    assert facts["vertices"] == mask.sum()
    assert facts["iou_with_meant_objects"] == pytest.approx((mask & sofa).sum() / (mask | sofa).sum())
    assert facts["segmenter"] == "oracle"
    assert facts["text"]["shown"] == "sofa_0"
    assert [view["picture"] for view in facts["views"]] == ["view_1.png", "view_2.png", "view_3.png"]
    largest = json.loads((tmp_path / "instances.json").read_text())["instances"][0]
    assert largest["object_name"] == "sofa_0"
    rows = np.concatenate([np.arange(first, first + count) for first, count in largest["runs"]])
    assert len(rows) == largest["vertices"]
    assert mask[rows].all()
    seen = pixels(tmp_path / "view_1_mask.png")
    assert seen.shape == (60, 80)
    assert set(np.unique(seen)) == {0, 255}
    assert (seen > 0).mean() == pytest.approx(facts["views"][0]["mask_share"])


def test_a_command_sees_the_views_it_is_given(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is red in the pictures; no labels are asked."""
    file = tmp_path / "red.py"
    file.write_text(
        "import sys\nimport numpy as np\nfrom PIL import Image\nimage, text, out = sys.argv[1:]\n"
        "assert text == 'something red'\nrgb = np.asarray(Image.open(image)).astype(float)\n"
        "Image.fromarray(rgb[..., 0] > 1.6 * rgb[..., 1:].max(-1) + 20).save(out)\n"
    )
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(file))} {{image}} {{text}} {{out}}"
    command = ["segment", str(room), "--text", "something red", "--segmenter", program, "--around", *FAST]
    code = run([*command, "--first", "2", "--out", str(tmp_path / "out"), "--json"])
    facts = json.loads(capsys.readouterr().out)
    mask, mesh = np.load(tmp_path / "out" / "mask.npy"), load_mesh(room)
    assert code == (0 if mask.any() else 3)
    assert facts["segmenter"] == program
    for k in (1, 2, 3):
        rgb = pixels(tmp_path / "out" / f"view_{k}.png").astype(float)
        wanted = rgb[..., 0] > 1.6 * rgb[..., 1:].max(-1) + 20
        assert np.array_equal(pixels(tmp_path / "out" / f"view_{k}_mask.png") > 0, wanted)
    if mask.any():
        color = mesh.colors.numpy()[mask].mean(0)
        assert color[0] > color[1:].max()


def test_an_empty_mask_is_not_found(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["segment", str(room), "--text", "the sofa", "--segmenter", "oracle:missed=1", *FAST]
    assert run([*command, "--out", str(tmp_path)]) == 3
    assert "note: nothing of the scene is “the sofa” to oracle:missed=1; the mask is empty" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not np.load(tmp_path / "mask.npy").any()
    assert json.loads((tmp_path / "instances.json").read_text()) == {"instances": []}


def test_a_data_sets_own_superpoints_are_used(tmp_path: Path) -> None:
    """Of the box's objects, the floor is a quarter: its segments are right to the vertex."""
    scene = scannet(tmp_path / "scene0042_01")
    command = ["segment", str(scene), "--text", "the floor", "--segmenter", "oracle", "--views", "6"]
    assert run([*command, "--image-size", "120x90", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    facts = json.loads((tmp_path / "out" / "segmentation.json").read_text())
    assert facts["iou_with_meant_objects"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--text: is missing; say what is meant"),
        (["--text", " "], "--text: is empty"),
        (["--text", "a sofa", "--segmenter", "yolo"], "--segmenter yolo: wanted rooms, rooms:FILE, clipseg:MODEL"),
        (["--text", "a sofa", "--segmenter", " "], "--segmenter: is empty"),
        (["--text", "a sofa", "--segmenter", "rooms:no.pt"], "segmenter no.pt: no such file"),
        (["--text", "a sofa", "--segmenter", "oracle:blur=1"], "--segmenter oracle:blur=1: wanted eroded, dilated"),
        (["--text", "a sofa", "--segmenter", "oracle:border=3"], "border 3; wanted a share from 0 to 1"),
        (["--text", "a sofa", "--segmenter", "cmd {image}"], "--segmenter cmd {image}: wanted a command line with"),
        (["--text", "a sofa", "--segmenter", "/no/such {image} {out}"], "/no/such {image} {out}: cannot be run"),
        (["--text", "a sofa", "--segmenter", "false {image} {out}"], "ended with exit code 1 (nothing on stderr)"),
        (["--text", "a sofa", "--segmenter", "true {image} {out}"], "ended without writing its mask"),
        (
            ["--text", "a sofa", "--segmenter", "sh -c 'sleep 60' {image} {out}", "--timeout", "0.5"],
            "wrote no mask within 0.5 s; give it longer with --timeout",
        ),
        (["--text", "a sofa", "--views", "0"], "--views 0: wanted 1 or more"),
        (["--text", "a sofa", "--views", "1000"], "--views 1000: wanted 1 to 200"),
        (["--text", "a sofa", "--timeout", "0"], "--timeout 0: wanted a number above 0"),
        (["--text", "a sofa", "--background", "transparent"], "--background transparent: only to render"),
        (["--text", "a sofa", "--labels", "no.ply"], "no.ply: "),
    ],
)
def test_bad_input_is_one_line(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    chosen = [] if "--segmenter" in options else ["--segmenter", "oracle"]
    command = ["segment", str(room), *options, *chosen, "--image-size", "40x30", "--out", str(tmp_path / "out")]
    assert message in refused(command, capsys)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Image.new('L', (30, 40)).save(sys.argv[3])", "its mask has 30×40 pixels, and the picture has 40×30"),
        ("np.save(sys.argv[3], np.full((30, 40), np.nan))", "1,200 of its scores are NaN or infinite"),
        ("np.save(sys.argv[3], np.full((30, 40), 2.0))", "its scores go from 2 to 2; wanted numbers from 0 to 1"),
    ],
)
def test_wrong_masks_are_one_line(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str, message: str
) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(f"import sys\nimport numpy as np\nfrom PIL import Image\n{code}\n")
    place = "{npy}" if "np.save" in code else "{out}"
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(file))} {{image}} {{text}} {place}"
    command = ["segment", str(room), "--text", "a sofa", "--segmenter", program, "--image-size", "40x30"]
    assert message in refused([*command, "--out", str(tmp_path / "out")], capsys)


def test_the_oracle_needs_objects_and_a_sentence_that_means_one(
    room: Path, box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--segmenter", "oracle", "--out", str(tmp_path / "out")]
    line = refused(["segment", str(box), "--text", "a sofa", *out], capsys)
    assert "--segmenter oracle: knows what is meant by the scene's objects" in line
    line = refused(["segment", str(room), "--text", "a dinosaur", *out], capsys, code=3)
    assert '"a dinosaur": nothing of the scene is meant' in line


def test_a_scene_without_labels_needs_none_with_another_segmenter(box: Path, tmp_path: Path) -> None:
    white = tmp_path / "white.png"
    Image.new("L", (40, 30), 255).save(white)
    file = tmp_path / "white.py"
    file.write_text(f"import shutil, sys\nshutil.copy({str(white)!r}, sys.argv[2])\n")
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(file))} {{image}} {{out}}"
    command = ["segment", str(box), "--text", "the box", "--segmenter", program, "--views", "8", "--first", "8"]
    assert run([*command, "--image-size", "40x30", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert np.load(tmp_path / "out" / "mask.npy").mean() > 0.8
    assert json.loads((tmp_path / "out" / "segmentation.json").read_text())["iou_with_meant_objects"] is None
