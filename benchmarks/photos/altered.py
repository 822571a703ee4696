"""Our own renders after what happens to pictures on their way: other sizes, other colours, noise, JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tvdrnet_nv.benchmarks.photos.picture import Picture, depth_ahead
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.renderer import Renderer

SOURCE = "altered render"
_SCALES = (0.5, 1.5)


@dataclass(frozen=True)
class Alteration:
    """What is done to a picture, in this order.

    Attributes:
        saturation: how far colours are from their grey, a factor.
        gamma: exponent of all channels.
        gains: factors on red, green and blue.
        noise: standard deviation.
        scale: of the sides.
        jpeg: quality, 1 to 95.
    """

    saturation: float
    gamma: float
    gains: tuple[float, float, float]
    noise: float
    scale: float
    jpeg: int

    @classmethod
    def drawn(cls, index: int, rng: np.random.Generator) -> Alteration:
        """One at random; half and one and a half size take turns."""
        red, green, blue = rng.uniform(0.85, 1.1, 3).tolist()
        return cls(
            saturation=rng.uniform(0.8, 1.2),
            gamma=float(np.exp(rng.uniform(-0.25, 0.25))),
            gains=(red, green, blue),
            noise=rng.uniform(0.01, 0.04),
            scale=_SCALES[index % len(_SCALES)],
            jpeg=int(rng.integers(30, 61)),
        )

    def of(self, pixels: Tensor, rng: np.random.Generator) -> Tensor:
        """[h, w, 3] of a picture [H, W, 3] in [0, 1]."""
        grey = pixels.mean(2, keepdim=True)
        pixels = (grey + self.saturation * (pixels - grey)).clamp(0, 1) ** self.gamma
        pixels = pixels * pixels.new_tensor(self.gains)
        pixels = pixels + self.noise * pixels.new_tensor(rng.standard_normal(pixels.shape))
        return compressed(resized(pixels.clamp(0, 1), self.scale), self.jpeg)


def resized(pixels: Tensor, scale: float) -> Tensor:
    """[round(scale·H), round(scale·W), 3], antialiased."""
    size = tuple(round(scale * side) for side in pixels.shape[:2])
    planes = pixels.permute(2, 0, 1)[None]
    planes = torch.nn.functional.interpolate(planes, size, mode="bilinear", antialias=True)
    return planes[0].permute(1, 2, 0)


def compressed(pixels: Tensor, quality: int) -> Tensor:
    """What is left of a picture [H, W, 3] in a JPEG file."""
    file = io.BytesIO()
    Image.fromarray((255 * pixels).round().to(torch.uint8).numpy()).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.asarray(Image.open(file), dtype=np.float32) / 255)


def altered(renderer: Renderer, cameras: list[Camera], rng: np.random.Generator) -> list[Picture]:
    """A picture from each camera, each altered in another way."""
    pictures = []
    for index, camera in enumerate(cameras):
        with torch.no_grad():
            pixels = renderer(camera.to(renderer.mesh.device)).rgb[0].clamp(0, 1).cpu()
        pixels = Alteration.drawn(index, rng).of(pixels, rng)
        distance = depth_ahead(renderer, camera)
        pictures.append(Picture(f"altered {index}", SOURCE, pixels, renderer.resolution, camera, distance))
    return pictures
