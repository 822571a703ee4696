"""Our CUDA kernels on NVIDIA GPUs: compiled at their first use, and launched on torch's current stream.

Neither libcuda nor NVRTC is needed to install or import the package. Both are opened at the first use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache, cached_property

import torch

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops import cuda_device
from tvdrnet_nv.ops.native.compiler import Compiler
from tvdrnet_nv.ops.native.kept import compiled
from tvdrnet_nv.ops.native.sources import Source, source_of, sources

_MULTIPROCESSORS, _MAJOR, _MINOR = 16, 75, 76  # cuDeviceGetAttribute's numbers
_LANES, _BLOCKS_PER_MULTIPROCESSOR = 128, 16


def _current_stream(device: int) -> int:
    return torch.cuda.current_stream(device).cuda_stream


def _capturing(device: int) -> bool:
    if not torch.cuda.is_available():
        return False
    with torch.cuda.device(device):  # torch asks the current device's current stream
        return torch.cuda.is_current_stream_capturing()


class Gpus:
    """The machine's GPUs, numbered as torch does, and the kernels that they have been given.

    Args:
        library: the driver's.
        nvrtc: where NVRTC may be; None: where it is installed.
        current_stream: torch's, as a number, from a device's.
        capturing: whether a CUDA graph is made of what is launched now on a device.
    """

    def __init__(
        self,
        library: str = "libcuda.so.1",
        nvrtc: Sequence[str] | None = None,
        current_stream: Callable[[int], int] = _current_stream,
        capturing: Callable[[int], bool] = _capturing,
    ) -> None:
        self._library, self._nvrtc = library, nvrtc
        self._current_stream, self._capturing = current_stream, capturing
        self._lock = threading.Lock()
        self._modules: dict[tuple[int, str], int] = {}
        self._functions: dict[tuple[int, str], int] = {}
        self._blocks: dict[int, int] = {}

    @cached_property
    def _driver(self) -> _cpu.CudaDriver:
        try:
            return _cpu.CudaDriver(self._library)
        except RuntimeError as error:
            said = str(error)
        if said.startswith("cuInit: "):
            raise RuntimeError(f"the NVIDIA driver does not start ({said}); check nvidia-smi")
        if " has no cu" in said:
            raise RuntimeError(f"the NVIDIA driver is too old ({said}); update it")
        raise RuntimeError(f"there is no NVIDIA driver ({said}); install it")

    @cached_property
    def _compiler(self) -> Compiler:
        return Compiler(self._driver.version(), self._nvrtc)

    def launch(self, kernels: list[str], job: bytes, grid: tuple[int, int] | None, device: torch.device) -> None:
        """Launch kernels one after the other on torch's current stream. The host does not wait for them.

        Args:
            kernels: their names.
            job: the bytes of the struct that they take.
            grid: blocks, and threads in each; None is what fills the GPU.
            device: which GPU; the tensors that the job points to are there.

        Raises:
            RuntimeError: the driver, NVRTC or the kernel refuses; one sentence, with what to do.
        """
        index = device.index or 0
        functions = [self._functions.get((index, kernel)) or self._load(index, kernel) for kernel in kernels]
        blocks, lanes = grid or (self._blocks[index], _LANES)
        self._driver.launch(index, functions, blocks, lanes, self._current_stream(index), job)

    def prepare(self, device: int) -> None:
        """Compile and load all kernels for a device, which their first launches would do otherwise.

        Raises:
            RuntimeError: as `launch`.
        """
        for source in sources():
            for kernel in source.kernels:
                if (device, kernel) not in self._functions:
                    self._load(device, kernel)

    def _load(self, device: int, kernel: str) -> int:
        if self._capturing(device):
            raise RuntimeError(
                f"the kernel {kernel} is not loaded yet, and nothing can be loaded while a CUDA graph is captured; "
                "take the step once before"
            )
        with self._lock:
            self._blocks[device] = _BLOCKS_PER_MULTIPROCESSOR * self._driver.attribute(device, _MULTIPROCESSORS)
            source = source_of(kernel)
            module = self._modules.get((device, source.name))
            if module is None:
                module = self._modules[device, source.name] = self._module(device, source)
            function = self._functions.get((device, kernel))
            if function is None:
                function = self._functions[device, kernel] = self._driver.function(device, module, f"tvdr_{kernel}")
            return function

    def _module(self, device: int, source: Source) -> int:
        capability = 10 * self._driver.attribute(device, _MAJOR) + self._driver.attribute(device, _MINOR)
        architecture = self._compiler.architecture(capability)
        image = compiled(self._compiler, source, architecture)
        try:
            return self._driver.load(device, image)
        except RuntimeError as error:
            version = self._driver.version()
            raise RuntimeError(
                f"the NVIDIA driver, of CUDA {version // 1000}.{version % 1000 // 10}, cannot load what NVRTC "
                f"{self._compiler.version} made of {source.name} for {architecture} ({error}); update the driver"
            ) from error


@cache
def gpus() -> Gpus:
    """Those of this machine."""
    return Gpus()


def launch(kernels: list[str], job: bytes, grid: tuple[int, int] | None, device: torch.device) -> None:
    """See `Gpus.launch`."""
    gpus().launch(kernels, job, grid, device)


def prepare(device: torch.device) -> None:
    """See `Gpus.prepare`."""
    gpus().prepare(device.index or 0)


def why_unavailable(device: torch.device | None = None) -> str | None:
    """Why our kernels cannot run on a CUDA device, and what to do, in one sentence; None where they can.

    Compiles and loads them all, a few seconds the first time.

    Args:
        device: which; None is torch's current one.
    """
    absent = cuda_device.why_absent()
    if absent is not None:
        return absent
    index = None if device is None else device.index
    return _why_not_prepared(torch.cuda.current_device() if index is None else index)


@cache
def _why_not_prepared(device: int) -> str | None:
    try:
        gpus().prepare(device)
    except RuntimeError as error:
        return str(error)
    return None
