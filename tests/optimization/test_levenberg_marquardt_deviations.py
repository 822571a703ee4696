"""The errors of cameras that were found, in units of the deviations that came with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.optimization.recovery import off, setting
from tvdrnet_nv import MatchImage, Mesh, optimize
from tvdrnet_nv.benchmarks.photos.trials import errors

SIZE, TRIALS = 48, 12


def blurred(noise: Tensor) -> Tensor:
    """Noise [H, W, 3] of the same deviation, correlated over 5 pixels or so."""
    planes = noise.movedim(-1, 0)[:, None]
    for _ in range(2):
        planes = torch.nn.functional.avg_pool2d(planes, 3, 1, 1, count_include_pad=False)
    return (planes * (noise.std() / planes.std()))[:, 0].movedim(0, -1)


@pytest.mark.parametrize("made", [lambda noise: noise, blurred], ids=["gaussian", "correlated"])
def test_errors_are_as_large_as_the_deviations(small_room: Mesh, made: Callable[[Tensor], Tensor]) -> None:
    renderer, orbit = setting(small_room, SIZE)
    generator = torch.Generator().manual_seed(0)
    scores = []
    for seed in range(TRIALS):
        true = orbit.replace(azimuth=orbit.azimuth + 30.0 * seed).camera()
        with torch.no_grad():
            picture = renderer(true).rgb[0]
        picture = (picture + 0.05 * made(torch.randn(picture.shape, generator=generator))).clamp(0, 1)
        start = off(true, float(orbit.distance), 1.0, 0.01, seed)
        result = optimize(renderer, start, MatchImage(picture), parameters=("rotation", "position"))
        assert result.deviations is not None
        turn, move = errors(result.best, true)
        assert float(turn.norm()) < 2.0  # another minimum is another matter
        reported = [*result.deviations["rotation"], *result.deviations["position"]]  # type: ignore[misc]
        scores.append(torch.cat([turn, move]) / torch.tensor(reported))
    # 1 where the deviations are what they say; 72 scores, not all independent, give it to 15 % or so.
    spread = 1.4826 * float(torch.cat(scores).abs().median())
    assert 0.7 < spread < 1.5
