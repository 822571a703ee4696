"""The checks that a GPU is asked, on the CPU: what they must pass there, and that they can fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tvdrnet_nv import save_ply
from tvdrnet_nv.benchmarks.gpu import __main__ as command
from tvdrnet_nv.benchmarks.gpu import agreement, corners, graph, launches
from tvdrnet_nv.ops.backends import TABLE, using
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room

CPU = torch.device("cpu")
MESH = room(5000)


@pytest.mark.parametrize("check", [launches.check, corners.check, corners.one_step, graph.check])
def test_a_check_passes_where_all_is_well(check) -> None:
    figures = check(MESH, CPU, 24)
    assert figures
    assert all(figure["good"] for figure in figures.values()), figures


def test_optimisations_agree_with_themselves() -> None:
    figures = agreement.check(MESH, CPU, 64)
    assert figures["heuristic"] == {"difference of the losses": 0.0, "good": True}
    assert figures["target on cpu"]["good"], figures


def test_our_own_kernels_end_at_the_cpus_very_numbers() -> None:
    """On the emulation, which is not the CPU's row: another device's numbers are compared in the same way."""
    here = agreement.ends(MESH, CPU, 48)
    with using("cuda-emulated"):
        there = agreement.ends(MESH, CPU, 48)
    figures = agreement.compared(here, there, exact=TABLE["fused"].exact_coverage)
    assert figures == {"heuristic": {"difference of the losses": 0.0, "good": True}}, (here, there)
    assert here["target"] == there["target"]  # torch's sums are the CPU's here


def test_a_last_place_apart_is_too_far_for_our_own_kernels_and_not_for_nvdiffrast() -> None:
    here = {"heuristic": {"loss": 0.5, "azimuth": 40.0}}
    for name, camera, loss, good in (
        ("fused", 40.0, 0.5, True),
        ("fused", 40.0 + 2**-18, 0.5, False),
        ("cuda", 40.0 + 2**-18, 0.51, True),
        ("cuda", 40.0, 0.53, False),
    ):
        there = {"heuristic": {"loss": loss, "azimuth": camera}}
        figures = agreement.compared(here, there, exact=TABLE[name].exact_coverage)
        assert figures["heuristic"]["good"] is good, name


def test_another_image_than_the_cpus_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    image, calls = corners._image, []

    def drifting(*arguments):
        calls.append(arguments)
        return image(*arguments) + 0.1 * (len(calls) % 2)

    monkeypatch.setattr(corners, "_image", drifting)
    figures = corners.check(MESH, CPU, 16)
    assert [name for name, figure in figures.items() if not figure["good"]] == ["333 x 251", "128 cameras", "textured"]


def test_a_camera_of_nan_that_sees_something_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Renderer.__call__

    def with_all_seen(renderer, camera):
        render = call(renderer, camera)
        return render.showing(render.rgba + 0.01)

    monkeypatch.setattr(Renderer, "__call__", with_all_seen)
    orbit = corners.scene_orbit(MESH, elevation=30.0, azimuth=40.0)
    assert not corners._nan_camera(MESH, orbit, CPU, 16)["good"]


def test_a_graph_that_does_not_follow_its_camera_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    captured = graph._captured
    monkeypatch.setattr(graph, "_captured", lambda step, device: (captured(step, device)[0], lambda: None))
    (figure,) = graph.check(MESH, CPU, 24).values()
    assert not figure["good"]
    assert not figure["moved"]


def test_cudas_calls_are_counted_by_name() -> None:
    names = ["cudaLaunchKernel", "cuLaunchKernelEx", "cudaLaunchKernelExC", "cudaMemcpyAsync", "cudaStreamSynchronize"]
    assert launches.counted([*names, "cudaStreamIsCapturing", "aten::add"]) == {
        "launches": 3,
        "waits": 1,
        "copies": 1,
    }


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        *((f"cuda{what}Synchronize", 1) for what in ("Stream", "Device", "Event")),
        *((f"cu{what}Synchronize", 1) for what in ("Stream", "Ctx", "Event")),
        *((name, 1) for name in ("cudaMemcpy", "cudaMemcpy2D", "cuMemcpyDtoH_v2", "cuCtxSynchronize_v2")),
        *((name, 0) for name in ("cudaMemcpyAsync", "cuMemcpyHtoDAsync_v2", "cudaStreamWaitEvent", "cudaMemsetAsync")),
    ],
)
def test_what_makes_the_host_wait(name: str, waits: int) -> None:
    assert launches.counted([name])["waits"] == waits


def trace(*names: str) -> dict:
    """As torch's profiler writes one: what is no call of CUDA's has another category."""
    calls = [
        {"ph": "X", "cat": "cuda_driver" if name.startswith("cu") else "cuda_runtime", "name": name} for name in names
    ]
    others = [
        {"ph": "X", "cat": "kernel", "name": "cudaLaunchKernel_is_no_kernel"},
        {"ph": "X", "cat": "cpu_op", "name": "aten::add"},
        {"ph": "s", "cat": "ac2g", "name": "ac2g"},
        {"ph": "M", "name": "process_name"},
    ]
    return {"traceEvents": [*calls, *others]}


STEP = [*["cuLaunchKernel"] * 12, "cudaMemcpyAsync", "cudaMemcpyAsync", "cudaStreamSynchronize"]


@pytest.mark.parametrize(
    ("calls", "backend", "good"),
    [
        (STEP, "fused", True),
        ([*STEP, "cudaLaunchKernel"], "fused", False),
        ([*STEP, "cudaMemcpy"], "fused", False),
        ([*STEP, "cuStreamSynchronize"], "fused", False),
        ([*["cudaLaunchKernel"] * 30, "cudaStreamSynchronize", "cudaMemcpy"], "cuda", True),
        (["cudaLaunchKernel"] * 31, "cuda", False),
        ([], "fused", False),  # nothing was recorded
    ],
)
def test_a_step_is_judged_by_its_launches_and_waits(calls: list[str], backend: str, good: bool) -> None:
    found = {name: float(count) for name, count in launches.counted(launches.called(trace(*calls))).items()}
    figure = launches.judged(found, launches.MOST_LAUNCHES[backend], launches.MOST_WAITS.get(backend))
    assert figure["good"] is good
    assert figure["most launches"] == {"fused": 12, "cuda": 30}[backend]
    assert launches.judged({"launches": 200.0, "waits": 0.0}, None, 0)["good"]
    assert not launches.judged({"launches": 200.0, "waits": 1.0}, None, 0)["good"]


def test_the_command_prints_json_and_fails_with_a_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_ply(room(5000), tmp_path / "room.ply")
    options = ["step", "--device", "cpu", "--scene", str(tmp_path / "room.ply"), "--size", "16"]
    assert command.main(options) == 0
    assert json.loads(capsys.readouterr().out)["step"]["good"]
    monkeypatch.setitem(command.CHECKS, "step", lambda *_: {"step": {"good": False}})
    assert command.main(options) == 1
    for device in ("auto", "gpu", "cpu:1"):
        with pytest.raises(SystemExit) as refused:
            command.main(["step", "--device", device])
        assert refused.value.code == 2
        assert f"--device {device}: choose from" in capsys.readouterr().err
