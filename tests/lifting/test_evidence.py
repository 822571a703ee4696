"""Sums over views by hand, what is unseen, and gradients."""

from __future__ import annotations

import pytest
import torch

from tests.lifting.scenes import SIZE, around, box_on_floor, seen_masks, square
from tests.lifting.test_visibility import PLAIN, facing
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import Evidence


def test_labels_seen_exactly_come_back_exactly() -> None:
    mesh, box = box_on_floor()
    cameras = around(5)
    evidence = Evidence(mesh)
    for k, mask in enumerate(seen_masks(mesh, cameras, box)):
        evidence.add(cameras[k], mask)
    found = evidence.vertices()[:, 0]
    assert evidence.views == 5
    assert float(evidence.seen.float().mean()) > 0.9
    assert torch.equal(found[evidence.seen], box[evidence.seen].float())
    assert bool(found[~evidence.seen].isnan().all())
    assert torch.equal(evidence.labels(), torch.where(box & evidence.seen, 0, -1))


@pytest.mark.parametrize("on", ["vertices", "faces"])
def test_the_mean_is_that_of_all_pixels_by_weight(on: str) -> None:
    """Against a loop over pixels."""
    mesh, _ = box_on_floor()
    cameras, numbers = around(2), torch.Generator().manual_seed(0)
    evidence = Evidence(mesh, 3, on=on)  # type: ignore[arg-type]
    count = mesh.num_vertices if on == "vertices" else mesh.num_faces
    total, weight = torch.zeros(count, 3, dtype=torch.float64), torch.zeros(count, dtype=torch.float64)
    for k in range(2):
        values, counts = torch.rand(12, 16, 3, generator=numbers), torch.rand(12, 16, generator=numbers)
        evidence.add(cameras[k], values, counts)
        pixels = evidence.visibility(cameras[k], (12, 16))
        where = pixels.vertex if on == "vertices" else pixels.face
        for p, i, w in zip(pixels.pixel.tolist(), where.tolist(), pixels.weight.tolist(), strict=True):
            w *= float(counts.flatten()[p])
            total[i] += w * values.flatten(0, 1)[p].double()
            weight[i] += w
    assert torch.equal(evidence.seen, weight > 0)
    expected = (total / weight[:, None]).float()
    torch.testing.assert_close(evidence.values(), expected, equal_nan=True, rtol=1e-4, atol=1e-5)


def test_votes_and_log_odds_by_hand() -> None:
    """Each of two views shows one vertex with known weights of pixels; a view says w / (1 + w)."""
    mesh = square(cells=1)
    size = (8, 8)
    vote, odds = (
        Evidence(mesh, rule=rule, weights=PLAIN, prior=prior) for rule, prior in (("vote", 0.0), ("log-odds", -0.3))
    )
    one, other = torch.full(size, 0.8), torch.full(size, 0.1)
    shown = []
    for camera, values in ((facing(3.0), one), (facing(6.0), other)):
        for evidence in (vote, odds):
            evidence.add(camera, values)
        shown.append(torch.bincount(vote.visibility(camera, size).vertex, minlength=4).float())
    first, second = (n / (1 + n) for n in shown)
    torch.testing.assert_close(vote.values()[:, 0], first / (first + second))
    expected = -0.3 + first * torch.logit(torch.tensor(0.8)) + second * torch.logit(torch.tensor(0.1))
    torch.testing.assert_close(odds.log_odds()[:, 0], expected)
    torch.testing.assert_close(odds.values()[:, 0], torch.sigmoid(expected))


def test_the_seen_area_of_each_face() -> None:
    mesh, _ = box_on_floor()
    evidence = Evidence(mesh)
    above = around(1, height=6.0, distance=0.01)
    evidence.add(above, torch.ones(480, 640))
    corners = mesh.vertices[mesh.faces.long()]
    level = (corners[..., 2].amax(1) - corners[..., 2].amin(1)) < 1e-6
    top = level & (corners[..., 2].mean(1) > 1)
    under = level & (corners[..., 2].mean(1) < 0.005) & (corners[..., :2].abs().amax((1, 2)) < 0.45)
    assert float(evidence.seen_area[top].mean()) > 0.95
    assert float(evidence.seen_area[under].max()) == 0
    assert float(evidence.seen_area.max()) <= 1
    assert torch.equal(evidence.faces()[:, 0].isnan(), evidence.seen_area == 0)
    assert bool(evidence.faces()[top].eq(1).all())


def test_a_half_seen_face_has_half_its_area_seen() -> None:
    mesh = square(cells=1)
    evidence = Evidence(mesh, weights=PLAIN)
    evidence.add(facing(2.0).replace(principal=torch.tensor([[-1.0, 0.0]])), torch.ones(128, 128))
    assert float(evidence.seen_area.mean()) == pytest.approx(0.5, abs=0.05)


def test_means_carry_gradients_to_the_pictures() -> None:
    mesh, _ = box_on_floor()
    values = torch.rand(SIZE, generator=torch.Generator().manual_seed(1), requires_grad=True)
    evidence = Evidence(mesh)
    evidence.add(around(1), values)
    pixels = evidence.visibility(around(1), SIZE)
    evidence.values()[evidence.seen].sum().backward()
    assert values.grad is not None
    expected = pixels.weight / evidence.weight[pixels.vertex]
    torch.testing.assert_close(values.grad.flatten()[pixels.pixel], expected)


def test_faces_and_vertices_of_each_other() -> None:
    mesh, box = box_on_floor()
    cameras = around(4)
    evidence = Evidence(mesh, on="faces")
    for k, mask in enumerate(seen_masks(mesh, cameras, box)):
        evidence.add(cameras[k], mask)
    inner = box[mesh.faces.long()].all(1)
    assert bool(evidence.faces()[inner & evidence.seen].eq(1).all())
    found = evidence.vertices()[:, 0]
    known = ~found.isnan()
    assert float(((found > 0.5) == box)[known].float().mean()) > 0.98
    around_vertex = torch.zeros(mesh.num_vertices, dtype=torch.bool)
    around_vertex[mesh.faces[evidence.seen].long().flatten()] = True
    assert torch.equal(known, around_vertex)


def test_bad_input_is_one_line() -> None:
    mesh, camera = square(), facing(3.0)
    bad = torch.ones(SIZE).index_fill_(0, torch.tensor([3]), torch.nan)
    for arguments, message in (
        ({"on": "edges"}, r"on='edges': wanted one of vertices, faces"),
        ({"rule": "max"}, r"rule='max': wanted one of mean, vote, log-odds"),
        ({"channels": 0}, r"channels=0: wanted 1 or more"),
    ):
        with pytest.raises(InputError, match=message):
            Evidence(mesh, **arguments)  # type: ignore[arg-type]
    evidence = Evidence(mesh, rule="vote")
    for values, message in (
        (torch.ones(4, 4, 2), r"values: \[4, 4, 2\]; wanted \[h, w, 1\]"),
        (bad, r"values: some are NaN or infinite"),
        (torch.full(SIZE, 1.5), r"values: from 1.5 to 1.5; the rule 'vote' wants scores in 0..1"),
    ):
        with pytest.raises(InputError, match=message):
            evidence.add(camera, values)
    with pytest.raises(InputError, match=r"counts: \[3, 3\]; wanted \[96, 128\]"):
        evidence.add(camera, torch.ones(SIZE), torch.ones(3, 3))
    with pytest.raises(InputError, match="counts: some are negative"):
        evidence.add(camera, torch.ones(SIZE), -torch.ones(SIZE))
    with pytest.raises(InputError, match=r"values: \[5, 5\] pixels, but the view has \[96, 128\]"):
        evidence.sums_of_pixels(evidence.visibility(camera, SIZE), torch.ones(5, 5))
    with pytest.raises(InputError, match="rule='vote' has no log-odds"):
        evidence.log_odds()
    assert evidence.views == 0
    assert float(evidence.weight.max()) == 0


def test_the_same_every_time_and_pixels_of_no_count_are_left_out() -> None:
    mesh, _ = box_on_floor()
    cameras = around(3)
    values = torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(2))
    once, again, masked = Evidence(mesh, rule="log-odds"), Evidence(mesh, rule="log-odds"), Evidence(mesh)
    for k in range(3):
        once.add(cameras[k], values[k])
        again.add(cameras[k], values[k])
        masked.add(cameras[k], values[k], torch.zeros(SIZE))
    assert torch.equal(once.log_odds().nan_to_num(), again.log_odds().nan_to_num())
    assert not bool(masked.seen.any())
