"""Our façade against what PyTorch3D answered (tests/golden/compat_pytorch3d/ says to what)."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tvdrnet_nv.compat.pytorch3d._stand_in import standing_in_for_pytorch3d

GOLDEN = Path(__file__).parents[2] / "golden"

# The largest difference, in units of the largest value, or of 1 if that is less.
TOLERANCE = {
    "camera": 1e-5,
    "look": 1e-5,
    "mesh": 1e-5,
    "transform": 1e-5,
    "rotation": 1e-5,
    "loss": 1e-5,
    "texture": 2e-4,
    "matrix": 1e-5,
    "cloud": 1e-4,
    "points": 1e-5,
    "soft": 1e-4,
    "fisheye": 1e-5,
    "layer": 1e-5,
    "blend": 1e-5,
    "small": 1e-5,
    "file": 1e-6,
    "written": 1e-6,
    "random": 0.03,  # of 20,000 values, which are others
}
# PyTorch3D finds angles near 180 degrees by an extrapolation, the axes of three by three matrices by a formula that
# cancels, and writes the corners of an icosahedron with four digits; ours are exact.
LOOSER = {"rotation/relative": 1e-3, "small/frames": 5e-3, "small/sphere/verts": 1e-4}
# It cuts colours off to whole numbers where it writes a picture, and ours are rounded.
LOOSER |= {f"written/obj_{places}/picture": 1 / 200 for places in ("None", 2)}
# Faces cut off at a depth have many fragments of equal depth, of which either may be in front.
OTHER_FACES = {"blurred/cut": 0.03}


@pytest.fixture(scope="module")
def cases() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch, standing_in_for_pytorch3d():
        patch.syspath_prepend(GOLDEN)
        yield importlib.import_module("compat_pytorch3d.cases")
    for name in [name for name in sys.modules if name.partition(".")[0] == "compat_pytorch3d"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def theirs(cases: ModuleType) -> dict[str, np.ndarray]:
    return cases.load(GOLDEN / "compat_pytorch3d.npz")[1]


@pytest.fixture(scope="module")
def ours(cases: ModuleType) -> dict[str, np.ndarray]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # the cameras' old names
        return cases.all_cases()


def of(arrays: dict[str, np.ndarray], kind: str) -> dict[str, np.ndarray]:
    found = {name: array for name, array in arrays.items() if name.partition("/")[0] == kind}
    assert found
    return found


def test_the_golden_file_says_what_made_it(cases):
    versions, _ = cases.load(GOLDEN / "compat_pytorch3d.npz")
    assert [v.split()[0] for v in versions] == ["pytorch3d", "torch", "numpy"]


def test_the_same_questions_are_answered(ours, theirs):
    assert list(ours) == list(theirs)
    assert {n: a.shape for n, a in ours.items()} == {n: a.shape for n, a in theirs.items()}


@pytest.mark.parametrize("kind", TOLERANCE)
def test_numbers_agree(kind, ours, theirs):
    for name, want in of(theirs, kind).items():
        difference = np.abs(ours[name] - want).max(initial=0)
        assert difference <= LOOSER.get(name, TOLERANCE[kind]) * max(1, np.abs(want).max(initial=0)), name


def test_meshes_are_the_same_to_the_last_index(ours, theirs):
    exact = ("idx", "faces_packed", "faces_padded", "edges_packed", "num_", "facts")
    names = [name for name in of(theirs, "mesh") if any(part in name for part in exact)]
    assert len(names) > 60
    for name in names:
        assert np.array_equal(ours[name], theirs[name]), name


def test_the_same_faces_are_seen(ours, theirs):
    """On 0.1 % of the pixels another face may be the nearest."""
    names = [name for name in theirs if name.endswith("/ids")]
    differing = {name: int((ours[name] != theirs[name]).sum()) for name in names}
    assert sum(differing.values()) <= 0.001 * sum(theirs[name].size for name in names), differing
    assert sum(int((theirs[name] >= 0).sum()) for name in names) > 3000


@pytest.mark.parametrize("field", ["zbuf", "bary", "dists"])
def test_fragments_agree(field, ours, theirs):
    names = [name for name in of(theirs, "fragments") if name.endswith(f"/{field}")]
    assert len(names) >= 4
    for name in names:
        ids = name.rpartition("/")[0] + "/ids"
        same = ours[ids] == theirs[ids]
        difference = np.abs(ours[name] - theirs[name])[same]
        assert difference.max() < 1e-4, name
        assert difference.mean() < 1e-6, name


def test_blurred_fragments_agree(ours, theirs):
    names = {name.rpartition("/")[0] for name in of(theirs, "blurred")}
    assert len(names) == 11
    for name in names:
        same = ours[f"{name}/ids"] == theirs[f"{name}/ids"]
        assert (~same).mean() <= OTHER_FACES.get(name, 0.001), name
        assert (theirs[f"{name}/ids"] >= 0).sum() > 50
        for part in ("zbuf", "bary", "dists"):
            want = theirs[f"{name}/{part}"][same]
            difference = np.abs(ours[f"{name}/{part}"][same] - want) / np.maximum(1, np.abs(want))
            assert (difference > 1e-4).mean() <= OTHER_FACES.get(name, 0), f"{name}/{part}"


def test_the_transformed_meshes_agree(ours, theirs):
    for name in ("fragments/one/transformed", "fragments/pixels/transformed"):
        assert np.allclose(ours[name], theirs[name], atol=1e-5)


def test_colours_agree(ours, theirs):
    """Within 2e-3 at the worst pixel, 1e-5 on average, but for the pixels that show another face."""
    same = (ours["shaders/ids"] == theirs["shaders/ids"])[..., None]
    for name, want in of(theirs, "color").items():
        difference = np.abs(ours[name] - want) * (same if same.shape[:3] == want.shape[:3] else 1)
        assert difference.max() < 2e-3, name
        assert difference.mean() < 1e-5, name
        assert want[..., :3].std() > 0.02, name


def test_gradients_agree(ours, theirs):
    """Of what is not blended, with respect to cameras, lights, vertices and colours."""
    gradients = of(theirs, "gradient")
    assert len(gradients) >= 20
    for name, want in gradients.items():
        error = np.linalg.norm(ours[name] - want) / np.linalg.norm(want)
        assert error < 1e-3, f"{name}: {error:.1e}"
