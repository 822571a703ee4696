"""The façade's transforms, where parity with the golden file is not enough."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.compat.pytorch3d.transforms import (
    Rotate,
    RotateAxisAngle,
    Scale,
    Transform3d,
    Translate,
    axis_angle_to_matrix,
    euler_angles_to_matrix,
    matrix_to_axis_angle,
    matrix_to_quaternion,
    quaternion_to_matrix,
    random_rotations,
    so3_log_map,
    so3_rotation_angle,
)

pytestmark = pytest.mark.usefixtures("seeded")


def test_transforms_invert_and_stack():
    chain = Translate(torch.rand(2, 3)).compose(Scale(2.0), Rotate(random_rotations(2))).rotate_axis_angle(20.0, "z")
    points = torch.rand(2, 4, 3)
    assert torch.allclose(chain.inverse().transform_points(chain.transform_points(points)), points, atol=1e-5)
    assert len(chain) == 2
    assert len(chain.stack(Transform3d())) == 3
    assert torch.allclose(chain[1].get_matrix()[0], chain.get_matrix()[1])
    assert chain.clone().to("cpu", dtype=torch.float64).dtype == torch.float64
    assert chain.cpu() is chain


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Transform3d(matrix=torch.eye(3)), "matrix must have shape"),
        (lambda: Rotate(torch.eye(4)), "R must have shape"),
        (lambda: RotateAxisAngle(1.0, "W"), "axis"),
        (lambda: Translate(1.0), "x, y and z are needed"),
        (lambda: Translate(torch.rand(2, 3), 1.0), "y and z to be None"),
        (lambda: Transform3d().transform_points(torch.rand(2, 2)), r"\[P, 3\]"),
        (lambda: Transform3d().compose(torch.eye(4)), "Only possible to compose"),  # type: ignore[arg-type]
        (lambda: Translate(torch.rand(2, 3)).compose(Translate(torch.rand(3, 3))).get_matrix(), "equal or 1"),
        (lambda: euler_angles_to_matrix(torch.rand(3), "XXY"), "Invalid convention"),
        (lambda: euler_angles_to_matrix(torch.rand(2), "XYZ"), "last dimension"),
        (lambda: so3_rotation_angle(3 * torch.eye(3)[None]), "trace"),
    ],
)
def test_what_is_wrong_with_transforms_is_said(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_conversions_are_smooth_at_the_identity_and_right_near_half_turns():
    zero = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(axis_angle_to_matrix, zero)
    axes = torch.nn.functional.normalize(torch.randn(50, 3, dtype=torch.float64), dim=1)
    for angle in (1e-9, 1e-4, 1.0, 3.14, torch.pi - 1e-9):
        vectors = axes * angle
        assert torch.allclose(matrix_to_axis_angle(axis_angle_to_matrix(vectors)), vectors, atol=1e-7)
        assert torch.allclose(so3_log_map(axis_angle_to_matrix(vectors)), vectors, atol=1e-7)
    R = random_rotations(50, dtype=torch.float64)
    assert torch.allclose(quaternion_to_matrix(matrix_to_quaternion(R)), R, atol=1e-12)
