"""Laplacians of meshes, as sparse matrices."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["cot_laplacian", "laplacian", "norm_laplacian"]


def _sparse(rows: Tensor, columns: Tensor, values: Tensor, size: int) -> Tensor:
    return torch.sparse_coo_tensor(torch.stack([rows, columns]), values, (size, size), check_invariants=False)


def laplacian(verts: Tensor, edges: Tensor) -> Tensor:
    """Sparse [V, V]: L @ x is the mean of each vertex's neighbours minus its own value.

    Args:
        verts: [V, 3].
        edges: [E, 2] int64, each edge once.
    """
    a, b = edges.unbind(1)
    ends, others = torch.cat([a, b]), torch.cat([b, a])
    degree = torch.bincount(ends, minlength=len(verts)).to(torch.float32)
    own = torch.arange(len(verts), device=verts.device)
    rows, columns = torch.cat([ends, own]), torch.cat([others, own])
    values = torch.cat([1.0 / degree[ends], torch.full_like(degree, -1.0)])
    return _sparse(rows, columns, values, len(verts)).coalesce()


def cot_laplacian(verts: Tensor, faces: Tensor, eps: float = 1e-12) -> tuple[Tensor, Tensor]:
    """Cotangent weights (Desbrun et al., "Implicit Fairing of Irregular Meshes", 1999).

    Args:
        verts: [V, 3].
        faces: [F, 3] int64.
        eps: the least squared area times 16.

    Returns:
        sparse [V, V], for each edge the sum of the cotangents of the opposite angles; and [V, 1], the inverse of the
        area of the faces around each vertex.
    """
    corners = verts[faces]
    squared = [(corners[:, (i + 1) % 3] - corners[:, (i + 2) % 3]).square().sum(1) for i in range(3)]
    lengths = [s.sqrt() for s in squared]
    half = sum(lengths) / 2  # Heron's formula
    product = half * (half - lengths[0]) * (half - lengths[1]) * (half - lengths[2])
    area = product.clamp_min(eps).sqrt()
    total = squared[0] + squared[1] + squared[2]
    cotangents = torch.stack([(total - 2 * s) / area for s in squared], dim=1) / 4
    rows, columns = faces[:, [1, 2, 0]].reshape(-1), faces[:, [2, 0, 1]].reshape(-1)
    one_way = _sparse(rows, columns, cotangents.reshape(-1), len(verts))
    around = verts.new_zeros(len(verts)).index_add(0, faces.reshape(-1), area.repeat_interleave(3))
    inverse = torch.where(around > 0, 1.0 / torch.where(around > 0, around, 1.0), around)
    return one_way + one_way.t(), inverse[:, None]


def norm_laplacian(verts: Tensor, edges: Tensor, eps: float = 1e-12) -> Tensor:
    """Sparse [V, V]: for each edge the inverse of its length plus `eps`.

    Args:
        verts: [V, 3].
        edges: [E, 2] int64.
        eps: keeps edges without length finite.
    """
    a, b = edges.unbind(1)
    weights = 1.0 / ((verts[a] - verts[b]).norm(dim=1) + eps)
    one_way = _sparse(a, b, weights, len(verts))
    return one_way + one_way.t()
