"""Cut-outs of pictures: what they show, and that they have gradients."""

from __future__ import annotations

import torch

from tvdrnet_nv.objectives.augmentations import Augmentations


def drawn(count: int, seed: int = 0) -> Augmentations:
    return Augmentations(count, torch.Generator().manual_seed(seed))


def test_the_first_is_the_picture_itself() -> None:
    pictures = torch.rand(2, 9, 14, 3)
    found = drawn(4)(pictures)
    assert found.shape == (8, 9, 14, 3)
    torch.testing.assert_close(found[[0, 4]], pictures)


def test_the_others_are_parts_of_it_and_all_differ() -> None:
    # A picture whose colours say where each pixel is: red across, green down.
    y, x = torch.meshgrid(*(torch.linspace(-1, 1, 32),) * 2, indexing="ij")
    picture = torch.stack([x, y, torch.ones_like(x)], -1)[None]
    found = drawn(64)
    cut = found(picture)
    blue = cut[..., 2]  # is the same everywhere, in each cut-out another
    assert float((blue - blue.mean((1, 2), keepdim=True)).abs().max()) < 1e-5
    width = cut[..., 0].amax((1, 2)) - cut[..., 0].amin((1, 2))
    assert float(width[1:].min()) > 0.8  # at least 40 % of the area
    assert float(width[1:].max()) < 2 * 1.08 * 1.15 + 0.01
    assert len(torch.unique(cut.flatten(1).sum(1))) == 64
    assert float(width[1:].std()) > 0.05


def test_a_seed_draws_the_same_and_cut_outs_have_gradients() -> None:
    picture = torch.rand(1, 5, 6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(drawn(3)(picture), drawn(3)(picture))
    assert torch.autograd.gradcheck(drawn(3), picture.requires_grad_())
