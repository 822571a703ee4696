"""Parity with PyTorch3D, from its recorded answers (`benchmarks/parity/golden`); test_parity_live.py asks it itself."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tvdrnet_nv import Renderer, view_heuristic
from tvdrnet_nv.benchmarks.parity import GOLDEN, Golden, parity_rows, trajectory_rows, truth_rows
from tvdrnet_nv.benchmarks.parity.cases import NAMES, start_view, units
from tvdrnet_nv.benchmarks.parity.figures import compare
from tvdrnet_nv.benchmarks.parity.ours import Ours, matrices, objective, pulled_back
from tvdrnet_nv.benchmarks.parity.truth import Supersampled, slopes
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.scenes import sphere, textured_box


def failed(rows: list[dict]) -> list[dict]:
    return [{name: value for name, value in row.items() if value is not None} for row in rows if not row["passed"]]


@pytest.fixture(scope="module")
def golden() -> Golden:
    return Golden()


@pytest.fixture(scope="module")
def images(golden: Golden) -> list[dict]:
    return list(parity_rows(golden, quick=True))


def test_images_and_gradients_are_pytorch3ds(images: list[dict]):
    assert failed(images) == []
    judged = [row for row in images if row["limit"] is not None]
    assert {row["quantity"] for row in judged} == {
        *("rotation", "face_ids", "color_max", "color_mean", "camera", "vertices", "colors")
    }
    assert {row["scene"] for row in judged} == {"box", "spheres", "room", "fine"}
    assert {row["loss"] for row in judged} == {"", "heuristic", "mse"}
    assert any(row["height"] != row["width"] for row in judged)
    # No scene made by code needs the allowance for what float32 cannot resolve.
    assert all(row["float32_noise"] is None for row in images)


def test_the_gradients_that_are_compared_are_not_zero(images: list[dict]):
    for row in images:
        if row["quantity"] in ("camera", "vertices", "colors"):
            assert row["reference_norm"] > 1e-3, row


def test_rows_are_flat_plain_and_alike(images: list[dict]):
    assert len({tuple(row) for row in images}) == 1
    for row in images:
        assert all(value is None or isinstance(value, str | int | float | bool) for value in row.values())
        assert row["note"].count("\n") == 0


def test_poles_are_compared_with_our_matrices_and_said_so(images: list[dict]):
    poles = [row for row in images if abs(row["elevation"]) == 90]
    assert {row["rotation_from"] for row in poles} == {"ours"}
    notes = [row["note"] for row in poles if row["quantity"] == "rotation"]
    assert notes
    assert all("no rotation at a pole" in note for note in notes)


def test_optimisations_end_where_pytorch3ds_do(golden: Golden):
    rows = list(trajectory_rows(golden, quick=True))
    assert failed(rows) == []
    assert len(rows) == 6
    for row in rows:
        assert row["travelled"] > 0.01
        assert row["first"] < 1e-6  # the same weights, the same start
        if row["loss"] == "mse":
            assert row["limit"] == 1e-3
            assert row["of_travelled"] < 1e-3


def test_antialiased_gradients_are_closer_to_the_truth_than_pytorch3ds(golden: Golden):
    rows = list(truth_rows(golden, quick=True))
    assert failed(rows) == []
    cameras = [row for row in rows if row["quantity"] == "camera"]
    assert len(cameras) == 9
    for row in cameras:
        assert row["truth_error"] < 0.1
        assert row["ours_error"] < 0.3 < row["pytorch3d_hard_error"]
        assert row["ours_cosine"] > 0.95
        assert row["ours_hard_error"] == pytest.approx(row["pytorch3d_hard_error"], rel=1e-3)


# --- that these comparisons can fail ------------------------------------------------------------------------------


class Tampered(Golden):
    """The golden answers, changed by a function of (key, arrays)."""

    def __init__(self, change) -> None:
        super().__init__()
        self._change = change

    def scenes(self, quick: bool):
        return ((name, mesh) for name, mesh in super().scenes(quick) if name == "box")

    def answer(self, scene, key, mesh, ask):
        return self._change({name: array.copy() for name, array in super().answer(scene, key, mesh, ask).items()})


def shifted(answer: dict) -> dict:
    return answer | {name: np.roll(answer[name], 1, axis=2) for name in ("rgb", "face_ids")}


def brighter(answer: dict) -> dict:
    return answer | {"rgb": answer["rgb"] * np.float32(1.003)}


def longer(answer: dict) -> dict:
    names = [
        name for name in answer if name.startswith(("heuristic.", "mse.")) and not name.endswith(("target", "loss"))
    ]
    return answer | {name: answer[name] * np.float32(1.002) for name in names}


@pytest.mark.parametrize(
    ("change", "quantities"),
    [(shifted, {"face_ids"}), (brighter, {"color_max", "color_mean"}), (longer, {"camera", "vertices", "colors"})],
)
def test_a_reference_that_answers_otherwise_is_noticed(change, quantities: set[str]):
    rows = list(parity_rows(Tampered(change), quick=True))
    wrong = {row["quantity"] for row in failed(rows)}
    assert quantities <= wrong
    assert "rotation" not in wrong


def test_a_trajectory_that_ends_elsewhere_is_noticed():
    moved = Tampered(lambda answer: answer | {"azimuth": answer["azimuth"] + np.float32(0.5)})
    row = next(row for row in trajectory_rows(moved, quick=True) if row["loss"] == "mse")
    assert "differ by one rounding error" in row["note"]
    assert row["reference_to_itself"] < 1e-4
    assert not row["passed"]


def test_an_overflowed_reference_voids_its_rows():
    overflow = {"heuristic.pytorch3d_soft.overflowed": np.array(True)}
    rows = list(truth_rows(Tampered(lambda answer: answer | overflow), quick=True))
    assert {row["loss"] for row in rows if row["void"]} == {"heuristic"}
    assert all(row["passed"] != bool(row["void"]) for row in rows)


# --- the parts ----------------------------------------------------------------------------------------------------


def test_compare():
    figures = compare(np.array([1.1, 0.0]), np.array([1.0, 0.0]))
    assert figures["relative_error"] == pytest.approx(0.1)
    assert figures["bias"] == pytest.approx(0.1)
    assert figures["cosine"] == pytest.approx(1)
    assert compare(np.array([0.0, 2.0]), np.array([1.0, 0.0]))["cosine"] == 0
    nothing = compare(np.zeros(2), np.zeros(2))
    assert nothing == {"cosine": 1.0, "relative_error": 0.0, "bias": 0.0, "norm": 0.0, "reference_norm": 0.0}
    assert math.isinf(compare(np.ones(2), np.zeros(2))["relative_error"])
    assert math.isinf(compare(np.array([np.nan]), np.ones(1))["relative_error"])


@pytest.mark.parametrize("loss", ["heuristic", "mse", "coverage"])
def test_pixels_outside_the_mask_count_as_background(loss: str):
    mesh = sphere(2)
    case = replace(start_view("sphere", mesh), height=24, width=24)
    ours = Ours(mesh)
    target = np.full((24, 24, 3), 0.25, dtype=np.float32)
    render = ours.render(case)
    mask = np.zeros((1, 24, 24), dtype=bool)
    nothing = float(objective(render, loss, target, mask))
    expected = {"heuristic": 0.5, "mse": 0.75**2, "coverage": 0.0}
    assert nothing == pytest.approx(expected[loss], abs=1e-6)
    mask[:, :, :12] = True
    half = float(objective(render, loss, target, mask))
    whole = float(objective(render, loss, target))
    assert len({round(value, 4) for value in (nothing, half, whole)}) == 3
    assert float(objective(render, loss, target, ~np.zeros_like(mask))) == pytest.approx(whole, abs=1e-6)


def test_a_gradient_by_matrices_is_pulled_back_through_the_orbit():
    # Ours, taken at R, T and fov, pulled back: must be ours, taken at the orbit's parameters.
    mesh = textured_box(4)
    case = replace(start_view("box", mesh), height=24, width=24, matrices=True, elevation=90.0)
    ours = Ours(mesh)
    _, direct = ours.camera_gradient(case, "heuristic", None, dtype=torch.float64)
    leaves = case.leaves(torch.float64)
    camera = case.look({name: leaf.detach() for name, leaf in leaves.items()})
    R, T = camera.R.clone().requires_grad_(), camera.T.clone().requires_grad_()
    focal = 1 / torch.tan(leaves["fov"] * math.pi / 360)
    moved = replace(camera, R=R, T=T, focal=focal[:, None].expand(-1, 2))
    loss = view_heuristic(ours.renderer(case, torch.float64)(moved)).sum()
    slopes = torch.autograd.grad(loss, [R, T, leaves["fov"]])
    given = {name: slope.numpy() for name, slope in zip(("R", "T", "fov"), slopes, strict=True)}
    torch.testing.assert_close(pulled_back(case, given), direct, rtol=1e-9, atol=1e-12)
    assert set(matrices(case)) == {"R", "T", "fov"}
    assert set(matrices(replace(case, matrices=False))) == set(NAMES)


def test_the_truth_is_the_gradient_where_nothing_is_hidden():
    # Inside a sphere there is no silhouette: the hard gradient is exact, and the fit must find it.
    ball = sphere(3)
    inside = replace(ball, faces=ball.faces.flip(1))
    case = replace(
        start_view("box", ball), distance=0.4, light=(0.2, 0.3, -0.1), height=24, width=24, znear=0.05, far=10.0
    )
    target = Supersampled(inside, case)(case.moved(1.06, -5.0, 7.0).orbit(torch.float64)).rgb[0].float().numpy()
    found, _ = slopes(inside, case, target)
    for loss in ("heuristic", "mse"):
        leaves = case.leaves(torch.float64)
        fine = Renderer(inside, 24 * 8, light=Ours(inside).renderer(case).light, antialias=False, dtype=torch.float64)
        render = fine(case.look(leaves))
        pooled = torch.nn.functional.avg_pool2d(render.rgb.permute(0, 3, 1, 2), 8).permute(0, 2, 3, 1)
        value = (
            (pooled - torch.from_numpy(target)).square().mean()
            if loss == "mse"
            else (pooled.mean() - 0.5).abs() - 0.1 * pooled.std() - 0.5
        )
        exact = torch.cat([g.reshape(-1) for g in torch.autograd.grad(value, list(leaves.values()))]) * units(inside)
        assert compare(found[loss], exact.numpy())["relative_error"] < 5e-3, loss


# --- the golden files ---------------------------------------------------------------------------------------------


def test_golden_files_are_small_and_say_what_made_them(golden: Golden):
    assert golden.info["pytorch3d"]
    assert golden.info["torch"]
    paths = list(GOLDEN.glob("*.npz"))
    assert {path.stem for path in paths} == {"box", "spheres", "room", "fine"}
    assert sum(path.stat().st_size for path in paths) < 1.5e6
    with np.load(paths[0]) as file:
        assert json.loads(str(file["info"])) == golden.info


def test_golden_says_what_is_missing(tmp_path: Path, golden: Golden):
    with pytest.raises(InputError, match="no golden files"):
        Golden(tmp_path)
    with pytest.raises(InputError, match=r"no answer for parity\.nowhere; run `make golden`"):
        golden.answer("box", "parity.nowhere", textured_box(2), lambda _: {})
    (tmp_path / "box.npz").write_bytes(b"not a zip file")
    with pytest.raises(InputError, match=r"box\.npz: not a golden file"):
        Golden(tmp_path)
