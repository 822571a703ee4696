"""The whole chain on a box on a floor: exact masks, wrong views, unseen sides."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.lifting.scenes import around, box_on_floor, iou, seen_masks, square
from tests.lifting.test_visibility import facing
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import MaskOfViews, mask_from_views


def test_exact_masks_give_the_thing_and_say_what_is_unseen() -> None:
    mesh, box = box_on_floor()
    cameras = around(6)
    lifted = mask_from_views(mesh, cameras, seen_masks(mesh, cameras, box))
    assert iou(lifted.mask, box) > 0.99
    assert bool(lifted.used.all())
    assert float(lifted.agreement.min()) > 0.95
    assert not bool(lifted.seen.all())  # the floor under the box
    assert bool((lifted.seen_area >= 0).all())
    assert lifted.scores.shape == (mesh.num_vertices,)
    assert 0 <= float(lifted.scores.min()) <= float(lifted.scores.max()) <= 1
    assert float(((lifted.scores > 0.5) == box)[lifted.seen].float().mean()) > 0.99


def test_an_unseen_side_is_filled_and_not_called_seen() -> None:
    """From one side, two of the box's sides are hidden; in whole segments, what they are part of decides."""
    mesh, box = box_on_floor()
    cameras = around(12)[:2]
    masks = seen_masks(mesh, cameras, box)
    seen_only = mask_from_views(mesh, cameras, masks, smoothness=0.0)
    whole = mask_from_views(mesh, cameras, masks, segments=box.long().numpy())
    assert float((~whole.seen & box).float().sum() / box.sum()) > 0.2
    assert torch.equal(whole.mask, box)
    assert not bool((seen_only.mask & ~box).any())


def test_views_of_another_thing_and_wrong_borders_are_outvoted() -> None:
    mesh, box = box_on_floor()
    cameras = around(8)
    masks = [mask.float() for mask in seen_masks(mesh, cameras, box)]
    numbers = torch.Generator().manual_seed(0)
    for k, mask in enumerate(masks):
        wide = torch.nn.functional.max_pool2d(mask[None, None], 5, 1, 2)[0, 0]
        thin = -torch.nn.functional.max_pool2d(-mask[None, None], 5, 1, 2)[0, 0]
        wrong = (wide != thin) & (torch.rand(mask.shape, generator=numbers) < 0.3)
        masks[k] = torch.where(wrong, 1 - mask, mask)
    corner = (mesh.vertices[:, 0] > 1.2) & (mesh.vertices[:, 1] > 1.2)
    other = seen_masks(mesh, cameras, corner)
    masks[2], masks[6] = other[2].float(), other[6].float()
    lifted = mask_from_views(mesh, cameras, masks)
    assert (~lifted.used).nonzero()[:, 0].tolist() == [2, 6]
    assert iou(lifted.mask, box) > 0.97
    assert iou(mask_from_views(mesh, cameras, masks, consensus=False).mask, box) <= iou(lifted.mask, box)


def test_empty_masks_give_an_empty_mask() -> None:
    mesh, _ = box_on_floor()
    lifted = mask_from_views(mesh, around(3), [torch.zeros(12, 16)] * 3)
    assert not bool(lifted.mask.any())
    assert lifted.agreement.tolist() == [1.0] * 3


def test_bad_input_is_one_line() -> None:
    mesh, camera = square(), facing(3.0)
    good = torch.ones(4, 4)
    for arguments, message in (
        ({"masks": []}, "masks: 0 for 1 cameras; wanted one each, and one at the least"),
        ({"masks": [torch.ones(4, 4, 3)]}, r"masks\[0\]: \[4, 4, 3\]; wanted a tensor of scores \[h, w\]"),
        ({"masks": [good * torch.nan]}, r"masks\[0\]: some scores are NaN or infinite"),
        ({"masks": [2 * good]}, r"masks\[0\]: from 2 to 2; wanted scores in 0..1"),
        ({"masks": [good], "segments": np.zeros(5, int)}, "segments: of 5 vertices, but the mesh has 81"),
    ):
        with pytest.raises(InputError, match=message):
            mask_from_views(mesh, camera, **arguments)


def test_view_after_view_is_the_same_as_all_at_once_and_known_pixels_are_not_looked_for_again() -> None:
    mesh, box = box_on_floor()
    cameras = around(4)
    masks = seen_masks(mesh, cameras, box)
    at_once = mask_from_views(mesh, cameras, masks)
    lifting = MaskOfViews(mesh)
    known = lifting.empty()
    for k, mask in enumerate(masks):
        lifting.add(cameras[k], mask)
        known.add(cameras[k], mask, lifting.visibility(cameras[k], (mask.shape[0], mask.shape[1])))
    for found in (lifting.lifted(), known.lifted()):
        assert torch.equal(found.scores, at_once.scores)
        assert torch.equal(found.mask, at_once.mask)
    assert not lifting.empty().lifted().seen.any()
