"""The report of an optimisation as a whole."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.optimization import Result, optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import Record, render_views, report_files, write_report
from tvdrnet_nv.report import decorations as decorations_module
from tvdrnet_nv.report import optimization as optimization_module

FILES = [
    "optimized_params.json",
    "optimized_view.png",
    "optimization_comparison.png",
    "optimization_process.gif",
    "loss.png",
    "report.html",
]
WITH_TARGET = [*FILES[:-1], "optimization_blink.gif", "report.html"]


def test_the_report_writes_its_files(tmp_path: Path, result: Result, renderer: Renderer) -> None:
    target = np.zeros((24, 32, 3), dtype=np.float32)
    out = tmp_path / "out"
    files = write_report(out, result, renderer, Record(Path("scene.ply"), "tvdr-nv 'x y'"), target=target)
    assert files == [out / name for name in WITH_TARGET]
    assert [file.name for file in files] == report_files(target=True)
    assert sorted(path.name for path in out.iterdir()) == sorted(WITH_TARGET)

    best = next(render_views(renderer, result.best))
    np.testing.assert_array_equal(np.asarray(Image.open(out / "optimized_view.png")), best)
    with Image.open(out / "optimization_process.gif") as gif:
        assert 18 <= gif.n_frames <= 21
        assert gif.info["loop"] == 0
        assert gif.info["duration"] == 250
        gif.seek(gif.n_frames - 1)
        assert gif.info["duration"] == 2500
        # The last frame is the best camera; the picture is enlarged four times and centred in the panel.
        last = np.asarray(gif.convert("RGB"))[2 : 24 * 4 : 4, (224 - 128) // 2 + 2 : (224 + 128) // 2 : 4]
        still = np.asarray(gif.convert("RGB"))[: 24 * 4, 224:]
        assert gif.width == 224 + 12 + 224
    assert np.abs(last.astype(int) - best).mean() < 3
    assert (last[(best == 255).all(axis=2)] == 255).all()
    assert (still == 0).all(axis=2).sum() == 24 * 32 * 16  # the black target, enlarged four times
    comparison = np.asarray(Image.open(out / "optimization_comparison.png"))
    assert (comparison == 0).all(axis=2).sum() >= 24 * 32 * 16 * 1.5  # the target, and its tiles
    with Image.open(out / "optimization_blink.gif") as blink:
        assert (blink.n_frames, blink.info["loop"], blink.info["duration"]) == (2, 0, 700)
        found = np.asarray(blink.convert("RGB"))[2 : 24 * 4 : 4, (224 - 128) // 2 + 2 : (224 + 128) // 2 : 4]
        blink.seek(1)
        black = np.asarray(blink.convert("RGB"))[: 24 * 4, (224 - 128) // 2 : (224 + 128) // 2]
    assert np.abs(found.astype(int) - best).mean() < 3
    assert (black == 0).all()
    without = write_report(tmp_path / "b", result, renderer, Record(Path("scene.ply"), "x"), target=None)
    assert [file.name for file in without] == report_files(target=False) == FILES
    assert np.asarray(Image.open(without[2])).shape[1] < comparison.shape[1]


def test_a_picture_that_fails_costs_a_warning_and_no_numbers(
    tmp_path: Path, result: Result, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    record = Record(Path("scene.ply"), "x")
    write_report(out, result, renderer, record, target=None)

    def no_plot(*_: object, **__: object) -> None:
        raise ValueError("ParseException: $x_{\n")

    def full(path: Path, *_: object, **__: object) -> None:
        path.write_bytes(b"GIF8")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(optimization_module, "write_loss_plot", no_plot)
    monkeypatch.setattr(optimization_module, "write_gif", full)
    said: list[str] = []
    for folder in (out, tmp_path / "new"):
        files = write_report(folder, replace(result, seed=99), renderer, record, target=None, warn=said.append)
        assert [file.name for file in files] == [*FILES[:3], "report.html"]
        # The earlier run's pictures are gone as well, and so is the half written one.
        assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES[:3], "report.html"])
        assert json.loads(files[0].read_text(encoding="utf-8"))["seed"] == 99
    assert said == 2 * [
        "the result is saved, but not all pictures: optimization_process.gif (no space left on device); "
        "loss.png (ValueError: ParseException: $x_{)"
    ]
    with pytest.warns(UserWarning, match=r"loss\.png"):
        write_report(out, result, renderer, record, target=None)


def test_a_folder_that_takes_the_numbers_only_keeps_them(
    tmp_path: Path, result: Result, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_folder(out: Path) -> None:
        raise InputError(f"output folder {out}: cannot be written: no space left on device")

    monkeypatch.setattr(decorations_module, "staged_folder", no_folder)
    said: list[str] = []
    files = write_report(tmp_path, result, renderer, Record(Path("s.ply"), "x"), target=None, warn=said.append)
    assert [file.name for file in files] == FILES[:1] == [path.name for path in tmp_path.iterdir()]
    assert len(said) == 1
    assert "no space left on device" in said[0]


def test_a_file_name_that_is_no_text_is_escaped(tmp_path: Path, result: Result, renderer: Renderer) -> None:
    scene = Path(os.fsdecode(b"/scans/f\xfcr $1_{x$ \xc3\xa9.ply"))
    files = write_report(tmp_path, result, renderer, Record(scene, "x"), target=None)
    assert [file.name for file in files] == FILES
    text = files[0].read_text(encoding="utf-8")
    assert r"/scans/f\udcfcr $1_{x$ é.ply" in text
    assert json.loads(text)["scene"] == str(scene)


def test_a_target_of_another_size_is_shown_as_it_was_compared(
    tmp_path: Path, result: Result, renderer: Renderer
) -> None:
    target = np.zeros((48, 64, 3), dtype=np.float32)
    files = write_report(tmp_path, result, renderer, Record(Path("scene.ply"), "x"), target=target)
    with Image.open(files[-2]) as blink:
        blink.seek(1)
        assert (np.asarray(blink.convert("RGB")) == 0).all(axis=2).sum() == 24 * 32 * 16


def test_a_result_of_one_iteration_can_be_reported(tmp_path: Path, renderer: Renderer) -> None:
    single = optimize(renderer, Orbit.create(4.0, 30.0, 45.0), view_heuristic, iterations=1)
    files = write_report(tmp_path, single, renderer, Record(Path("scene.ply"), "x"), target=None)
    assert all(file.stat().st_size > 0 for file in files)
