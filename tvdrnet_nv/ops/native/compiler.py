"""NVRTC, NVIDIA's compiler as a library: from our sources to what a GPU runs. It needs no GPU, and no CUDA toolkit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, files

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.native.sources import Source, headers

# What CUDA builds of torch depend on, and what the CUDA toolkit has.
_PACKAGES = ("nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu12")
_NAMES = ("libnvrtc.so.13", "libnvrtc.so.12")

_OPTIONS = (
    "--std=c++20",
    "--fmad=false",  # as -ffp-contract=off on the CPU
    "--device-as-default-execution-space",  # the shared functions are no CUDA of their own
)
_INSTALL = "CUDA builds of torch bring it along, otherwise: pip install 'tvdrnet_nv[nvrtc]'"


def libraries() -> Iterator[str]:
    """Where NVRTC may be: in its packages, or where the linker looks."""
    for package in _PACKAGES:
        try:
            installed = files(package) or []
        except PackageNotFoundError:
            continue
        yield from (str(file.locate()) for file in installed if file.name.startswith("libnvrtc.so"))
    yield from _NAMES


class Compiler:
    """The first NVRTC of some places that is there, and that makes code which a driver understands.

    Args:
        driver: the driver's version of CUDA, such as 12040; None: any will do.
        places: paths or names of the library.

    Attributes:
        version: NVRTC's, such as "13.0".

    Raises:
        RuntimeError: there is none; one sentence, with what to do.
    """

    def __init__(self, driver: int | None = None, places: Sequence[str] | None = None) -> None:
        newer: list[str] = []
        for place in libraries() if places is None else places:
            try:
                self._nvrtc = _cpu.Nvrtc(place)
            except RuntimeError:
                continue  # the next one may be there; if none is, this is said below
            major, minor = self._nvrtc.version()
            self.version = f"{major}.{minor}"
            if driver is None or major <= driver // 1000:
                return
            newer.append(self.version)
        if newer:
            assert driver is not None
            known = f"{driver // 1000}.{driver % 1000 // 10}"
            raise RuntimeError(
                f"NVRTC {newer[0]} makes kernels that the NVIDIA driver, of CUDA {known}, does not understand; "
                f"update the driver, or pip install nvidia-cuda-nvrtc-cu{driver // 1000}"
            )
        raise RuntimeError(f"NVRTC, which compiles our CUDA kernels, is not installed; {_INSTALL}")

    def architecture(self, capability: int) -> str:
        """What to compile for on a GPU: "sm_90", or "compute_90" where the driver has to finish the work.

        Args:
            capability: the GPU's, 90 for 9.0.

        Raises:
            RuntimeError: NVRTC compiles for none that runs there.
        """
        known = self._nvrtc.architectures()
        # Machine code runs on the GPUs of its own generation, from its own number on; PTX on all later ones.
        same = [one for one in known if one // 10 == capability // 10 and one <= capability]
        if same:
            return f"sm_{max(same)}"
        older = [one for one in known if one < capability]
        if older:
            return f"compute_{max(older)}"
        raise RuntimeError(
            f"NVRTC {self.version} compiles for sm_{min(known)} and later, and this GPU is an sm_{capability}; "
            "install an older NVRTC with a torch for an older CUDA"
        )

    def key(self, source: Source, architecture: str) -> str:
        """All that decides what the compiled source is."""
        parts = (self.version, architecture, *_OPTIONS, source.name, source.text, *sorted(headers().items()))
        return repr(parts)

    def compiled(self, source: Source, architecture: str) -> bytes:
        """A source's machine code for "sm_90", or its PTX for "compute_90".

        Raises:
            RuntimeError: it does not compile; the message is the compiler's.
        """
        options = [f"--gpu-architecture={architecture}", *_OPTIONS]
        machine_code = architecture.startswith("sm_")
        return self._nvrtc.compile(source.name, source.text, headers(), options, machine_code)
