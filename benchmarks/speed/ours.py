"""A step of this library, as its users run it."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.environment import device_label
from tvdrnet_nv.benchmarks.speed.cases import FORWARD, Case
from tvdrnet_nv.benchmarks.speed.clock import Clock, Memory
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.ops.backends import TABLE, backend_for, using
from tvdrnet_nv.optimization import INTERRUPTED, optimize
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.starts import scene_light

# So slow that the camera stays beside the start, where PyTorch3D's takes every step: what a step costs depends on the
# view.
_LEARNING_RATE = 1e-9


class Ours:
    """`optimize` with TVDRNet's method and loss, antialiased; a step is the time from one loss to the next.

    The camera stays where the network's first output puts it, some degrees beside the start.

    Args:
        case: what to time.
        device: where.
        backend: another than the device has now; its name becomes part of this one's.
    """

    def __init__(self, case: Case, device: torch.device, backend: str | None = None) -> None:
        self._case, self._device = case, device
        self._backend = backend_for(device) if backend is None else TABLE[backend]
        self.name = "tvdrnet_nv" if backend is None else self.name_on(backend)
        self._memory = Memory(device)
        mesh = case.mesh().to(device)
        self._memory.start()
        self._orbit = case.orbit().to(device)
        with using(self._backend):
            self._renderer = Renderer(mesh, case.resolution, light=scene_light(self._orbit))

    @staticmethod
    def name_on(backend: str) -> str:
        """The name of what runs on a backend beside the device's own."""
        return f"tvdrnet_nv, {backend}"

    @property
    def label(self) -> str:
        """See `device_label`."""
        with using(self._backend):
            return device_label(self._device)

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many steps, or forward passes, in a row."""
        usual = torch.get_num_threads()
        torch.set_num_threads(self._case.threads or usual)
        try:
            with using(self._backend):
                return self._times(repeats)
        finally:
            torch.set_num_threads(usual)

    def _times(self, repeats: int) -> list[float]:
        clock = Clock(self._device)
        if self._case.what == FORWARD:
            camera = self._orbit.camera()
            with torch.no_grad():
                for _ in range(repeats + 1):
                    clock.mark()
                    _ = self._renderer(camera).rgba
            return clock.seconds()

        def objective(render: Render) -> Tensor:
            # Once in a step, on the device's own clock: on CUDA a callback would hear of many steps at once.
            clock.mark()
            return view_heuristic(render)

        # The first moment is the start's own picture's, before the loop.
        result = optimize(
            self._renderer,
            self._orbit,
            objective,
            method="tvdrnet",
            iterations=repeats + 1,
            learning_rate=_LEARNING_RATE,
        )
        if result.reason == INTERRUPTED:
            raise KeyboardInterrupt
        return clock.seconds()[1:]

    def peak_mib(self) -> float | None:
        """The peak of memory since it was made, without the mesh."""
        return self._memory.peak_mib()
