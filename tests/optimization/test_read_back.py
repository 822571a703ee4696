"""The loop reads back rarely: what it finds does not depend on how often, and in between nothing waits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.optimization.host_reads import host_reads
from tvdrnet_nv import MatchImage, Orbit, Renderer, Result, Status, optimize, view_heuristic
from tvdrnet_nv.ops.backends.cpu import CPU
from tvdrnet_nv.optimization import loop, record
from tvdrnet_nv.scenes import textured_box

FAR_AWAY = Orbit.create([3.0, 3.0], 0.0, [0.0, 5.0], at=(0.0, 0.0, 50.0))
START = Orbit.create([4.0, 4.4], 30.0, [45.0, 65.0])


@pytest.fixture(scope="module")
def box() -> Renderer:
    return Renderer(textured_box(6), 32)


def read_every(monkeypatch: pytest.MonkeyPatch, iterations: int, seconds: float = 1e9) -> None:
    # As where reading waits for the device.
    monkeypatch.setattr(loop, "backend_for", lambda device: dataclasses.replace(CPU, asynchronous=True))
    monkeypatch.setattr(loop, "_READ_EVERY", iterations)
    monkeypatch.setattr(record, "_READ_SECONDS", seconds)


def elsewhere(render) -> Tensor:
    return -render.camera.position[:, 2]


class NotANumberFrom:
    """The heuristic, until it is asked for the last time that it knows the answer."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def __call__(self, render) -> Tensor:
        self._left -= 1
        return view_heuristic(render) * (1.0 if self._left >= 0 else float("nan"))


class Stop:
    def __init__(self, at: int, *, interrupt: bool = False) -> None:
        self.at, self.interrupt = at, interrupt
        self.seen: list[tuple] = []

    def __call__(self, progress) -> bool:
        self.seen.append((progress.iteration, progress.loss, progress.best_loss, float(progress.viewpoint.azimuth)))
        if progress.iteration == self.at and self.interrupt:
            raise KeyboardInterrupt
        return progress.iteration == self.at


# For each ending: the start, what makes the objective, further arguments, and the status and part of the reason.
ENDINGS = {
    "limit": (START, lambda: view_heuristic, {"iterations": 21}, Status.STOPPED, "limit of 21"),
    "poor fit": (
        START,
        lambda: MatchImage(torch.rand((32, 32, 3), generator=torch.Generator().manual_seed(0))),
        {"iterations": 90, "learning_rate": 3.0, "method": "adam"},
        Status.POOR_FIT,
        "details",
    ),
    "drifted, no gradient": (
        START,
        lambda: lambda render: render.rgb.mean((1, 2, 3)),
        {"iterations": 90, "learning_rate": 30.0, "parameters": ("at",)},
        Status.DRIFTED,
        "after",
    ),
    "drifted": (
        START,
        lambda: elsewhere,
        {"iterations": 50, "learning_rate": 60.0, "parameters": ("at",)},
        Status.DRIFTED,
        "left the view",
    ),
    "nothing visible": (FAR_AWAY, lambda: view_heuristic, {"iterations": 40}, Status.NO_GRADIENT, "visible"),
    "not a number": (START, lambda: NotANumberFrom(8), {"iterations": 40}, Status.NO_GRADIENT, "finite number"),
    "parameter not finite": (
        START,
        lambda: view_heuristic,
        {"iterations": 40, "learning_rate": 1e30, "method": "tvdrnet"},
        Status.STOPPED,
        "no longer finite",
    ),
    "callback": (START, lambda: view_heuristic, {"iterations": 40, "callback": 19}, Status.STOPPED, "the caller"),
    "interrupt": (START, lambda: view_heuristic, {"iterations": 40, "callback": -19}, Status.STOPPED, "interrupted"),
}


def run(box: Renderer, name: str) -> tuple[Result, list[tuple]]:
    start, objective, arguments, _, _ = ENDINGS[name]
    at = arguments.get("callback", 0)
    callback = Stop(abs(at), interrupt=at < 0)
    result = optimize(box, start, objective(), **{**arguments, "callback": callback})
    return result, callback.seen


@pytest.mark.parametrize("every", [16, 5])
@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_is_the_same(box: Renderer, monkeypatch: pytest.MonkeyPatch, name: str, every: int) -> None:
    _, _, _, status, reason = ENDINGS[name]
    at_once, reported = run(box, name)
    assert at_once.status == status
    assert reason in at_once.reason
    read_every(monkeypatch, every)
    later, reported_later = run(box, name)
    assert reported_later == reported
    for field in dataclasses.fields(Result):
        first, second = (getattr(result, field.name) for result in (at_once, later))
        if field.name == "history":
            np.testing.assert_array_equal(first.loss, second.loss)
            for part in ("distance", "elevation", "azimuth", "fov", "at"):
                np.testing.assert_array_equal(first.array(part), second.array(part))
        elif field.name in ("best", "initial"):
            assert first.to_dict() == second.to_dict()
        elif field.name != "seconds":
            assert first == second, field.name


def test_endings_come_within_a_block(box: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    # Else the test above compares runs that end where they are read back anyway.
    for name in ENDINGS:
        iterations = run(box, name)[0].iterations
        assert iterations % 16 != 0, name


@pytest.mark.parametrize("method", ["adam", "tvdrnet"])
def test_nothing_waits_between_two_read_backs(box: Renderer, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    read_every(monkeypatch, 8)
    at: list[int] = []

    def objective(render) -> Tensor:
        at.append(len(reads))  # once per iteration, after the camera and before the backward pass
        return view_heuristic(render)

    with host_reads() as reads:
        result = optimize(box, START, objective, method=method, iterations=24, seed=1)
    assert result.iterations == 24
    in_loop = reads[at[1] : at[-1]]
    assert in_loop, "the read-backs themselves should be seen"
    seen = [len([i for i in at[1:] if i <= n]) for n in range(at[1], at[-1])]
    assert set(seen) == {8, 16}, in_loop


def test_an_interrupted_iteration_leaves_those_before_it(box: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    read_every(monkeypatch, 16)
    calls = 0

    def objective(render) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 8:  # the first is of the start
            raise KeyboardInterrupt
        return view_heuristic(render)

    result = optimize(box, START, objective, iterations=40)
    assert (result.iterations, result.reason) == (6, "interrupted")


def test_slow_iterations_are_told_at_once(box: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    read_every(monkeypatch, 1000, seconds=0.0)
    calls = 0

    def objective(render) -> Tensor:
        nonlocal calls
        calls += 1
        return view_heuristic(render)

    reported = []
    optimize(
        box, START, objective, iterations=3, callback=lambda progress: reported.append((progress.iteration, calls))
    )
    assert reported == [(1, 2), (2, 3), (3, 4)]


def test_a_start_that_is_not_finite_is_named(box: Renderer) -> None:
    broken = START.replace(azimuth=torch.tensor([45.0, float("nan")]))
    with pytest.raises(ValueError, match="start must be finite"):
        optimize(box, broken, view_heuristic, iterations=3)
