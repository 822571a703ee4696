"""From light to a picture file's pixels: what a camera's lens, sensor and software do to a radiance image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.benchmarks.photos.path_tracer import to_display

_WHITE_POINT = 97.0  # the percentile of the brightness that is exposed to 0.85


@dataclass(frozen=True)
class Development:
    """How a picture is developed.

    Attributes:
        exposure: a factor on an automatic exposure.
        white_balance: gains of red, green and blue.
        vignetting: the share of light that is missing in the corners.
        blur: standard deviation of a Gaussian, pixels.
        noise: standard deviation of the sensor's noise at white, of which a tenth does not depend on the light.
    """

    exposure: float = 1.0
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignetting: float = 0.0
    blur: float = 0.0
    noise: float = 0.0


def developed(radiance: np.ndarray, how: Development, rng: np.random.Generator) -> np.ndarray:
    """Return [H, W, 3] in [0, 1], as a screen shows it, of linear light [H, W, 3]."""
    light = radiance * np.array(how.white_balance)
    light = light * (0.85 * how.exposure / np.percentile(light.mean(2), _WHITE_POINT))
    light = blurred(torch.from_numpy(light).float(), how.blur).numpy()
    height, width = light.shape[:2]
    y, x = np.mgrid[:height, :width] + 0.5
    corner = ((2 * x / width - 1) ** 2 + (2 * y / height - 1) ** 2) / 2
    light = light * (1 - how.vignetting * corner)[..., None]
    spread = how.noise * np.sqrt(np.clip(light, 0, 1) + 0.1**2)
    light = light + spread * rng.standard_normal(light.shape)
    return to_display(np.clip(light, 0, 1))


def blurred(pixels: torch.Tensor, sigma: float) -> torch.Tensor:
    """[H, W, 3]: convolved with a Gaussian of so many pixels; the edge's pixels go on beyond it."""
    if sigma == 0:
        return pixels
    reach = max(1, round(3 * sigma))
    at = torch.arange(-reach, reach + 1, dtype=pixels.dtype)
    kernel = torch.exp(-at.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum())[None, None]
    planes = pixels.permute(2, 0, 1)[:, None]
    planes = torch.nn.functional.pad(planes, (reach,) * 4, mode="replicate")
    planes = torch.nn.functional.conv2d(planes, kernel[..., None, :])
    planes = torch.nn.functional.conv2d(planes, kernel[..., None])
    return planes[:, 0].permute(1, 2, 0)
