"""`optimize` gives the same wherever it is called: other threads, torch's modes and default dtypes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import torch

from tvdrnet_nv import MatchImage, Renderer, optimize, scene_orbit, scenes

METHODS = ("lm", "adam", "tvdrnet")


@contextmanager
def float64_by_default() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="module")
def run() -> Callable[[str], torch.Tensor]:
    mesh = scenes.bumpy_sphere(6, 9)
    renderer, orbit = Renderer(mesh, 16), scene_orbit(mesh)
    objective = MatchImage(renderer(orbit.camera()).rgb.detach()[0])

    def optimized(method: str) -> torch.Tensor:
        start = orbit.replace(azimuth=orbit.azimuth + 5.0)
        return optimize(renderer, start, objective, method=method, iterations=5).best.azimuth

    return optimized


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "mode",
    [torch.no_grad, torch.inference_mode, lambda: torch.autocast("cpu", torch.bfloat16), float64_by_default],
    ids=["no_grad", "inference_mode", "autocast", "float64"],
)
def test_modes_of_the_caller_make_no_difference(method, mode: Callable[[], AbstractContextManager[None]], run):
    want = run(method)
    with mode():
        found = run(method)
    assert torch.equal(found, want)


@pytest.mark.parametrize("method", METHODS)
def test_threads_make_no_difference(method, run):
    want = run(method)
    torch.manual_seed(7)
    state, found = torch.get_rng_state(), []
    threads = [threading.Thread(target=lambda: found.append(run(method))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(torch.equal(f, want) for f in found)
    assert torch.equal(torch.get_rng_state(), state)
