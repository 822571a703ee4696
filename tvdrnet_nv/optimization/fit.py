"""Whether a camera explains a picture: whether its render has the picture's details in the picture's places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.objectives.objective import shown
from tvdrnet_nv.objectives.windows import gaussian, window_means
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.renderer import Renderer

_SIZE = 96  # pixels along the shorter side
_WINDOW = 14.0  # pixels: two standard deviations of the weights around a place
_PLACES = 8  # pixels between places
_REACH = 6  # pixels to every side, in which a place's detail is looked for
_ALIKE = 1.5  # pixels, within which it is where it should be
_CORRELATED = 0.35  # at least
_TEXTURE = 0.012  # standard deviation of a place with detail
_COVERED = 0.6  # share of a place's window that shows the scene
_MISSING = 0.1  # share of a place's window that shows the scene, below which the place is missed
_DIFFERENT = 0.08  # root mean square of colours that are not the same
_MISSED = 0.5  # how much a missed place counts
_FEWEST = 8  # explained places that are enough to tell
_DETERMINED, _SURE = 0.975, 200.0  # of the logistic function of the colours' agreement
# Of the logistic functions of what is explained; docs/finding.md says on which pictures they were set. Below the
# middle, they tell right from wrong; above it, within 2 degrees and 5 cm from near it.
_EXPLAINED, _STEEP, _GENTLE = 0.58, 20.0, 7.0
_SHOWN = 0.9  # share of what a mask marks that the right camera's render shows, a scan's holes left out
_AREA = 300.0  # counted pixels that are enough for colours to tell


POOR = 0.58  # quality below which a camera does not explain the picture


@runtime_checkable
class HasPicture(Protocol):
    """An objective that compares renders with a picture."""

    def picture(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The target [H, W, 3] and how much its pixels count, [H, W, 1], at the size of images [B, H, W, C]."""
        ...


@dataclass(frozen=True)
class Fit:
    """How well a camera explains a picture.

    Attributes:
        quality: in [0, 1]; about the chance that the camera is right within 2 degrees and 5 cm, from the other numbers.
        explained: the share of the picture's places with detail whose detail is where the render has it; less where the
            render leaves empty what a mask marks.
        by_chance: the same with the render mirrored: what a camera reaches that has nothing to do with the picture.
        correlation: the mean correlation of the places that are explained, in [-1, 1].
        overlap: the share of the picture where the render shows the scene.
        places: how many places with detail were compared.
        determination: the share of the variance of the picture's colours that the render's have as well, as they are:
            1 where they agree everywhere, below 0 where the picture's mean colour were nearer.
    """

    quality: float
    explained: float
    by_chance: float
    correlation: float
    overlap: float
    places: int
    determination: float


def reason_of(fit: Fit) -> str:
    """Why a fit is poor, in one sentence."""
    if fit.places < 2 * _FEWEST:
        return "the render shows too little of what is in the picture"
    return f"only {fit.explained:.0%} of the picture's details are where the render has them"


def fit_of(renderer: Renderer, objective: HasPicture, view: Viewpoint) -> Fit:
    """Compare the render of one camera with the picture, place by place.

    Places lie 8 pixels apart in images of 96 pixels on the shorter side. Around each, the render is moved against the
    picture by up to 6 pixels to every side; its detail is explained where the correlation is highest within 1.5 pixels
    of no shift at all (block matching by normalised cross-correlation). This asks where things are, and not how bright
    they are, so that photographs and renders are measured alike. Places in one colour are left out, and so are
    places where the render shows nothing, but for half of their number. Colours
    that agree everywhere as they are, as those of a render of ours, explain a picture as well. A mask, or
    transparency, says what shows the scene: a render that leaves more than a tenth of it empty explains less.

    Args:
        renderer: the scene.
        objective: has the picture.
        view: one camera.
    """
    with torch.no_grad():
        # Drawn at full size and averaged down, as the picture is; clipped, as the picture was.
        rgba = _averaged(
            renderer(view.camera().to(renderer.mesh.device)).rgba.clamp(0, 1), shrunk(renderer.resolution, _SIZE)
        )
        rgba = shown(objective, rgba)
        target, counts = objective.picture(rgba)
        counts = counts / counts.amax()  # 1 for a pixel that counts in full, however few these are
        image, alpha = rgba[0, ..., :3].movedim(-1, 0), rgba[0, ..., 3].square() * counts[..., 0]
        target = target.movedim(-1, 0)
        explained, correlation, compared, missed = _explained(image, target, alpha, counts[..., 0])
        # A shuffled or a moved render explains less: docs/finding.md.
        mirrored = _explained(image.flip(-1), target, alpha.flip(-1), counts[..., 0])[0]
        determination = _determination(rgba[0, ..., :3], target.movedim(0, -1), counts)
        filled = 1.0 if bool((counts == 1).all()) else _shown(image, target, rgba[0, ..., 3], counts[..., 0])
    places = int(compared.sum())
    # A scan has holes, so that what it misses says less against a camera than what is elsewhere.
    wanted = places + _MISSED * float(missed.sum())
    share, chance = (float(found.sum()) / max(wanted, 1.0) for found in (explained, mirrored))
    share *= min(1.0, filled / _SHOWN)
    mean = float(correlation[explained].mean()) if bool(explained.any()) else 0.0
    overlap = float(alpha.sum() / counts.sum().clamp_min(1e-9))
    above = share - max(_EXPLAINED, chance + 0.1)
    quality = _logistic((_GENTLE if above > 0 else _STEEP) * above)
    # With little detail that is explained, only colours that agree everywhere can tell.
    quality *= min(1.0, float(explained.sum()) / _FEWEST)
    sure = _logistic(_SURE * (determination - _DETERMINED)) * min(1.0, float(counts.sum()) / _AREA)
    quality = max(quality, sure)
    return Fit(quality, share, chance, mean, overlap, places, determination)


def _averaged(images: Tensor, size: tuple[int, int]) -> Tensor:
    """[B, h, w, C]: images [B, H, W, C], averaged down."""
    return interpolate(images.movedim(-1, 1), size, mode="area").movedim(1, -1)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-max(x, -700.0)))


def _determination(image: Tensor, target: Tensor, counts: Tensor) -> float:
    """The share of the target's variance that the render explains, colours as they are: 1 where they agree."""
    mean = (counts * target).mean((0, 1)) / counts.mean()
    variance = (counts * (target - mean).square()).sum()
    return 1 - float((counts * (image - target).square()).sum() / variance.clamp_min(1e-9))


def _shown(image: Tensor, target: Tensor, alpha: Tensor, counts: Tensor) -> float:
    """The share of what a mask marks that is not empty in the render, or that looks like what is behind the scene."""
    different = (image - target).square().mean(0).sqrt() > _DIFFERENT
    return 1 - float((counts * different * (1 - alpha.square())).sum() / counts.sum())


def _explained(image: Tensor, target: Tensor, weights: Tensor, counts: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """For places [h, w]: whether they are explained, their best correlation near no shift, whether they are compared,
    and whether they should be, but the render shows nothing there.

    image, target: [3, H, W]; weights: [H, W], of what is compared; counts: [H, W], of what should be.
    """
    # `finding.block_matching` correlates blocks of many renders with a picture, each with its exact mean, and keeps the
    # best move. Here one whole render is moved: all correlations near no move are wanted, and windows that are products
    # of small matrices make them cheap. The mean is that of each pixel's own window, so the numbers are not the same,
    # and the limits above were set for these.
    height, width = weights.shape
    down, across = (_windows(size, image) for size in (height, width))
    total = window_means(weights, _WINDOW)[None] + 1e-4

    def detail(planes: Tensor) -> Tensor:
        """[3, H, W]: what is not the mean of each pixel's window, as far as the pixel is compared."""
        return weights * (planes - window_means(weights * planes, _WINDOW) / total)

    def energy(detail: Tensor) -> Tensor:
        return detail.square().sum(0, keepdim=True)

    def moved(planes: Tensor) -> Tensor:
        """[C, S, S, H, W]: moved by whole pixels; what comes in at the border repeats it."""
        bigger = pad(planes[None], (_REACH,) * 4, mode="replicate")[0]
        return bigger.unfold(1, height, 1).unfold(2, width, 1)

    def at_places(planes: Tensor) -> Tensor:
        return down @ planes @ across.T

    seen, wanted = detail(image), detail(target)
    products = sum(wanted[c] * moved(seen[c : c + 1])[0] for c in range(len(seen)))
    assert isinstance(products, Tensor)
    covered = at_places(weights)
    contrast = at_places(energy(wanted)[0])
    # In [-1, 1] by the inequality of Cauchy and Schwarz, as both energies are those of the products' factors.
    values = at_places(products) / (contrast * at_places(moved(energy(seen))[0]) + 1e-10).sqrt()  # [S, S, h, w]
    shifts = torch.arange(-_REACH, _REACH + 1, dtype=image.dtype, device=image.device)
    near = shifts[:, None].square() + shifts.square() <= _ALIKE**2
    best, best_near = values.flatten(0, 1).amax(0), values[near].amax(0)
    compared = ((contrast / (3 * covered + 1e-4)).sqrt() > _TEXTURE) & (covered > _COVERED)
    explained = compared & (best_near >= best) & (best_near > _CORRELATED)
    all_of_it = window_means(counts, _WINDOW) + 1e-4
    centred = target - window_means(counts * target, _WINDOW) / all_of_it
    detail_there = (window_means(counts * centred.square(), _WINDOW) / all_of_it).mean(0).sqrt()
    missed = (detail_there[_PLACES // 2 :: _PLACES, _PLACES // 2 :: _PLACES] > _TEXTURE) & (covered < _MISSING)
    # The background, where the picture has it as well, is nothing that is missed.
    error = at_places(counts * (image - target).square().mean(0)).sqrt()
    return explained, best_near, compared, missed & (at_places(counts) > _COVERED) & (error > _DIFFERENT)


def _windows(size: int, like: Tensor) -> Tensor:
    """[places, size]: a window's weights around each place along one side."""
    places = torch.arange(_PLACES // 2, size, _PLACES)[:, None]
    return gaussian((places - torch.arange(size)) / (_WINDOW / 2)).to(like)
