"""Rasterizer contexts, accepted so that code written for nvdiffrast runs."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.ops import nvdiffrast


class RasterizeCudaContext:
    """Stands for nvdiffrast's context of the same name.

    On CUDA tensors it makes nvdiffrast's own context on first use and keeps it; on CPU tensors it holds nothing.

    Args:
        device: the CUDA device that the context is for; `None` is the device of the tensors it is first used with.
    """

    output_db = True

    def __init__(self, device: torch.device | str | int | None = None) -> None:
        self._device = device
        self._native: Any = None
        self._peeling = False

    def __getstate__(self) -> dict[str, Any]:
        """What pickle and copies keep: all but nvdiffrast's context, which is made on first use."""
        return {**vars(self), "_native": None, "_peeling": False}

    def native(self, device: torch.device) -> Any:
        """nvdiffrast's context, made on first use."""
        if self._native is None:
            self._native = nvdiffrast.load().RasterizeCudaContext(
                device=self._device if self._device is not None else device
            )
        return self._native

    def refuse_while_peeling(self) -> None:
        """Raise where a `DepthPeeler` is at work with this context, which it reserves, as in nvdiffrast."""
        if self._peeling:
            raise RuntimeError(
                "a DepthPeeler is at work with this context: call its rasterize_next_layer(), or use another context "
                "within its `with` block"
            )

    def reserve_for_peeling(self) -> None:
        """Keep the context for one `DepthPeeler` until `release_from_peeling`."""
        self._peeling = True

    def release_from_peeling(self) -> None:
        """The `DepthPeeler` is done."""
        self._peeling = False


class RasterizeGLContext(RasterizeCudaContext):
    """Accepted for compatibility: rasterizes exactly as `RasterizeCudaContext` does, without OpenGL.

    Args:
        output_db: whether `rasterize` returns derivatives; with `False` they are empty, as in nvdiffrast.
        mode: 'automatic' or 'manual'; both mean the same here.
        device: as in `RasterizeCudaContext`.
    """

    def __init__(
        self, output_db: bool = True, mode: str = "automatic", device: torch.device | str | int | None = None
    ) -> None:
        if mode not in ("automatic", "manual"):
            raise ValueError(f"mode must be 'automatic' or 'manual'; got {mode!r}")
        super().__init__(device)
        self.output_db = output_db

    def set_context(self) -> None:
        """Nothing to do: there is no OpenGL context."""

    def release_context(self) -> None:
        """Nothing to do: there is no OpenGL context."""
