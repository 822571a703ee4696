"""Instances that views agree on."""

from __future__ import annotations

import pytest
import torch

from tests.lifting.scenes import SIZE, around, iou, join, patch, seen_masks, square
from tests.lifting.scenes import axis as a
from tests.lifting.test_visibility import facing
from tvdrnet_nv import Mesh
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import merge_instances


def boxes() -> tuple[Mesh, torch.Tensor]:
    """A floor, 0, with three boxes, 1 to 3, on it; and int64 [V]."""
    parts = [patch((-2, -2, 0), a(4, 0, 0), a(0, 4, 0), 40)]
    for x, y in ((-1.2, -0.8), (0.9, -0.9), (0.0, 1.0)):
        low = (x, y, 0.01)
        parts += [
            patch(low, a(0.6, 0, 0), a(0, 0, 0.6), 8),
            patch(low, a(0, 0, 0.6), a(0, 0.6, 0), 8),
            patch((x + 0.6, y + 0.6, 0.01), a(-0.6, 0, 0), a(0, 0, 0.6), 8),
            patch((x + 0.6, y + 0.6, 0.01), a(0, 0, 0.6), a(0, -0.6, 0), 8),
            patch((x, y, 0.61), a(0.6, 0, 0), a(0, 0.6, 0), 8),
        ]
    mesh, owner = join(parts)
    return mesh, (owner + 4) // 5


def renumbered(pictures: list[torch.Tensor]) -> list[torch.Tensor]:
    """Numbers that mean nothing from view to view; the floor has none."""
    found = []
    for k, picture in enumerate(pictures):
        order = torch.randperm(3, generator=torch.Generator().manual_seed(k)) + 10 * k
        found.append(torch.where(picture > 0, order[(picture - 1).clamp_min(0)], -1))
    return found


def test_masks_of_six_views_become_three_boxes() -> None:
    mesh, box = boxes()
    cameras = around(6)
    pictures = renumbered(seen_masks(mesh, cameras, box))
    instances = merge_instances(mesh, cameras, pictures)
    assert len(instances.masks) == 3
    assert [len(masks) for masks in instances.masks] == [6, 6, 6]
    assert float(instances.share.min()) > 0.99
    for number in (1, 2, 3):
        own = instances.of_vertex[(box == number) & (instances.of_vertex >= 0)].unique()
        assert len(own) == 1
        assert iou(instances.of_vertex == own, box == number) > 0.9


def test_a_mask_that_joins_two_things_is_outvoted() -> None:
    mesh, box = boxes()
    cameras = around(6)
    pictures = renumbered(seen_masks(mesh, cameras, box))
    pictures[3] = torch.where(pictures[3] >= 0, 0, -1)
    instances = merge_instances(mesh, cameras, pictures)
    assert len(instances.masks) == 3
    assert all(k != 3 for masks in instances.masks for k, _ in masks)


def test_masks_of_a_single_view_are_no_instance_unless_wanted() -> None:
    mesh, box = boxes()
    cameras = around(3)
    pictures = renumbered(seen_masks(mesh, cameras, box))
    empty = [torch.full(SIZE, -1) for _ in range(2)]
    alone = merge_instances(mesh, cameras, [pictures[0], *empty])
    assert alone.masks == ()
    assert bool((alone.of_vertex == -1).all())
    assert len(merge_instances(mesh, cameras, [pictures[0], *empty], least_views=1).masks) == 3
    assert merge_instances(mesh, cameras[:2], empty).masks == ()
    away = cameras[:2].replace(T=cameras[:2].T - 100)  # behind the cameras
    assert merge_instances(mesh, away, pictures[:2]).masks == ()


def test_bad_input_is_one_line() -> None:
    with pytest.raises(InputError, match="numbers: 0 for 1 cameras"):
        merge_instances(square(), facing(3.0), [])
    with pytest.raises(InputError, match=r"numbers\[0\]: torch.float32 \[2, 2\]; wanted whole numbers \[h, w\]"):
        merge_instances(square(), facing(3.0), [torch.zeros(2, 2)])
