"""A small network that finds in a picture what an embedded sentence names."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

_NEAR_EMPTY = -3.0  # the first logits: most pixels show something else


class TextConditionedNetwork(nn.Module):
    """Logits of pixels for sentences: features of the pixels, times a projection of the sentence's embedding.

    As in LSeg (Li et al., "Language-driven Semantic Segmentation", 2022), pixels and sentences meet in one space. The
    pixels' part is a U-Net (Ronneberger et al., 2015) with a sixteenth of the sides at its deepest, whose result has
    half of the picture's sides. The sentences' part is an MLP on a sentence encoder's embedding.

    Args:
        query_size: Q, the numbers of an embedding.
        width: channels at a quarter of the picture's sides; deeper levels have twice and three times as many.
        size: D, the numbers of the common space.
        seed: of the first weights.
    """

    def __init__(self, query_size: int, *, width: int = 40, size: int = 48, seed: int = 0) -> None:
        super().__init__()
        if min(query_size, size) < 1 or width < 8 or width % 4:
            raise ValueError(
                f"wanted query_size and size of 1 or more, and a width that 4 divides, 8 or more; got {query_size}, "
                f"{size} and {width}"
            )
        self.config = {"query_size": query_size, "width": width, "size": size}
        self.query_size = query_size
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            half, double, triple = width // 2, 2 * width, 3 * width
            self.first = _Block(3, half, stride=2)
            self.second = nn.Sequential(_Block(half, width, stride=2), _Block(width, width))
            self.third = nn.Sequential(_Block(width, double, stride=2), _Block(double, double))
            self.fourth = nn.Sequential(
                _Block(double, triple, stride=2), _Block(triple, triple, groups=triple, dilation=2)
            )
            self.whole = nn.Conv2d(triple, triple, 1)
            self.up = nn.ModuleList(
                nn.Conv2d(deep, fine, 1) for deep, fine in ((triple, double), (double, width), (width, half))
            )
            self.join = nn.ModuleList(_Block(fine, fine) for fine in (double, width, half))
            self.pixels = nn.Conv2d(half, size, 1)
            self.sentence = nn.Sequential(nn.Linear(query_size, 96), nn.ReLU(), nn.Linear(96, size + 1))

    def forward(self, pictures: Tensor, queries: Tensor) -> Tensor:
        """[B, K, h, w] logits, with half of the pictures' sides, rounded up.

        Args:
            pictures: [B, H, W, 3] in [0, 1].
            queries: [K, Q] embeddings of unit length.

        Raises:
            ValueError: another shape.
        """
        if pictures.dim() != 4 or pictures.shape[-1] != 3:
            raise ValueError(f"pictures must have shape [B, H, W, 3]; got {list(pictures.shape)}")
        if queries.dim() != 2 or queries.shape[1] != self.query_size:
            raise ValueError(f"queries must have shape [K, {self.query_size}]; got {list(queries.shape)}")
        half = self.first(4 * (pictures.movedim(-1, 1) - 0.5))
        quarter = self.second(half)
        eighth = self.third(quarter)
        deep = self.fourth(eighth)
        deep = deep + self.whole(deep.mean((2, 3), keepdim=True))
        for up, join, fine in zip(self.up, self.join, (eighth, quarter, half), strict=True):
            larger = functional.interpolate(up(deep), fine.shape[2:], mode="bilinear", align_corners=False)
            deep = join(larger + fine)
        features = self.pixels(deep)
        sentences, bias = self.sentence(math.sqrt(self.query_size) * queries).split([features.shape[1], 1], dim=1)
        kernels = sentences[:, :, None, None] / math.sqrt(features.shape[1])
        return functional.conv2d(features, kernels, bias[:, 0] + _NEAR_EMPTY)


class _Block(nn.Module):
    """A convolution of 3 × 3 pixels, normalised, with what came in added where it has the same shape."""

    def __init__(self, inward: int, outward: int, *, stride: int = 1, groups: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(
            inward, outward, 3, stride=stride, padding=dilation, dilation=dilation, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(outward)
        self._adds = stride == 1 and inward == outward

    def forward(self, x: Tensor) -> Tensor:
        found = torch.relu(self.norm(self.convolution(x)))
        return x + found if self._adds else found
