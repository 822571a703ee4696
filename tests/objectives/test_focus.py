"""The objective that shows a part of a scene: numbers known by hand, exact gradients, ways out of hiding."""

from __future__ import annotations

import math

import pytest
import torch

from tvdrnet_nv import FocusOn, Mesh, Orbit, Renderer, optimize, search_focus
from tvdrnet_nv.objectives.clearance import Clearance
from tvdrnet_nv.scenes import sphere, textured_box

SQUARE = 96, 96


def sheet(center, along, up, steps=6):
    """Two triangles a cell; the front is where along × up points."""
    center, along, up = (torch.tensor(x, dtype=torch.float32) for x in (center, along, up))
    side = torch.linspace(-1, 1, steps + 1)
    vertices = center + side[None, :, None] * along + side[:, None, None] * up
    corner = (torch.arange(steps)[:, None] * (steps + 1) + torch.arange(steps)).reshape(-1)
    right, above = corner + 1, corner + steps + 1
    faces = torch.cat([torch.stack([corner, right, above], 1), torch.stack([right, above + 1, above], 1)])
    return vertices.reshape(-1, 3), faces


def scene(*sheets):
    """The mesh, and weights of 1 on the first sheet."""
    vertices, faces, first = [], [], 0
    for points, triangles in sheets:
        vertices.append(points)
        faces.append(triangles + first)
        first += len(points)
    points = torch.cat(vertices)
    weights = (torch.arange(len(points)) < len(sheets[0][0])).float()
    return Mesh(points, torch.cat(faces).int(), torch.full_like(points, 0.5)), weights


POSTER = sheet((0, 0, 0), (1, 0, 0), (0, 1, 0))
FLOOR = sheet((0, -3, 0), (0, 0, 4), (4, 0, 0))


def box(center, half):
    (x, y, z), h = center, half
    return [
        sheet((x, y, z + s * h), (s * h, 0, 0), (0, h, 0)) for s in (1, -1)
    ] + [
        sheet((x + s * h, y, z), (0, 0, -s * h), (0, h, 0)) for s in (1, -1)
    ] + [
        sheet((x, y + s * h, z), (h, 0, 0), (0, 0, -s * h)) for s in (1, -1)
    ]  # fmt: skip


def scores(focus, resolution=SQUARE, **orbit):
    numbers = {"distance": 4.0, "elevation": 0.0, "azimuth": 0.0, "fov": 60.0} | orbit
    return focus.scores(Orbit.create(**numbers).camera(), resolution)


def test_a_poster_seen_from_the_front():
    focus = FocusOn(*scene(POSTER, FLOOR))
    half = 1 / (4 * math.tan(math.radians(30)))  # of the picture's half side that the poster's half side fills
    found = scores(focus).numbers(0)
    assert found["visible"] == pytest.approx(1, abs=1e-3)
    assert found["facing"] == pytest.approx(1, abs=0.02)
    assert found["size"] == pytest.approx(half / 0.9, rel=0.04)  # the box leaves out a hundredth at each side
    assert found["inside"] == 1
    assert found["centred"] == pytest.approx(1, abs=1e-4)
    assert found["cut"] == 0
    shares = (found[name] for name in ("visible", "facing", "size", "inside", "centred"))
    assert found["score"] == pytest.approx(math.prod(shares), abs=1e-3)


def test_what_is_turned_away_is_foreshortened_and_from_behind_it_is_not_seen():
    focus = FocusOn(*scene(POSTER, FLOOR))
    found = scores(focus, azimuth=[0.0, 60.0, 180.0]).facing
    assert float(found[1] / found[0]) == pytest.approx(0.5, abs=0.06)
    assert float(found[2]) == 0.0


def test_a_screen_hides_its_share():
    half = sheet((0.5, 0, 0.01), (0.5, 0, 0), (0, 1.2, 0))
    found = scores(FocusOn(*scene(POSTER, half))).numbers(0)
    assert found["visible"] == pytest.approx(0.5, abs=0.02)
    assert found["occluded"] == pytest.approx(1 - found["visible"])


def test_weights_weigh_what_is_hidden():
    mesh, weights = scene(POSTER, sheet((0.5, 0, 0.01), (0.5, 0, 0), (0, 1.2, 0)))
    hidden_side = weights * torch.where(mesh.vertices[:, 0] > 0, 1.0, 0.25)
    assert float(scores(FocusOn(mesh, hidden_side)).visible) == pytest.approx(0.24, abs=0.06)


@pytest.mark.parametrize(("orbit", "cut", "inside"), [({"distance": 1.0}, 0.6, 0.5), ({"at": (0, -9, 0)}, 0.99, 0.1)])
def test_what_leaves_the_picture_is_cut(orbit, cut, inside):
    found = scores(FocusOn(*scene(POSTER, FLOOR)), **orbit)
    assert float(found.cut) > cut
    assert float(found.inside) < inside


def test_a_wide_picture_has_its_margins_at_its_own_sides():
    focus = FocusOn(*scene(POSTER, FLOOR))
    wide, high = (scores(focus, size, distance=1.7) for size in ((48, 96), (96, 48)))
    assert float(wide.size) == pytest.approx(float(high.size), rel=1e-3)
    assert float(scores(focus, (48, 96), at=(2.5, 0, 0)).cut) < float(scores(focus, (96, 48), at=(2.5, 0, 0)).cut)


def test_behind_the_camera_is_cut_and_its_gradient_finite():
    focus = FocusOn(*scene(POSTER, FLOOR), dtype=torch.float64)
    orbit = Orbit.create([0.3, 4.0], 0.0, 0.0, 60.0, at=[[0, 0, 2.0], [0, 0, -9.0]], dtype=torch.float64)
    azimuth = orbit.azimuth.requires_grad_()
    found = focus.scores(orbit.replace(azimuth=azimuth).camera(), SQUARE)
    assert found.cut[1] == 1
    found.score.sum().backward()
    assert azimuth.grad is not None
    assert bool(azimuth.grad.isfinite().all())


def around(x):
    return Orbit.create(x[0], x[1], x[2], dtype=torch.float64).camera()


def gradient(focus, point, size):
    x = torch.tensor(point, dtype=torch.float64, requires_grad=True)
    focus.scores(around(x), size).score.sum().backward()
    return x.grad


def differences(focus, point, size, steps):
    found = []
    for i, step in enumerate(steps):
        moved = torch.tensor([point, point], dtype=torch.float64)
        moved[0, i] += step
        moved[1, i] -= step
        with torch.no_grad():
            ahead, behind = focus.scores(around(moved.T), size).score
        found.append(float(ahead - behind) / (2 * step))
    return torch.tensor(found, dtype=torch.float64)


@pytest.mark.parametrize("point", [(4.5, 12.0, 20.0), (3.4, 10.0, -5.0), (5.0, 5.0, 35.0)])
def test_gradient_of_a_part_half_hidden_is_that_of_a_supersampled_score(point):
    """Silhouettes of what hides it, of the part itself, foreshortening, size and place: all at once."""
    mesh, weights = scene(POSTER, FLOOR, *box((0.6, -0.2, 1.2), 0.5))
    have = gradient(FocusOn(mesh, weights, dtype=torch.float64), point, (128, 128))
    fine = FocusOn(mesh, weights, size=768, dtype=torch.float64)
    want = differences(fine, point, (768, 768), (0.02, 0.5, 0.5))
    assert 0.4 < float(fine.scores(around(torch.tensor(point)), (768, 768)).visible) < 0.95
    unit = torch.tensor([4.0, 57.0, 57.0], dtype=torch.float64)  # of like influence
    cosine = torch.nn.functional.cosine_similarity(have * unit, want * unit, dim=0)
    assert float(cosine) > 0.97
    assert float((have * unit).norm() / (want * unit).norm()) == pytest.approx(1, abs=0.12)


HIDDEN = (5.0, 3.0, 8.0)


def test_a_part_behind_a_box_still_has_a_gradient():
    mesh, weights = scene(POSTER, FLOOR, *box((0.0, 0.0, 2.5), 1.1))
    focus = FocusOn(mesh, weights, dtype=torch.float64)
    assert float(focus.scores(around(torch.tensor(HIDDEN)), SQUARE).visible) == 0.0
    have = gradient(focus, HIDDEN, SQUARE)
    want = differences(focus, HIDDEN, SQUARE, (1e-4, 1e-3, 1e-3))
    # The outline is drawn, so its part of the differences is as coarse as pixels are.
    torch.testing.assert_close(have, want, rtol=0.15, atol=2e-4)
    assert float(have.abs()[1:].max()) > 1e-4


def test_descent_alone_brings_a_hidden_part_to_light():
    mesh, weights = scene(POSTER, FLOOR, *box((0.0, 0.0, 2.5), 1.1))
    focus = FocusOn(mesh, weights, size=64)
    result = optimize(Renderer(mesh, SQUARE), Orbit.create(*HIDDEN), focus, iterations=60, learning_rate=3.0)
    found = focus.scores(result.best.camera(), SQUARE)
    assert float(found.visible) > 0.9
    assert float(found.score) > 0.5


def test_clearance_knows_what_stands_between():
    screen, _ = scene(sheet((0, 0, 2), (1, 0, 0), (0, 1, 0)))
    clearance = Clearance(screen, torch.zeros(1, 3), torch.tensor([[0, 0, 1.0]]), lift=0.01, reach=100.0)
    eyes = torch.tensor([[0, 0, 4.0], [0.3, -0.2, 1.5], [3.0, 0, 3.0], [0, 0, -5.0], [0, 2.5, 2.5]])
    assert clearance.sees(eyes)[:, 0].tolist() == [False, True, True, True, True]
    openness = clearance.openness(eyes)[:, 0]
    assert float(openness[0]) < 0.55 < float(openness[1:].min())
    # Sideways it is brighter.
    assert float(clearance.openness(torch.tensor([[0.5, 0, 4.0]]))) > float(openness[0])


def test_the_render_that_is_judged_is_not_drawn():
    mesh, weights = scene(POSTER, FLOOR)
    render = Renderer(mesh, 64)(Orbit.create(4.0, 10.0, 20.0).camera())
    loss = FocusOn(mesh, weights)(render)
    assert loss.shape == (1,)
    assert "_drawn" not in vars(render)
    torch.testing.assert_close(render.alpha.shape, torch.Size([1, 64, 64, 1]))


def test_search_finds_the_side_from_which_it_is_seen():
    """A poster between two walls, open to the front only, and a screen before it that leaves a way from above."""
    walls = [sheet((s * 1.6, 0, 1), (0, 0, -s * 2), (0, 3, 0)) for s in (1, -1)]
    mesh, weights = scene(
        POSTER, sheet((0, 0, -0.5), (4, 0, 0), (0, 4, 0)), sheet((0, 0, 2), (1.2, 0, 0), (0, 1.2, 0)), *walls
    )
    focus = FocusOn(mesh, weights, size=32)
    start = Orbit.create(5.0, 0.0, 180.0)
    begin = search_focus(focus, start, 3, resolution=SQUARE)
    found = focus.scores(begin.camera(), SQUARE)
    assert bool((found.score.diff() <= 0).all())
    assert float(found.visible[0]) > 0.8
    grid = torch.cartesian_prod(torch.arange(-75, 76, 15.0), torch.arange(0, 360, 15.0), torch.tensor([1.2, 2, 3, 4.5]))
    with torch.no_grad():
        every = focus.scores(Orbit.create(grid[:, 2], grid[:, 0], grid[:, 1]).camera(), SQUARE).score
    assert float(found.score[0]) > 0.85 * float(every.max())
    drawn = search_focus(focus, start, 3, resolution=SQUARE, steps=0)
    assert float(found.score[0]) > float(focus.scores(drawn.camera(), SQUARE).score[0])
    assert bool(((drawn.azimuth >= 0) & (drawn.azimuth < 360)).all())  # the start's is 180
    axes = drawn.camera().R[:, :, 2]
    assert float((axes @ axes.T).fill_diagonal_(-1).max()) < math.cos(math.radians(12))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w[:-1], "weights must have shape"),
        (lambda w: w * 2, "must lie in 0..1"),
        (lambda w: w * float("nan"), "must lie in 0..1"),
        (lambda w: w * 0, "nothing to look at"),
    ],
)
def test_weights_that_say_nothing_are_refused(change, message):
    mesh, weights = scene(POSTER, FLOOR)
    with pytest.raises(ValueError, match=message):
        FocusOn(mesh, change(weights))


def test_a_part_without_area_is_refused():
    mesh = Mesh(
        torch.zeros(4, 3) + torch.eye(4)[:, :3],
        torch.tensor([[0, 1, 2], [3, 3, 3]], dtype=torch.int32),
        torch.ones(4, 3),
    )
    with pytest.raises(ValueError, match="zero area"):
        FocusOn(mesh, torch.tensor([0, 0, 0, 1.0]))


@pytest.mark.parametrize("options", [{"margin": 0.0}, {"margin": 1.0}, {"size": 0}])
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        FocusOn(*scene(POSTER), **options)


def test_where_nothing_else_is_there_nothing_hides_it():
    found = scores(FocusOn(*scene(POSTER)))
    assert float(found.visible) == pytest.approx(1)
    assert float(found.openness) == pytest.approx(1)


def closed_room() -> Mesh:
    """A box whose faces look inwards."""
    box = textured_box(6)
    return Mesh(box.vertices, box.faces.flip(1), box.colors)


def everything(mesh: Mesh) -> FocusOn:
    return FocusOn(mesh, torch.ones(mesh.num_vertices), size=48)


def test_of_a_whole_scene_the_backs_hide() -> None:
    room = everything(closed_room())
    assert float(scores(room, distance=5.0).visible) == 0
    inside = room.scores(Orbit.create(0.7, 10.0, 80.0).camera(), SQUARE)
    assert float(inside.visible) == 1
    assert float(inside.score) > 5 * float(scores(room, distance=5.0).score) > 0
    assert float(scores(everything(textured_box(6)), distance=5.0).visible) == 1


def test_backs_hide_nothing_where_the_vertices_order_means_nothing() -> None:
    box = closed_room()
    chosen = torch.rand(box.num_faces, generator=torch.Generator().manual_seed(0)) < 0.5
    mixed = Mesh(box.vertices, torch.where(chosen[:, None], box.faces.flip(1), box.faces), box.colors)
    assert float(scores(everything(mixed), distance=5.0).visible) == 1


def test_a_closed_object_is_turned_neither_way_from_nearby() -> None:
    """Its front and its back have the same solid angle from anywhere outside."""
    ball = everything(sphere(3))
    assert float(scores(ball, distance=40.0, fov=3.5).facing) == pytest.approx(1, abs=0.05)
    assert float(scores(ball, distance=2.2).facing) > 0.4  # the cap that is seen is smaller, and no less its front


def test_a_closed_room_is_searched_from_inside() -> None:
    mesh = closed_room()
    room = everything(mesh)
    found = search_focus(room, Orbit.create(4.0, 30.0, 45.0), 2, resolution=(48, 48))
    assert bool((found.camera().position.abs() < torch.tensor([1.0, 0.7, 0.5])).all())
    assert float(room.scores(found.camera(), (48, 48)).visible.min()) == 1
    # An object of the same shape, from outside.
    outside = search_focus(everything(textured_box(6)), Orbit.create(4.0, 30.0, 45.0), 1, resolution=(48, 48))
    assert float(outside.distance) > 1.5


@pytest.mark.parametrize("far", [1e3, 1e5, 1e7])
def test_a_scene_smaller_than_a_pixel_of_its_own_bounds_has_scores(far):
    """One vertex far from all others: what is drawn is a point, from which antialiasing takes more than there is."""
    box = textured_box(8)
    vertices = torch.cat([box.vertices, torch.full((1, 3), far)])
    mesh = Mesh(
        vertices, torch.cat([box.faces, torch.tensor([[0, 1, len(vertices) - 1]], dtype=torch.int32)]), vertices * 0
    )
    focus = FocusOn(mesh, torch.ones(len(vertices)))
    around = Orbit.create(2.5 * mesh.radius, 30.0, [0.0, 45.0, 130.0, 250.0], at=tuple(mesh.center.tolist()))
    found = focus.scores(around.camera(), SQUARE)
    for values in (found.score, found.visible, found.facing, found.size):
        assert bool(((values >= 0) & (values <= 1)).all()), values
