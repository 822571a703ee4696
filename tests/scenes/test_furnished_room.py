"""The room made by code: size, seeds, labels, and what makes it like a scan."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import Room, make_room, room


@pytest.fixture(scope="module")
def example() -> Room:
    return make_room(30_000, seed=0)


def areas(mesh: Mesh) -> torch.Tensor:
    a, b, c = mesh.vertices[mesh.faces.long()].unbind(1)
    return torch.linalg.cross(b - a, c - a).norm(dim=1) / 2


def aspect(mesh: Mesh) -> torch.Tensor:
    """[F] longest edge over the height on it: 1.15 for an equilateral triangle."""
    corners = mesh.vertices[mesh.faces.long()]
    longest = (corners - corners.roll(1, dims=1)).norm(dim=2).amax(1)
    return longest**2 / (2 * areas(mesh)).clamp_min(1e-12)


@pytest.mark.parametrize("triangles", [5000, 12_345, 200_000])
def test_the_number_of_triangles_is_met(triangles: int) -> None:
    assert room(triangles).num_faces == triangles


def test_too_few_triangles_are_refused() -> None:
    with pytest.raises(ValueError, match="triangles=4999"):
        room(4999)


def test_same_seed_same_room_other_seed_another(example: Room) -> None:
    again, other = make_room(30_000, seed=0), make_room(30_000, seed=1)
    assert torch.equal(again.mesh.vertices, example.mesh.vertices)
    assert torch.equal(again.mesh.faces, example.mesh.faces)
    assert torch.equal(again.mesh.colors, example.mesh.colors)
    assert other.mesh.vertices.shape != example.mesh.vertices.shape or not torch.equal(
        other.mesh.vertices, example.mesh.vertices
    )
    assert other.names != example.names or not torch.equal(other.mesh.center, example.mesh.center)


def test_the_layout_does_not_depend_on_the_number_of_triangles(example: Room) -> None:
    coarse = make_room(6000, seed=0)
    assert coarse.names == example.names
    for name in ("dining_table_0", "sofa_0", "shelf_0"):
        label = example.names.index(name)
        means = [r.mesh.vertices[r.labels == label].mean(0) for r in (coarse, example)]
        torch.testing.assert_close(means[0], means[1], atol=0.15, rtol=0)


FURNITURE = ("sofa", "dining_table", "desk", "sideboard", "shelf", "plant", "floor_lamp", "coffee_table")


def bounds_of(r: Room, kind: str) -> torch.Tensor:
    """[2, 3]: where the things of a kind begin and end, from the room's corner, metres."""
    mine = torch.tensor([name.rsplit("_", 1)[0] == kind for name in r.names])[r.labels.long()]
    points = r.mesh.vertices[mine] - r.mesh.bounds[0]
    return torch.stack([points.amin(0), points.amax(0)])


def test_shuffled_rooms_have_the_same_things_in_other_places() -> None:
    rooms = [make_room(6000, seed, shuffled=True) for seed in range(5)]
    again = make_room(6000, 0, shuffled=True)
    assert torch.equal(again.mesh.vertices, rooms[0].mesh.vertices)
    assert again.names == rooms[0].names
    for kind in FURNITURE:
        centers = torch.stack([bounds_of(r, kind).mean(0) for r in rooms])
        assert centers[:, :2].std(0).max() > 0.5, kind  # in its usual places they move by centimetres
    for r in rooms:
        size = r.mesh.bounds[1] - r.mesh.bounds[0]
        for kind in FURNITURE:
            low, high = bounds_of(r, kind)
            assert (low > -0.1).all(), kind
            assert (high < size + 0.1).all(), kind
        for kind in ("sofa", "desk", "sideboard", "shelf"):
            low, high = bounds_of(r, kind)
            assert float(torch.cat([low[:2], (size - high)[:2]]).min()) < 0.2, f"{kind} stands against no wall"


def test_shuffled_furniture_does_not_overlap() -> None:
    for seed in range(5):
        r = make_room(6000, seed, shuffled=True)
        boxes = {kind: bounds_of(r, kind)[:, :2] for kind in FURNITURE if kind != "coffee_table"}
        for one, a in boxes.items():
            for other, b in boxes.items():
                if one < other:
                    shared = torch.minimum(a[1], b[1]) - torch.maximum(a[0], b[0])
                    assert float(shared.min()) < 0.05, f"{one} and {other} in room {seed}"


def test_extents_up_and_place(example: Room) -> None:
    low, high = example.mesh.bounds
    size = high - low
    assert 5.7 < size[0] < 6.4
    assert 4.7 < size[1] < 5.4
    assert 2.4 < size[2] < 2.75
    assert example.mesh.center[:2].norm() > 3  # off-centre: an orbit of the origin must miss it
    floor = example.mesh.vertices[example.labels == example.names.index("floor_0")]
    assert floor[:, 2].max() < low[2] + 0.05


def test_every_vertex_is_used_and_labelled(example: Room) -> None:
    assert example.labels.dtype == torch.int32
    assert example.labels.shape == (example.mesh.num_vertices,)
    assert len(set(example.names)) == len(example.names)
    assert set(example.labels.tolist()) == set(range(len(example.names)))
    used = torch.zeros(example.mesh.num_vertices, dtype=torch.bool)
    used[example.mesh.faces.long()] = True
    assert used.all()
    # A face belongs to one object.
    corner_labels = example.labels[example.mesh.faces.long()]
    assert (corner_labels == corner_labels[:, :1]).all()


def test_it_holds_what_a_room_holds(example: Room) -> None:
    kinds = {name.rsplit("_", 1)[0] for name in example.names}
    assert {"floor", "wall", "dining_table", "chair", "sofa", "shelf", "books", "desk", "plant", "window"} <= kinds


def test_colours_are_varied_and_in_range(example: Room) -> None:
    colors = example.mesh.colors
    assert colors.min() >= 0
    assert colors.max() <= 1
    assert 0.25 < colors.mean() < 0.7
    assert colors.std() > 0.12
    assert (colors.amax(1) - colors.amin(1)).mean() > 0.05  # it is no grey room


def test_corners_are_darker_than_the_open_floor() -> None:
    r = make_room(100_000)
    on_floor = r.labels == r.names.index("floor_0")
    points, brightness = r.mesh.vertices[on_floor], r.mesh.colors[on_floor].mean(1)
    low, high = r.mesh.bounds
    edge = torch.minimum(points - low, high - points)[:, :2].amin(1)
    # East of the rug, where the floor is bare wood.
    bare = points[:, 0] > low[0] + 3
    assert brightness[bare & (edge < 0.06)].mean() < 0.8 * brightness[bare & (edge > 0.8)].mean()


def test_slivers_as_scans_have(example: Room) -> None:
    share = (aspect(example.mesh) > 15).float().mean()
    assert 0.002 < share < 0.05
    assert (areas(example.mesh) > 0).all()


def test_holes_and_noise_in_the_floor(example: Room) -> None:
    label = example.names.index("floor_0")
    faces = example.mesh.faces[(example.labels[example.mesh.faces.long()] == label).all(1)]
    floor = Mesh(example.mesh.vertices, faces, example.mesh.colors)
    low, high = floor.bounds
    missing = 1 - areas(floor).sum() / ((high - low)[0] * (high - low)[1])
    assert 0.002 < missing < 0.2
    heights = example.mesh.vertices[example.labels == label, 2]
    assert 0.0005 < heights.std() < 0.01


def test_the_surface_faces_inwards(example: Room) -> None:
    for i in range(4):
        wall = example.labels == example.names.index(f"wall_{i}")
        normal = example.mesh.vertex_normals[wall].mean(0)
        towards_center = example.mesh.center - example.mesh.vertices[wall].mean(0)
        assert torch.dot(normal[:2], towards_center[:2]) > 0.8 * towards_center[:2].norm()
    floor = example.labels == example.names.index("floor_0")
    assert example.mesh.vertex_normals[floor][:, 2].mean() > 0.9
