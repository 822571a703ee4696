"""Clip space: right is right, up is up, near and far, known pixels, and what Camera refuses."""

from __future__ import annotations

import functools
import math

import pytest
import torch

from tvdrnet_nv.camera import Camera, Orbit, focal_from_fov, fov_from_focal
from tvdrnet_nv.camera.perspective import perspective
from tvdrnet_nv.camera.project import _products, transform_points

F64 = torch.float64
NEAR, FAR = 0.5, 20.0
SIZES = [(400, 400), (240, 320), (500, 300)]  # (H, W): square, landscape, portrait


def camera_at(seed=0, size=3, dtype=F64):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=dtype)

    camera = Camera.from_look_at(4 * draw(size, 3), draw(size, 3), draw(size, 3))
    return Camera(camera.R, camera.T, 1.5 + 0.3 * draw(size, 2).tanh(), 0.2 * draw(size, 2))


def pixels(clip, image_size):
    """Pixel (column, row) from clip space, row 0 at the top, the first pixel's centre at (0.5, 0.5)."""
    height, width = image_size
    ndc = clip[..., :2] / clip[..., 3:]
    return torch.stack([(ndc[..., 0] + 1) * width / 2, (1 - ndc[..., 1]) * height / 2], -1)


def test_right_is_right_and_up_is_up():
    # The camera stands on +z and looks along −z: the world's +x is to its right.
    camera = Orbit.create(5.0, 0.0, 0.0, dtype=F64).camera()
    clip = camera.to_clip(torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=F64), 1.0, 1.0, 10.0)[0]
    assert clip[0, 0] > 0.1
    assert clip[1, 1] > 0.1
    torch.testing.assert_close(clip[[0, 1], [1, 0]], torch.zeros(2, dtype=F64), atol=1e-12, rtol=0)
    # Its view frame says the same: OpenGL +x right, PyTorch3D +x left.
    view = camera.view_matrix()[0] @ torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=F64)
    torch.testing.assert_close(view, torch.tensor([1.0, 0.0, -5.0, 1.0], dtype=F64), atol=1e-12, rtol=0)
    pytorch3d = torch.tensor([1.0, 0.0, 0.0], dtype=F64) @ camera.R[0] + camera.T[0]
    torch.testing.assert_close(pytorch3d, torch.tensor([-1.0, 0.0, 5.0], dtype=F64), atol=1e-12, rtol=0)


def test_near_and_far_map_to_minus_and_plus_one():
    camera = Orbit.create(0.5, 0.0, 0.0, dtype=F64).camera()
    points = torch.tensor([[0.3, 0.1, 0.5 - 2.0], [0.3, 0.1, 0.5 - 30.0]], dtype=F64)
    clip = camera.to_clip(points, 1.7, 2.0, 30.0)[0]
    torch.testing.assert_close(clip[:, 3], torch.tensor([2.0, 30.0], dtype=F64))
    torch.testing.assert_close(clip[:, 2] / clip[:, 3], torch.tensor([-1.0, 1.0], dtype=F64))


@pytest.mark.parametrize("image_size", SIZES)
def test_fov_spans_the_shorter_side(image_size):
    height, width = image_size
    camera = Orbit.create(3.0, 0.0, 0.0, fov=50.0, dtype=F64).camera()
    edge = 3.0 * math.tan(math.radians(25.0))
    points = torch.tensor([[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, 0.0]], dtype=F64)
    got = pixels(camera.to_clip(points, width / height, 1.0, 10.0), image_size)[0]
    half = min(height, width) / 2
    expected = [[width / 2 + half, height / 2], [width / 2, height / 2 - half], [width / 2, height / 2]]
    torch.testing.assert_close(got, torch.tensor(expected, dtype=F64), atol=1e-10, rtol=0)


@pytest.mark.parametrize("image_size", SIZES)
def test_principal_point_is_left_and_up_in_half_shorter_sides(image_size):
    height, width = image_size
    camera = Camera.from_look_at((0.0, 0.0, 3.0))
    shifted = Camera(camera.R, camera.T, camera.focal, torch.tensor([[0.25, 0.5]]))
    got = pixels(shifted.to_clip(torch.zeros(1, 3), width / height, 1.0, 10.0), image_size)[0, 0]
    half = min(height, width) / 2
    torch.testing.assert_close(got, torch.tensor([width / 2 - 0.25 * half, height / 2 - 0.5 * half]))


@pytest.mark.parametrize("aspect", [1.0, 16 / 9, 0.6])
def test_clip_matrix_is_projection_times_view(aspect):
    camera = camera_at()
    product = camera.projection_matrix(aspect, NEAR, FAR) @ camera.view_matrix()
    assert product.shape == camera.clip_matrix(aspect, NEAR, FAR).shape == (3, 4, 4)
    torch.testing.assert_close(camera.clip_matrix(aspect, NEAR, FAR), product, atol=1e-12, rtol=1e-12)
    opengl = camera.to_opengl(aspect, NEAR, FAR)
    torch.testing.assert_close(opengl.projection @ opengl.view, product)


def test_perspective_is_opengls_frustum():
    # glFrustum(l, r, b, t, n, f), with the edges of an off-centre image of aspect 2 at the near plane.
    near, far, aspect, (fx, fy), (px, py) = 0.5, 8.0, 2.0, (1.2, 1.4), (0.1, -0.3)
    left, right = near * (-aspect + px) / fx, near * (aspect + px) / fx
    bottom, top = near * (-1.0 - py) / fy, near * (1.0 - py) / fy
    expected = [
        [2 * near / (right - left), 0, (right + left) / (right - left), 0],
        [0, 2 * near / (top - bottom), (top + bottom) / (top - bottom), 0],
        [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
        [0, 0, -1, 0],
    ]
    got = perspective(torch.tensor([[fx, fy]], dtype=F64), torch.tensor([[px, py]], dtype=F64), aspect, near, far)
    torch.testing.assert_close(got, torch.tensor([expected], dtype=F64))


def test_fov_and_focal_invert_each_other():
    fov = torch.tensor([1.0, 60.0, 90.0, 179.0], dtype=F64)
    torch.testing.assert_close(fov_from_focal(focal_from_fov(fov)), fov, rtol=1e-13, atol=0)
    assert focal_from_fov(torch.tensor(90.0, dtype=F64)).item() == pytest.approx(1.0)


def test_to_clip_broadcasts():
    camera = camera_at()
    shared = torch.randn(7, 3, generator=torch.Generator().manual_seed(1), dtype=F64)
    clip = camera.to_clip(shared, 1.5, NEAR, FAR)
    assert clip.shape == (3, 7, 4)
    torch.testing.assert_close(camera.to_clip(shared.expand(3, 7, 3), 1.5, NEAR, FAR), clip)
    torch.testing.assert_close(camera.to_clip(shared[None], 1.5, NEAR, FAR), clip)
    torch.testing.assert_close(camera[1].to_clip(shared, 1.5, NEAR, FAR), clip[1:2])
    assert camera[0].to_clip(shared.expand(2, 7, 3), 1.5, NEAR, FAR).shape == (2, 7, 4)
    homogeneous = torch.cat([shared, torch.ones(7, 1, dtype=F64)], -1)
    torch.testing.assert_close(camera.to_clip(homogeneous, 1.5, NEAR, FAR), clip)


def test_both_ways_to_multiply_agree():
    generator = torch.Generator().manual_seed(2)
    matrix = torch.randn(3, 4, 4, generator=generator, dtype=F64)
    for shape in ((7, 4), (1, 7, 4), (3, 7, 4)):
        points = torch.randn(*shape, generator=generator, dtype=F64)
        assert _products(matrix, points).shape == (3, 7, 4)
        torch.testing.assert_close(_products(matrix, points), transform_points(matrix, points))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_full_precision_on_cuda_with_tf32_allowed(request):
    request.addfinalizer(functools.partial(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision()))
    torch.set_float32_matmul_precision("high")
    camera = camera_at()
    points = torch.randn(2000, 3, generator=torch.Generator().manual_seed(3), dtype=F64)
    expected = camera.to_clip(points, 1.5, NEAR, FAR)
    got = camera.to(torch.float32).to("cuda").to_clip(points.float().cuda(), 1.5, NEAR, FAR)
    torch.testing.assert_close(got.cpu().double(), expected, atol=2e-5, rtol=1e-5)


def test_float32_is_float64_rounded():
    points = torch.randn(50, 3, generator=torch.Generator().manual_seed(4), dtype=F64)
    camera = camera_at()
    single = camera.to(torch.float32)
    assert single.dtype == torch.float32
    clip = single.to_clip(points.float(), 1.5, NEAR, FAR)
    assert clip.dtype == torch.float32
    torch.testing.assert_close(clip.double(), camera.to_clip(points, 1.5, NEAR, FAR), atol=1e-4, rtol=1e-5)


def test_shapes_and_properties():
    camera = camera_at()
    assert len(camera) == 3
    assert camera.position.shape == (3, 3)
    assert camera.fov.shape == (3,)
    assert camera.view_matrix().shape == camera.projection_matrix(1.0, NEAR, FAR).shape == (3, 4, 4)
    torch.testing.assert_close(camera.fov, fov_from_focal(camera.focal[:, 1]))
    assert [len(c) for c in camera] == [1, 1, 1]
    assert camera[-1].T.tolist() == camera.T[2:].tolist()
    centred = Camera(camera.R, camera.T, camera.focal)
    assert centred.principal.shape == (3, 2)
    assert centred.principal.dtype == F64
    assert not bool(centred.principal.any())
    eye = torch.tensor([[1.0, 2.0, 3.0]])
    torch.testing.assert_close(Camera.from_look_at(eye).position, eye)
    with pytest.raises(IndexError, match="out of range"):
        camera[3]


@pytest.mark.parametrize(
    ("near", "far", "message"),
    [
        (0.0, 1.0, "near must be positive and finite, got 0.0"),
        (-1.0, 1.0, "near must be positive and finite, got -1.0"),
        (float("nan"), 1.0, "near must be positive and finite, got nan"),
        (1.0, 1.0, r"far must be finite and greater than near \(1.0\), got 1.0"),
        (1.0, float("inf"), "far must be finite .* got inf"),
    ],
)
def test_clip_planes_are_checked(near, far, message):
    with pytest.raises(ValueError, match=message):
        Orbit.create(1.0, 0.0, 0.0).camera().clip_matrix(1.0, near, far)
    with pytest.raises(ValueError, match=message):
        perspective(torch.ones(1, 2), torch.zeros(1, 2), 1.0, near, far)


def test_errors_name_the_argument_and_the_value():
    camera = camera_at()
    with pytest.raises(TypeError, match="near must be a float, got Tensor"):
        camera.clip_matrix(1.0, torch.tensor(1.0), 2.0)
    with pytest.raises(ValueError, match=r"Camera.R must have shape \[B, 3, 3\], got \[3, 3\]"):
        Camera(camera.R[0], camera.T, camera.focal)
    with pytest.raises(ValueError, match=r"Camera.T holds 2 cameras, but Camera.R holds 3"):
        Camera(camera.R, camera.T[:2], camera.focal)
    with pytest.raises(TypeError, match=r"Camera.focal is torch.float32, but Camera.R is torch.float64"):
        Camera(camera.R, camera.T, camera.focal.float())
    with pytest.raises(TypeError, match=r"Camera.R must be float32 or float64, got torch.int64"):
        Camera(camera.R.long(), camera.T, camera.focal)
    with pytest.raises(TypeError, match=r"Camera.T must be a tensor, got list"):
        Camera(camera.R, [0.0, 0.0, 0.0], camera.focal)
    with pytest.raises(ValueError, match="fov must be between 0 and 180 degrees, got 200"):
        Camera.from_look_at((1.0, 0.0, 0.0), fov=200.0)
    for aspect in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=f"aspect .* got {aspect}"):
            camera.clip_matrix(aspect, NEAR, FAR)
    with pytest.raises(TypeError, match=r"points must be torch.float64 as the camera, got torch.float32"):
        camera.to_clip(torch.zeros(5, 3), 1.0, NEAR, FAR)
    for shape in ((5, 2), (3,), (2, 5, 3), (1, 1, 5, 3)):
        with pytest.raises(ValueError, match=r"points must be \[V, 3\] or \[3, V, 3\]"):
            camera.to_clip(torch.zeros(*shape, dtype=F64), 1.0, NEAR, FAR)
