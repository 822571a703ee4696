"""The child process: PyTorch3D's answers, on request. Run by `client.Reference` under an interpreter with PyTorch3D.

A plain script: the standard library, numpy, torch and pytorch3d alone, never tvdrnet_nv. Requests come as JSON lines on
stdin, answers go as JSON lines to stdout, arrays in .npz files that the lines name. Whatever libraries print goes to
stderr.

    → {"command": "render", "arrays": "request.npz" or null, "reply": "reply.npz", "options": {…}}
    ← {"ok": true} or {"ok": false, "error": "one line", "trace": "…"}

The first line, without a request, is {"ok": true, "info": {…}}, or says why there can be no answers.

| command | options | arrays in | arrays out |
| --- | --- | --- | --- |
| scene | name | vertices [V, 3], faces [F, 3], colors [V, 3] | |
| look_at | | camera | R [K, 3, 3], T [K, 3]: look_at_view_transform's |
| render | those of a pipeline | camera, light [3] | rgb [K, H, W, 3], alpha [K, H, W], face_ids [K, H, W] |
| gradients | and loss, scene_too | and target [H, W, 3], mask [K, H, W] | loss [K], gradients by parameter |
| trajectory | and loss, iterations, learning_rate | camera of one, light, target, weight0, bias0, … | per iteration |
| time | and repeats, what, loss, warm | camera, light, target | seconds [repeats]; warm: not the first |
| memory | reset | | resident, device: peak bytes |

A pipeline's options: scene (a name), height, width, znear, zfar, shader. A camera is distance, elevation, azimuth, fov
[K] and at [K, 3]; or R [K, 3, 3], T [K, 3] and fov [K], where look_at_view_transform has no answer.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import platform
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

Arrays = dict[str, Any]


class Answers:
    """Carries out commands; scenes and pipelines are kept between them."""

    def __init__(self, device: str) -> None:
        import pytorch3d_pipeline
        import torch

        self._pipelines = pytorch3d_pipeline
        self._torch = torch
        self.device = torch.device(device)
        torch.zeros(1, device=self.device)  # says early when there is no such device
        self._scenes: dict[str, Any] = {}
        self._kept: dict[tuple[str, str], Any] = {}
        self._warm: set[tuple[str, str]] = set()

    def tensor(self, array: Any) -> Any:
        """On the device; floats as float32."""
        tensor = self._torch.from_numpy(array)
        return tensor.to(self.device, self._torch.float32 if tensor.is_floating_point() else None)

    def scene(self, arrays: Arrays, name: str) -> Arrays:
        vertices, faces, colors = (self.tensor(arrays[key]) for key in ("vertices", "faces", "colors"))
        self._scenes[name] = self._pipelines.Scene(vertices, faces.long(), colors)
        self._kept = {key: pipeline for key, pipeline in self._kept.items() if key[0] != name}
        self._warm = {key for key in self._warm if key[0] != name}
        return {}

    def look_at(self, arrays: Arrays) -> Arrays:
        cameras = self._pipelines.cameras(self._camera(arrays), 1.0, 100.0)
        return {"R": cameras.R, "T": cameras.T}

    def render(self, arrays: Arrays, **options: Any) -> Arrays:
        pipeline, camera = self._pipeline(arrays, options), self._camera(arrays)
        with self._torch.no_grad():
            images = pipeline.images(camera)
            return {"rgb": images[..., :3], "alpha": images[..., 3], "face_ids": pipeline.face_ids(camera).int()}

    def gradients(self, arrays: Arrays, loss: str, scene_too: bool = True, **options: Any) -> Arrays:
        pipeline, camera = self._pipeline(arrays, options), self._camera(arrays)
        target, mask = self._optional(arrays, "target"), self._optional(arrays, "mask")
        return self._pipelines.gradients(pipeline, camera, loss, target, mask, scene_too)

    def trajectory(
        self, arrays: Arrays, loss: str, iterations: int, learning_rate: float = 1e-3, **options: Any
    ) -> Arrays:
        weights = {n: self.tensor(a) for n, a in arrays.items() if n.startswith(("weight", "bias"))}
        pipeline, camera = self._pipeline(arrays, options), self._camera(arrays)
        target = self._optional(arrays, "target")
        return self._pipelines.trajectory(pipeline, weights, camera, iterations, loss, target, learning_rate)

    def time(
        self, arrays: Arrays, repeats: int, what: str, loss: str = "heuristic", warm: bool = True, **options: Any
    ) -> Arrays:
        pipeline, camera = self._pipeline(arrays, options), self._camera(arrays)
        target = self._optional(arrays, "target")
        key = options["scene"], json.dumps([options, what, loss, len(camera["fov"])], sort_keys=True)
        if warm and key not in self._warm:
            self._pipelines.seconds(pipeline, camera, 1, what, loss, target)
            self._warm.add(key)
        return {"seconds": self._torch.tensor(self._pipelines.seconds(pipeline, camera, repeats, what, loss, target))}

    def memory(self, arrays: Arrays, reset: bool = False) -> Arrays:
        cuda = self.device.type == "cuda"
        if reset:
            gc.collect()
            if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
                libc.malloc_trim(0)  # else what was freed before would count as in use
            Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak starts again from here
            if cuda:
                self._torch.cuda.reset_peak_memory_stats(self.device)
        lines = Path("/proc/self/status").read_text().splitlines()
        resident = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
        on_device = self._torch.cuda.max_memory_allocated(self.device) if cuda else 0
        return {"resident": self._torch.tensor(resident), "device": self._torch.tensor(on_device)}

    def finish(self) -> None:
        """Wait for the device, so that what it prints has been printed."""
        self._pipelines.synchronize(self.device)
        ctypes.CDLL(None).fflush(None)

    def _pipeline(self, arrays: Arrays, options: dict[str, Any]) -> Any:
        options = dict(options)
        light = [float(x) for x in arrays["light"]]
        name = options.pop("scene")
        key = name, json.dumps([options, light], sort_keys=True)
        if key not in self._kept:
            if name not in self._scenes:
                raise ValueError(f"no scene was given under the name {name!r}")
            size = (options.pop("height"), options.pop("width"))
            self._kept[key] = self._pipelines.Pipeline(self._scenes[name], size, light, **options)
        return self._kept[key]

    def _camera(self, arrays: Arrays) -> dict[str, Any]:
        names = ("R", "T", "fov") if "R" in arrays else self._pipelines.CAMERA
        return {name: self.tensor(arrays[name]) for name in names}

    def _optional(self, arrays: Arrays, name: str) -> Any:
        return self.tensor(arrays[name]) if name in arrays else None


COMMANDS = ("scene", "look_at", "render", "gradients", "trajectory", "time", "memory")


def answer(answers: Answers, request: dict[str, Any]) -> None:
    """Carry out one request and write its arrays."""
    import numpy

    if request["command"] not in COMMANDS:
        raise ValueError(f"unknown command {request['command']!r}; there are {', '.join(COMMANDS)}")
    arrays: Arrays = {}
    if request["arrays"] is not None:
        with numpy.load(request["arrays"]) as file:
            arrays = {name: file[name] for name in file.files}
    reply = getattr(answers, request["command"])(arrays, **request["options"])
    answers.finish()
    numpy.savez(request["reply"], **{name: tensor.cpu().numpy() for name, tensor in reply.items()})


def describe(answers: Answers, threads: int) -> dict[str, str]:
    """The versions and the device."""
    import numpy
    import pytorch3d  # pyright: ignore[reportMissingImports]
    import torch

    cuda = answers.device.type == "cuda"
    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "torch": torch.__version__,
        "pytorch3d": pytorch3d.__version__,
        "device": str(answers.device),
        "device_name": torch.cuda.get_device_name(answers.device) if cuda else platform.processor() or "CPU",
        "threads": str(threads),
    }


def main(device: str, threads: int) -> None:
    """Answer until stdin ends. `threads` 0: as many as torch takes by itself."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to handle; it ends the child by closing stdin

    def say(line: dict[str, Any]) -> None:
        channel.write(json.dumps(line) + "\n")
        channel.flush()

    try:
        import torch

        if threads:
            torch.set_num_threads(threads)
        answers = Answers(device)
        say({"ok": True, "info": describe(answers, torch.get_num_threads())})
    except Exception as error:
        say({"ok": False, "error": one_line(error), "trace": traceback.format_exc()})
        return
    for line in sys.stdin:
        try:
            answer(answers, json.loads(line))
            say({"ok": True})
        except Exception as error:
            say({"ok": False, "error": one_line(error), "trace": traceback.format_exc()})


def one_line(error: Exception) -> str:
    """The error's kind and the first line of what it says."""
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
