"""The speed benchmark: that it times what it says. No test looks at a time's size."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch

from tvdrnet_nv import ops
from tvdrnet_nv.benchmarks.environment import device_label
from tvdrnet_nv.benchmarks.report.words import LIBRARIES
from tvdrnet_nv.benchmarks.speed import backends
from tvdrnet_nv.benchmarks.speed.by_hand import ByHand
from tvdrnet_nv.benchmarks.speed.cases import Case, all_cases, quick_cases
from tvdrnet_nv.benchmarks.speed.ours import Ours
from tvdrnet_nv.benchmarks.speed.run import headline, speed_rows
from tvdrnet_nv.ops.backends import TABLE, using
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room, sphere
from tvdrnet_nv.starts import scene_light

CPU = torch.device("cpu")
BALL = sphere(2)


@pytest.fixture(autouse=True)
def without_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is installed here."""
    monkeypatch.setattr("tvdrnet_nv.benchmarks.speed.run.peers_for", lambda case: ([], {}))


def case(what: str = "step", cameras: int = 1, resolution: int = 24) -> Case:
    return Case("headline", "ball", lambda: BALL, resolution, cameras, what)


class Pretender:
    """Answers as `Reference` does, with times of its own, and remembers what it was asked."""

    def __init__(self, seconds: float) -> None:
        self.info = {"device": "cpu", "pytorch3d": "pretended"}
        self.seconds = seconds
        self.asked: list[tuple[str, dict[str, Any], Mapping[str, np.ndarray]]] = []

    def call(
        self, command: str, arrays: Mapping[str, np.ndarray] | None = None, **options: Any
    ) -> dict[str, np.ndarray]:
        self.asked.append((command, options, arrays or {}))
        if command == "time":
            work = options["height"] * options["width"]
            return {"seconds": np.full(options["repeats"], self.seconds * work)}
        return {"resident": np.array(2**20), "device": np.array(0)} if command == "memory" else {}


@pytest.mark.parametrize("what", ["step", "forward"])
def test_ours_times_as_many_as_asked(what: str) -> None:
    times = Ours(case(what, cameras=2), CPU).times(3)
    assert len(times) == 3
    assert all(seconds > 0 for seconds in times)


def test_by_hand_draws_what_the_renderer_draws() -> None:
    chosen = case(cameras=2)
    rgb, alpha = ByHand(chosen, CPU, ops).render()
    orbit = chosen.orbit()
    render = Renderer(BALL, 24, light=scene_light(orbit))(orbit.camera())
    # The renderer's silhouettes follow the surface farther than the plain op does, and its row 0 is at the top.
    inside = render.alpha[..., 0] == 1
    inside &= alpha.flip(1)[..., 0] == 1
    assert float(inside.float().mean()) > 0.2
    torch.testing.assert_close(rgb.flip(1)[inside], render.rgb[inside], atol=1e-4, rtol=0)


def test_by_hand_steps() -> None:
    assert len(ByHand(case(), CPU, ops).times(2)) == 2


def test_rows_compare_with_ours() -> None:
    reference = Pretender(1e-5)
    rows = list(speed_rows([case(), case("forward")], CPU, reference, limit=60, progress=lambda text: None))  # type: ignore[arg-type]
    assert [row["library"] for row in rows] == ["tvdrnet_nv", "pytorch3d"] * 2
    for ours, theirs in zip(rows[::2], rows[1::2], strict=True):
        assert ours["times"] == 1.0
        assert theirs["times"] == pytest.approx(theirs["seconds"] / ours["seconds"])
        assert ours["low"] <= ours["seconds"] <= ours["high"]
    found = headline(rows)
    assert found is not None
    assert found["library"] == "pytorch3d"
    asked = [arrays for command, _, arrays in reference.asked if command == "time"]
    assert {"distance", "elevation", "azimuth", "fov", "at", "light"} == set(asked[-1])


def test_the_backends_of_a_device_are_raced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As "cuda" and "fused" are on a GPU; here "cpu" and the emulation, which renders in one op too."""
    monkeypatch.setitem(backends.RACED, "cpu", ("cpu", "cuda-emulated"))
    monkeypatch.setattr("tvdrnet_nv.benchmarks.speed.run.ROUNDS", 1)
    monkeypatch.setattr("tvdrnet_nv.benchmarks.speed.run._ROUND_SECONDS", 0.0)
    rows = list(speed_rows([case()], CPU, None, limit=60, progress=lambda text: None))
    assert [(row["library"], row["device"]) for row in rows] == [
        ("tvdrnet_nv", "cpu"),
        ("tvdrnet_nv, cuda-emulated", "cuda-emulated"),
    ]
    assert rows[0]["times"] == 1.0
    assert rows[1]["times"] == pytest.approx(rows[1]["seconds"] / rows[0]["seconds"])
    with using("cuda-emulated"):
        rows = list(speed_rows([case()], CPU, None, limit=60, progress=lambda text: None))
    assert [(row["library"], row["device"]) for row in rows] == [
        ("tvdrnet_nv", "cuda-emulated"),
        ("tvdrnet_nv, cpu", "cpu"),
    ]


def test_a_backend_that_is_missing_is_a_row_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = dataclasses.replace(TABLE["cuda-emulated"], why_unavailable=lambda: "nvdiffrast is not installed")
    monkeypatch.setitem(TABLE, "cuda-emulated", missing)
    monkeypatch.setitem(backends.RACED, "cpu", ("cpu", "cuda-emulated"))
    found, failed = backends.backend_rivals(case(), CPU)
    assert (found, failed) == ([], {"tvdrnet_nv, cuda-emulated": "nvdiffrast is not installed"})


def test_on_a_gpu_without_nvdiffrast_fused_is_timed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.device", lambda device: nullcontext())
    cuda = dataclasses.replace(TABLE["cuda"], why_unavailable=lambda: "nvdiffrast is not installed")
    monkeypatch.setitem(TABLE, "cuda", cuda)
    with using("fused"):
        found, failed = backends.backend_rivals(case(), torch.device("cuda", 1))
    assert found == []
    assert failed == dict.fromkeys(["tvdrnet_nv, cuda", "nvdiffrast by hand"], "nvdiffrast is not installed")


def test_a_device_is_labelled_by_its_backend_and_number() -> None:
    for name in ("cuda", "fused"):
        with using(name):
            assert device_label(torch.device("cuda")) == name
            assert device_label(torch.device("cuda", 1)) == f"{name}:1"
    assert device_label(CPU) == "cpu"


def test_each_of_our_backends_has_a_name_in_the_report() -> None:
    names = {Ours.name_on(name) for raced in backends.RACED.values() for name in raced}
    assert names <= LIBRARIES.keys()


def test_what_would_take_too_long_is_left_out_aloud() -> None:
    rows = list(speed_rows([case()], CPU, Pretender(1.0), limit=5, progress=lambda text: None))  # type: ignore[arg-type]
    assert [row["seconds"] is None for row in rows] == [False, True]
    assert "the limit is 5 s" in rows[1]["note"]
    assert headline(rows) is None


def test_a_scene_with_z_up_is_turned_for_the_reference() -> None:
    mesh = room(5000)
    reference = Pretender(1e-6)
    chosen = Case("headline", "room", lambda: mesh, 16)
    assert chosen.orbit().up == "z"
    list(speed_rows([chosen], CPU, reference, limit=60, progress=lambda text: None))  # type: ignore[arg-type]
    given = next(arrays["vertices"] for command, _, arrays in reference.asked if command == "scene")
    low, high = mesh.bounds
    np.testing.assert_allclose(np.ptp(given, axis=0), (high - low)[[0, 2, 1]].numpy(), rtol=1e-5)


def test_the_cases_cover_the_curves() -> None:
    every = list(all_cases(BALL, "ball"))
    assert {c.axis for c in every} == {"headline", "resolution", "triangles", "cameras", "batch", "threads"}
    assert {c.resolution for c in every if c.axis == "resolution"} == {64, 128, 256, 512, 1024}
    assert {c.cameras for c in every if c.axis == "cameras"} == {1, 4, 16, 64}
    assert [(c.cameras, c.resolution) for c in every if c.axis == "batch"] == [(1, 256), (64, 256)]
    small = next(c for c in every if c.axis == "triangles")
    assert small.mesh().num_faces == pytest.approx(10_000, rel=0.05)
    assert {c.scene for c in quick_cases(BALL, "ball")} == {"ball"}


def test_a_case_may_set_the_threads() -> None:
    before = torch.get_num_threads()
    chosen = Case("threads", "ball", lambda: BALL, 16, threads=1)
    rows = list(speed_rows([chosen], CPU, Pretender(1e-6), limit=60, progress=lambda text: None))  # type: ignore[arg-type]
    assert [(row["library"], row["threads"]) for row in rows] == [("tvdrnet_nv", 1)]
    assert torch.get_num_threads() == before
