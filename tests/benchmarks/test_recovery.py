"""The recovery benchmark: pairs as far apart as the bin says, an honest measure, and rows that add up."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tvdrnet_nv import Orbit, Renderer
from tvdrnet_nv.benchmarks.recovery.interval import wilson
from tvdrnet_nv.benchmarks.recovery.methods import OURS, RIVALS, Search
from tvdrnet_nv.benchmarks.recovery.poses import PoseBin, pose_pairs
from tvdrnet_nv.benchmarks.recovery.run import _bin_rows, _judged, _row, recovery_rows
from tvdrnet_nv.benchmarks.recovery.trials import LADDER, OTHERS, Bin, CoveredBin, found, pairs
from tvdrnet_nv.benchmarks.report.recovery import lines, pooled
from tvdrnet_nv.scenes import sphere, textured_box

BOX = textured_box(6)


def degrees_between(a: Orbit, b: Orbit) -> float:
    u, v = (o.to(torch.float64).camera().R[0, :, 2] for o in (a, b))
    return math.degrees(math.atan2(float(torch.linalg.cross(u, v).norm()), float(u @ v)))


@pytest.mark.parametrize("chosen", [Bin(20, 0.2), Bin(60, 0.5), Bin(10, 0.1, focal=0.15, shift=0.2)])
def test_pairs_are_as_far_apart_as_the_bin_says(chosen: Bin) -> None:
    made = list(pairs(BOX, chosen, 6, seed=3))
    for start, target in made:
        if not chosen.shift:
            assert degrees_between(start, target) == pytest.approx(chosen.rotation, abs=0.05)
        assert abs(float(start.distance / target.distance) - 1) == pytest.approx(chosen.distance, abs=1e-4)
        assert float((start.at - target.at).norm()) == pytest.approx(chosen.shift * BOX.radius, abs=1e-4)
        focal = [math.tan(math.radians(float(o.fov)) / 2) for o in (start, target)]
        assert abs(math.log(focal[0] / focal[1])) == pytest.approx(math.log(1 + chosen.focal), abs=1e-4)
    again = list(pairs(BOX, chosen, 6, seed=3))
    assert [float(s.azimuth) for s, _ in made] == [float(s.azimuth) for s, _ in again]
    assert len({float(t.azimuth) for _, t in made}) == 6


def test_found_means_within_each_of_the_bounds() -> None:
    target = Orbit.create(3.0, 40.0, 100.0, 50.0)
    tried = Orbit.create(
        [3.0, 3.014, 3.016, 3.0, 3.0, 3.0, 3.0],
        [40.0, 40.0, 40.0, 40.28, 40.3, 40.0, 40.0],
        [100.0, 100.0, 100.0, 100.0, 100.0, 460.0, 100.0],
        [50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.4],
    )
    assert found(tried, target).tolist() == [True, True, False, True, False, True, False]
    # About another point: the same camera where that lies on the line of sight, another one where it lies beside.
    forward = target.camera().R[0, :, 2]
    farther = target.replace(distance=target.distance + 1, at=target.at + forward)
    assert found(farther, target).tolist() == [True]
    assert found(target.replace(at=target.at + 0.1), target).tolist() == [False]
    # Turned in place, by less and by more than half a degree.
    for degrees, expected in ((0.45, True), (0.55, False)):
        turned = target.replace(azimuth=target.azimuth + degrees)
        here = turned.replace(at=target.at + target.camera().position - turned.camera().position)
        assert found(here, target).tolist() == [expected]


def every_other(renderer: Renderer, start: Orbit, picture: torch.Tensor, names: tuple[str, ...], seed: int) -> Search:
    """Finds the camera on its second look, in every other trial of the box's 20° bin."""
    assert picture.shape == (32, 32, 3)
    answer = start if seed % 2 else next(t for i, (_, t) in enumerate(pairs(BOX, Bin(20, 0.2), 9, 1)) if i == seed)
    tried = Orbit(*(torch.cat([getattr(o, n) for o in (start, answer)]) for n in vars(start) if n != "up"))
    return Search(tried, answer, np.array([0.5, 3.0]), searched=7)


def never(renderer: Renderer, start: Orbit, picture: torch.Tensor, names: tuple[str, ...], seed: int) -> Search:
    return Search(start, start, np.array([1.0]))


def test_rows_count_what_the_method_finds() -> None:
    row = _row("box", Renderer(BOX, 32), Bin(20, 0.2), "lm", every_other, 4)
    assert (row["trials"], row["found"], row["rate"]) == (4, 2, 0.5)
    assert (row["iterations"], row["seconds"], row["searched"]) == (2, 3.0, 7)
    assert (row["every_iterations"], row["every_seconds"]) == ([2, 2], [3.0, 3.0])
    nothing = _row("box", Renderer(BOX, 32), Bin(20, 0.2), "lm", never, 4)
    assert (nothing["found"], nothing["iterations"], nothing["seconds"]) == (0, None, None)


def recorded(**fields: object) -> dict:
    """A row as the benchmark makes them."""
    row = {"scene": "box", "method": "lm", "rotation": 20, "distance": 0.2, "focal": 0.0, "shift": 0.0}
    row |= {"principal": 0.0, "covered": 0.0}
    row |= {"resolution": 256, "trials": 20, "found": 19, "rate": 0.95, "low": 0.8, "high": 1.0, "searched": 400}
    row |= {"iterations": 8, "seconds": 0.2, "every_iterations": [8] * 19, "every_seconds": [0.2] * 19}
    return row | fields


def test_rows_are_judged_by_every_bar() -> None:
    assert _judged(recorded(), 0.4, given=True)["passed"] is True
    for fields, rival, words in (
        ({"found": 18, "rate": 0.9}, None, "less than 95"),
        ({}, 1.0, "another method"),
        ({"iterations": 31}, None, "30 iterations"),
        ({"seconds": 1.1}, None, "1 s"),
    ):
        judged = _judged(recorded(**fields), rival, given=True)
        assert (judged["passed"], words in judged["missed"]) == (False, True)
    assert _judged(recorded(seconds=1.1), None, given=False)["passed"] is True
    # Beyond its reach nothing is wanted of a method; eight starts reach farther.
    beyond = recorded(rotation=45, distance=0.4, rate=0.5)
    assert _judged(beyond, None, given=False)["passed"] is None
    assert _judged({**beyond, "method": "lm, 8 starts"}, None, given=False)["passed"] is False
    assert _judged(recorded(method="adam", rate=0.0), 0.0, given=False)["passed"] is None
    assert _judged(recorded(focal=0.1, rate=0.0), None, given=False)["passed"] is None


def test_ours_is_held_against_the_best_rival() -> None:
    methods, trials = {"adam": every_other, "tvdrnet": never, "lm": never}, {"adam": 2, "tvdrnet": 2, "lm": 2}
    rows = list(_bin_rows("box", Renderer(BOX, 32), Bin(20, 0.2), methods, trials, lambda text: None))
    assert [row["best_rival"] for row in rows] == [None, None, 0.5]
    assert "another method" in rows[-1]["missed"]


def test_scenes_are_pooled() -> None:
    rows = [
        recorded(),
        recorded(scene="room", trials=10, found=2, every_iterations=[30, 40], every_seconds=[1.0, 2.0]),
        recorded(method="adam", trials=5, found=0, every_iterations=[], every_seconds=[], seconds=None),
        recorded(focal=0.1),
        recorded(scene="small box", resolution=32, trials=3, found=3),
    ]
    both, adam, focal, small = pooled(rows)
    assert (both["trials"], both["found"], both["rate"]) == (30, 21, 0.7)
    assert (both["low"], both["high"]) == wilson(21, 30)
    assert (both["iterations"], both["seconds"], both["scenes"]) == (8, 0.2, ["box", "room"])
    assert (adam["found"], adam["seconds"]) == (0, None)
    assert (focal["trials"], small["trials"]) == (20, 3)
    assert lines(rows) == [
        "| start off by | lm | adam |",
        "| --- | ---: | ---: |",
        "| 20°, 20% | 21 of 30, 200 ms | 0 of 5 |",
    ]


def test_the_bins_cover_what_is_asked() -> None:
    assert [(b.rotation, b.distance) for b in LADDER][:: len(LADDER) - 1] == [(5, 0.05), (60, 0.5)]
    assert {b.focal for b in OTHERS} >= {0.05, 0.1, 0.2}
    assert {b.shift for b in OTHERS} >= {0.05, 0.1, 0.2}


@pytest.mark.parametrize("method", [*OURS, *RIVALS])
def test_every_method_searches(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tvdrnet_nv.benchmarks.recovery.methods.ITERATIONS", 12)
    mesh = sphere(2)
    renderer = Renderer(mesh, 24)
    start, target = next(pairs(mesh, Bin(5, 0.05), 1, seed=0))
    with torch.no_grad():
        picture = renderer(target.camera()).rgb[0]
    search = {**OURS, **RIVALS}[method](renderer, start, picture, ("distance", "elevation", "azimuth"), 0)
    assert 0 < len(search.tried) <= 12
    assert len(search.best) == 1
    assert search.seconds.shape == (len(search.tried),)
    assert (np.diff(search.seconds) >= 0).all()
    assert search.seconds[0] > 0
    assert (search.searched > 200) == (method in OURS)


def test_quick_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tvdrnet_nv.benchmarks.recovery.run.RESOLUTION", 48)
    monkeypatch.setattr("tvdrnet_nv.benchmarks.recovery.run.QUICK_TRIALS", 1)
    monkeypatch.setattr("tvdrnet_nv.benchmarks.recovery.run.scenes", lambda scene: {"box": BOX})
    rows = list(recovery_rows(torch.device("cpu"), scene=None, quick=True, progress=lambda text: None))
    assert {(row["method"], row["rotation"]) for row in rows} == {("lm", 10), ("lm", 20)}


def test_the_interval_is_wilsons() -> None:
    # Figures of Newcombe (1998), table I: 15 of 148, and 0 of 20.
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert np.isclose(1 - wilson(20, 20)[0], wilson(0, 20)[1])


def test_poses_are_off_by_what_the_bin_says() -> None:
    chosen = PoseBin(20, 0.2, focal=0.1, principal=0.1)
    assert chosen.parameters == ("rotation", "position", "focal", "principal")
    made = list(pose_pairs(BOX, chosen, 5, seed=2))
    for start, target in made:
        turned = start.R.double().transpose(1, 2) @ target.R.double()
        assert math.degrees(math.acos((float(turned[0].trace()) - 1) / 2)) == pytest.approx(20.0, abs=0.01)
        distance = (target.position - BOX.center).norm(dim=1)
        assert float((start.position - target.position).norm() / distance) == pytest.approx(0.2, abs=1e-3)
        assert abs(math.log(float(start.focal[0, 0] / target.focal[0, 0]))) == pytest.approx(math.log(1.1), abs=1e-4)
        assert float((start.principal - target.principal).norm()) == pytest.approx(0.1, abs=1e-5)
        assert found(target, target, distance).tolist() == [True]
        assert found(target.replace(principal=target.principal + 0.006), target, distance).tolist() == [False]
    # Looked at from anywhere, the middle of the scene stays in the middle of a target.
    seen = [(BOX.center @ target.R[0] + target.T[0])[:2].abs().max() for _, target in made]
    assert max(seen) < 1e-4


def test_a_quarter_of_the_picture_is_covered() -> None:
    picture = torch.rand(40, 60, 3, generator=torch.Generator().manual_seed(0))
    for seed in range(4):
        covered = CoveredBin(10, 0.1).cover(picture, seed)
        assert float((covered != picture).any(2).float().mean()) == pytest.approx(0.25, abs=0.02)
