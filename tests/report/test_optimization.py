"""The report of an optimisation as a whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.optimization import Result, optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import Record, render_views, report_files, write_report
from tvdrnet_nv.report import optimization as optimization_module

FILES = [
    "optimized_params.json",
    "optimized_view.png",
    "optimization_comparison.png",
    "optimization_process.gif",
    "loss.png",
]
WITH_TARGET = [*FILES, "optimization_blink.gif"]


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


def test_a_crash_midway_leaves_no_half_report(
    tmp_path: Path, result: Result, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    arguments = {"target": None, "record": Record(Path("scene.ply"), "x")}
    write_report(out, result, renderer, **arguments)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(optimization_module, "write_loss_plot", fail)
    changed = replace(result, seed=99)
    for folder in (out, tmp_path / "new"):
        with pytest.raises(RuntimeError, match="boom"):
            write_report(folder, changed, renderer, **arguments)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_target_of_another_size_is_shown_as_it_was_compared(
    tmp_path: Path, result: Result, renderer: Renderer
) -> None:
    target = np.zeros((48, 64, 3), dtype=np.float32)
    files = write_report(tmp_path, result, renderer, Record(Path("scene.ply"), "x"), target=target)
    with Image.open(files[-1]) as blink:
        blink.seek(1)
        assert (np.asarray(blink.convert("RGB")) == 0).all(axis=2).sum() == 24 * 32 * 16


def test_a_result_of_one_iteration_can_be_reported(tmp_path: Path, renderer: Renderer) -> None:
    single = optimize(renderer, Orbit.create(4.0, 30.0, 45.0), view_heuristic, iterations=1)
    files = write_report(tmp_path, single, renderer, Record(Path("scene.ply"), "x"), target=None)
    assert all(file.stat().st_size > 0 for file in files)
