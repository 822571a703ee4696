"""What a view sees is what the renderer draws; areas, weights and borders by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from tests.lifting.scenes import SIZE, around, box_on_floor, square
from tvdrnet_nv import Camera, Mesh, Renderer
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import PixelWeights, Visibility
from tvdrnet_nv.lifting.borders import depth_borders

PLAIN = PixelWeights(angle=0, coverage=False, border=0)


def facing(distance: float, degrees: float = 0.0) -> Camera:
    """A camera that looks at the origin from +z, turned about the y axis."""
    turn = math.radians(degrees)
    return Camera.from_look_at((distance * math.sin(turn), 0.0, distance * math.cos(turn)), fov=60.0)


@pytest.mark.parametrize("offset", [0.0, 5000.0])
def test_pixels_show_the_faces_that_the_renderer_draws(offset: float) -> None:
    mesh, _ = box_on_floor()
    mesh = replace(mesh, vertices=mesh.vertices + offset)
    cameras = around(3)
    cameras = cameras.replace(T=cameras.T - offset * cameras.R.sum(1))
    visibility, renderer = Visibility(mesh), Renderer(mesh, SIZE)
    for k in range(3):
        pixels = visibility(cameras[k], SIZE)
        drawn = renderer(cameras[k]).face_ids[0].flatten().long()
        assert torch.equal(pixels.pixel, (drawn >= 0).nonzero()[:, 0])
        assert torch.equal(pixels.face, drawn[pixels.pixel])
        assert torch.equal(pixels.vertex, mesh.faces[pixels.face].long().gather(1, pixels.corner[:, None])[:, 0])


def test_a_pixel_belongs_to_the_nearest_vertex_of_a_regular_face() -> None:
    mesh = square(cells=1)
    pixels = Visibility(mesh)(facing(3.0), (64, 64))
    row, column = pixels.pixel // 64, pixels.pixel % 64
    middle = ((row - 31.5).abs() > 5) & ((column - 31.5).abs() > 5) & ((row - column).abs() > 2)
    corners = mesh.vertices[pixels.vertex]
    assert bool(((corners[:, 0] > 0) == (column > 31))[middle & (pixels.corner != 1)].all())
    assert set(pixels.vertex.tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize("degrees", [0.0, 50.0, 75.0])
def test_pixels_areas_add_up_to_the_surface(degrees: float) -> None:
    """By a formula that knows nothing of pixels: the square's own area."""
    pixels = Visibility(square(), PLAIN)(facing(6.0, degrees), (480, 640))
    assert float(pixels.area.sum()) == pytest.approx(4.0, rel=0.03)


def test_weights_are_powers_of_cosine_distance_and_area() -> None:
    mesh, camera = square(), facing(4.0, 30.0)
    points = square(cells=400).vertices

    def weights(**powers: float) -> torch.Tensor:
        return Visibility(mesh, replace(PLAIN, **powers))(camera, (33, 33)).weight

    assert weights().tolist() == [1.0] * len(weights())
    pixels = Visibility(mesh, replace(PLAIN, angle=1))(camera, (33, 33))
    center = int((pixels.pixel == 16 * 33 + 16).nonzero())
    assert float(pixels.weight[center]) == pytest.approx(math.cos(math.radians(30)), abs=1e-4)
    assert float(weights(angle=2)[center]) == pytest.approx(0.75, abs=1e-4)
    assert float(weights(distance=1)[center]) == pytest.approx(mesh.radius / 4, rel=1e-4)
    eye = camera.position[0]
    lengths = (points - eye).norm(dim=1) / mesh.radius
    assert float(weights(distance=-2).sqrt().max()) == pytest.approx(float(lengths.max()), rel=0.05)
    # A pixel at the centre shows (4 tan 30° / 16.5)² of a plane that faces it, and 1 / cos 30° times that here.
    shown = (4 * math.tan(math.radians(30)) / 16.5) ** 2 / math.cos(math.radians(30))
    assert float(weights(area=1)[center]) == pytest.approx(shown / (4 / 128), rel=1e-3)


def test_coverage_is_the_share_of_the_pixel_that_the_surface_covers() -> None:
    """A square's edge lies 5.3 pixels from the middle: 0.8 of the pixels whose centres are at 5 is covered."""
    half = 5.3 * (2 / 33) * 4 * math.tan(math.radians(30))
    pixels = Visibility(square(2 * half), replace(PLAIN, coverage=True))(facing(4.0), (33, 33))
    weight = torch.zeros(33 * 33).index_copy_(0, pixels.pixel, pixels.weight).view(33, 33)
    row = weight[13]  # the middle row runs along edges of faces
    assert row.nonzero()[:, 0].tolist() == list(range(11, 22))
    assert row[[11, 21]].tolist() == pytest.approx([0.8, 0.8], abs=0.01)
    assert row[12:21].tolist() == [1.0] * 9


def test_borders_are_where_depth_jumps_and_not_on_slanted_surfaces() -> None:
    front, back = square(1.0), square(8.0)
    vertices = torch.cat([front.vertices + torch.tensor([0, 0, 1.0]), back.vertices])
    mesh = Mesh(vertices, torch.cat([front.faces, back.faces + front.num_vertices]), torch.ones(len(vertices), 3))
    pixels = Visibility(mesh, replace(PLAIN, border=1, border_weight=0.25))(facing(4.0), (65, 65))
    weight = torch.ones(65 * 65).index_copy_(0, pixels.pixel, pixels.weight).view(65, 65)
    in_front = torch.zeros(65 * 65).index_copy_(0, pixels.pixel, (pixels.face < front.num_faces).float()).view(65, 65)
    changes = torch.zeros(65, 65, dtype=torch.bool)
    across, below = in_front[:, 1:] != in_front[:, :-1], in_front[1:] != in_front[:-1]
    changes[:, 1:] |= across
    changes[:, :-1] |= across
    changes[1:] |= below
    changes[:-1] |= below
    assert torch.equal(weight == 0.25, changes)
    for degrees in (60.0, 75.0, 82.0):
        slanted = Visibility(square(), replace(PLAIN, border=1, border_weight=0))(facing(2.5, degrees), (65, 65))
        picture = torch.zeros(65 * 65).index_copy_(0, slanted.pixel, torch.ones(len(slanted.pixel))).view(1, 1, 65, 65)
        inner = -torch.nn.functional.max_pool2d(-picture, 3, 1, 1)
        assert float(slanted.weight[inner.flatten()[slanted.pixel] > 0].min()) == 1


def test_a_wider_border_is_so_many_pixels_wide() -> None:
    inverse = torch.tensor([1.0] * 6 + [0.5] * 6)
    marked = depth_borders((1, 12), torch.arange(12), inverse, (torch.zeros(12), torch.zeros(12)), 3)
    assert marked.nonzero()[:, 0].tolist() == [3, 4, 5, 6, 7, 8]
    assert not bool(depth_borders((1, 6), torch.arange(6), torch.ones(6), (torch.zeros(6), torch.zeros(6)), 3).any())


def test_bad_arguments_are_one_line() -> None:
    with pytest.raises(InputError, match="camera: 2 cameras; evidence is added one view at a time"):
        Visibility(square())(around(2), SIZE)
    for wrong in ({"angle": 9.0}, {"border": -1}, {"border_weight": 2.0}, {"area": float("nan")}):
        with pytest.raises(InputError, match=f"PixelWeights: {next(iter(wrong))}="):
            PixelWeights(**wrong)
