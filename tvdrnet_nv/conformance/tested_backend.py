"""What a case runs on: a device, a dtype and what may be expected of its precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.ops.backends import Backend


@dataclass(frozen=True)
class TestedBackend:
    """The ops on one backend in one dtype.

    The methods named like the ops take and give CPU tensors, whatever the device, and are differentiable: what goes in
    is moved to the device and the dtype, what comes out is moved back.
    """

    backend: Backend
    dtype: torch.dtype
    ctx: ops.RasterizeCudaContext = field(default_factory=ops.RasterizeCudaContext)

    @property
    def device(self) -> str:
        """Where its tensors are."""
        return self.backend.device_type

    @property
    def exact(self) -> bool:
        """Coverage and depth order are decided from the vertices as given. nvdiffrast's CUDA rasterizer first rounds
        them to 1/16 pixel, so pixels within that of an edge may fall to either side."""
        return self.backend.exact_coverage

    @property
    def tolerance(self) -> float:
        """For values, relative and absolute: rounding; on CUDA, where all is computed in float32, that of it."""
        return {torch.float32: 2e-6, torch.float64: 2e-12}[self.dtype] if self.exact else 2e-4

    @property
    def gradient_tolerance(self) -> float:
        """For gradients, relative to the largest."""
        return {torch.float32: 1e-4, torch.float64: 1e-9}[self.dtype] if self.exact else 1e-2

    def to(self, t: Tensor) -> Tensor:
        """On the device; floats in the dtype."""
        return t.to(self.device, self.dtype) if t.is_floating_point() else t.to(self.device)

    def rounded(self, t: Tensor) -> Tensor:
        """float64 with only what the dtype holds: what a reference must be given to see what the backend sees."""
        return t.to(self.dtype).double()

    def rasterize(
        self,
        pos: Tensor,
        tri: Tensor,
        resolution: tuple[int, int],
        ranges: Tensor | None = None,
        grad_db: bool = True,
        ctx: ops.RasterizeCudaContext | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`ops.rasterize`; `ranges` stay on the CPU, as the contract says."""
        results = ops.rasterize(ctx or self.ctx, self.to(pos), self.to(tri), resolution, ranges, grad_db)
        return results[0].cpu(), results[1].cpu()

    def interpolate(
        self,
        attr: Tensor,
        rast: Tensor,
        tri: Tensor,
        rast_db: Tensor | None = None,
        diff_attrs: Sequence[int] | str | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`ops.interpolate`."""
        db = None if rast_db is None else self.to(rast_db)
        out, out_da = ops.interpolate(self.to(attr), self.to(rast), self.to(tri), db, diff_attrs)
        return out.cpu(), out_da.cpu()

    def antialias(
        self,
        color: Tensor,
        rast: Tensor,
        pos: Tensor,
        tri: Tensor,
        topology_hash: ops.TopologyHash | None = None,
        pos_gradient_boost: float = 1.0,
    ) -> Tensor:
        """`ops.antialias`."""
        out = ops.antialias(
            self.to(color), self.to(rast), self.to(pos), self.to(tri), topology_hash, pos_gradient_boost
        )
        return out.cpu()

    def ids(self, pos: Tensor, tri: Tensor, resolution: tuple[int, int], ranges: Tensor | None = None) -> Tensor:
        """The triangle that each pixel sees, -1 for none: int64 [B, H, W]."""
        return self.rasterize(pos, tri, resolution, ranges)[0][..., 3].long() - 1

    def hits(self, pos: Tensor, tri: Tensor, resolution: tuple[int, int]) -> Tensor:
        """How many of the triangles hit each pixel when each is rasterized alone: int64 [H, W]. pos [V, 4]."""
        each = torch.stack((torch.arange(len(tri)), torch.ones(len(tri), dtype=torch.int64)), dim=1).int()
        return (self.ids(pos, tri, resolution, each) >= 0).sum(0)

    def assert_close(self, have: Tensor, want: Tensor, scale: float = 1.0) -> None:
        """Values agree within `scale` times the tolerance."""
        tolerance = scale * self.tolerance
        torch.testing.assert_close(have.double(), want.double(), rtol=tolerance, atol=tolerance)

    def assert_gradient_close(self, have: Tensor, want: Tensor) -> None:
        """Gradients agree within the tolerance, relative to the largest; and there is something to compare."""
        largest = float(want.abs().max())
        assert largest > 0
        tolerance = self.gradient_tolerance
        torch.testing.assert_close(have.double(), want.double(), rtol=tolerance, atol=tolerance * largest)

    def assert_same_ids(self, have: Tensor, want: Tensor) -> Tensor:
        """The same triangles are seen: everywhere, or within what `exact` leaves open. Returns where: bool."""
        same = have == want
        assert bool(same.all()) if self.exact else float(same.double().mean()) >= 0.8
        return same
