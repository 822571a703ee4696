"""Whether standard deviations hold: errors of cameras that were found, in units of their deviations, by kind of target.

`python -m tvdrnet_nv.benchmarks.photos.deviations [N]` prints the spread of error / deviation for each kind of target,
from N (12) cameras that look at a room made by code, each search started 3° off. It is 1 where deviations are what they
say. The kinds are renders that one thing was done to, so that each fault of a picture is seen by itself; `tvdr-nv bench
photos` measures pictures that have many.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.photos import cameras
from tvdrnet_nv.benchmarks.photos.altered import Alteration, compressed, resized
from tvdrnet_nv.benchmarks.photos.development import blurred
from tvdrnet_nv.benchmarks.photos.methods import PARAMETERS
from tvdrnet_nv.benchmarks.photos.picture import Picture, depth_ahead
from tvdrnet_nv.benchmarks.photos.starts import StartError, starts
from tvdrnet_nv.benchmarks.photos.summary import TO_DEVIATION
from tvdrnet_nv.benchmarks.photos.trials import DEGREES, METRES, errors, z_scores
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.objectives import MatchImage, MatchPhotograph
from tvdrnet_nv.optimization import optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.shading import UNLIT, PhongLight

TRIANGLES, RESOLUTION, COUNT, SOURCE = 20_000, (96, 128), 12, "altered render"
_SKIN, _COAT = (0.75, 0.55, 0.45), (0.15, 0.2, 0.35)

Taking = Callable[[Renderer, Camera, np.random.Generator, int], Tensor]
"""From a renderer, a camera, a random generator and the picture's number to a picture [h, w, 3] in [0, 1]."""


def render(renderer: Renderer, camera: Camera, times: int = 1) -> Tensor:
    """[H, W, 3]: what the camera sees; rendered larger, and averaged, so many times a side."""
    height, width = renderer.resolution
    with torch.no_grad():
        pixels = renderer.at_resolution((times * height, times * width))(camera).rgb[0].clamp(0, 1)
    return resized(pixels, 1 / times) if times > 1 else pixels


def noisy(deviation: float, over: float = 0.0) -> Taking:
    """With Gaussian noise, of the same deviation where it is blurred over so many pixels."""

    def take(renderer: Renderer, camera: Camera, rng: np.random.Generator, number: int) -> Tensor:
        pixels = render(renderer, camera)
        noise = blurred(torch.from_numpy(rng.standard_normal(pixels.shape)).float(), over)
        return (pixels + deviation * noise / noise.std()).clamp(0, 1)

    return take


def averaged(jpeg: int | None = None) -> Taking:
    """Rendered at twice the size; written as a JPEG file where there is a quality."""

    def take(renderer: Renderer, camera: Camera, rng: np.random.Generator, number: int) -> Tensor:
        pixels = render(renderer, camera, 2)
        return pixels if jpeg is None else compressed(pixels, jpeg)

    return take


def in_a_file(renderer: Renderer, camera: Camera, rng: np.random.Generator, number: int) -> Tensor:
    """As a JPEG file of quality 50."""
    return compressed(render(renderer, camera), 50)


def half_size(renderer: Renderer, camera: Camera, rng: np.random.Generator, number: int) -> Tensor:
    """At half the size."""
    return resized(render(renderer, camera), 0.5)


def recoloured(renderer: Renderer, camera: Camera, rng: np.random.Generator, number: int) -> Tensor:
    """As `altered` changes it: other colours, noise, half or one and a half times the size, JPEG."""
    return Alteration.drawn(number, rng).of(render(renderer, camera), rng)


def with_somebody(renderer: Renderer, camera: Camera, rng: np.random.Generator, number: int) -> Tensor:
    """With noise of 0.02, and a person in the way, who takes a tenth of the picture or so."""
    pixels = noisy(0.02)(renderer, camera, rng, number)
    height, width = pixels.shape[:2]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    middle, top = rng.uniform(0.2, 0.8) * width, rng.uniform(0.25, 0.45) * height
    wide = 0.11 * height
    head = (x - middle).square() + (y - top).square() < wide**2
    coat = ((x - middle).abs() < 1.6 * wide) & (y > top + wide)
    for where, colour in ((coat, _COAT), (head, _SKIN)):
        pixels = torch.where(where[..., None], pixels.new_tensor(colour), pixels)
    return pixels


def as_photograph(picture: Tensor) -> MatchImage:
    """Compared by local contrast, robustly."""
    return MatchPhotograph(picture)


def robustly(picture: Tensor) -> MatchImage:
    """Compared by colours, robustly."""
    return MatchImage(picture, robust="geman-mcclure")


def exposure_free(picture: Tensor) -> MatchImage:
    """Compared by colours, whose exposure and white balance are free."""
    return MatchImage(picture, exposure=True)


@dataclass(frozen=True)
class Kind:
    """A kind of target, and how it is compared.

    Attributes:
        name: what was done to the render.
        compared: in words.
        take: makes the picture.
        objective: compares it.
        light: of the scene.
    """

    name: str
    compared: str
    take: Taking
    objective: Callable[[Tensor], MatchImage] = MatchImage
    light: PhongLight = UNLIT


KINDS = (
    Kind("noise 0.02", "colours", noisy(0.02)),
    Kind("noise 0.05", "colours", noisy(0.05)),
    Kind("noise 0.05, in the point light", "colours", noisy(0.05), light=PhongLight()),
    Kind("noise 0.05, over 2 pixels", "colours", noisy(0.05, 2.0)),
    Kind("noise 0.05, over 4 pixels", "colours", noisy(0.05, 4.0)),
    Kind("averaged from twice the size", "colours", averaged()),
    Kind("averaged from twice the size, JPEG 50", "colours", averaged(50)),
    Kind("JPEG 50", "colours", in_a_file),
    Kind("half the size", "colours", half_size),
    Kind("recoloured, noisy, resized, JPEG", "colours, exposure free", recoloured, exposure_free),
    Kind("recoloured, noisy, resized, JPEG", "photograph", recoloured, as_photograph),
    Kind("JPEG 50", "photograph", in_a_file, as_photograph),
    Kind("noise 0.05", "photograph", noisy(0.05), as_photograph),
    Kind("averaged from twice the size", "photograph", averaged(), as_photograph),
    Kind("noise 0.02, and somebody in the way", "colours, robust", with_somebody, robustly),
)


def scores_of(kind: Kind, renderer: Renderer, places: list[Camera]) -> Iterator[list[float] | None]:
    """For each camera, six errors in units of their deviations; None where another minimum was found."""
    lit = renderer.at_resolution(renderer.resolution)
    lit.light = kind.light
    rng = np.random.default_rng(5)
    for number, camera in enumerate(places):
        pixels = kind.take(lit, camera, rng, number)
        picture = Picture(f"{number}", SOURCE, pixels, lit.resolution, camera, depth_ahead(lit, camera))
        (start,) = starts(lit, picture, StartError(3), 1)
        result = optimize(lit, start, kind.objective(pixels), parameters=PARAMETERS)
        turn, move = errors(result.best, camera)
        rotation, position = z_scores(result, turn, move)
        found = float(turn.norm()) <= DEGREES and float(move.norm()) <= METRES
        yield None if not found or rotation is None or position is None else [*rotation, *position]


def main(count: int = COUNT) -> None:
    """Print a row for each kind."""
    renderer = Renderer(room(TRIANGLES), RESOLUTION, light=UNLIT)
    places = list(islice(cameras.inside(renderer, np.random.default_rng(1)), count))
    print("| target | compared as | found | rotation | position | spread |\n| --- | --- | ---: | ---: | ---: | ---: |")
    for kind in KINDS:
        scores = [score for score in scores_of(kind, renderer, places) if score is not None]
        parts = [[abs(z) for score in scores for z in score[rows]] for rows in (slice(3), slice(3, 6), slice(6))]
        spreads = " | ".join(f"{TO_DEVIATION * statistics.median(part):.2f}" if part else "–" for part in parts)
        print(f"| {kind.name} | {kind.compared} | {len(scores)} of {count} | {spreads} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
