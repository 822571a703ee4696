"""What hangs together in a graph."""

from __future__ import annotations

import torch
from torch import Tensor


def components(count: int, edges: Tensor) -> Tensor:
    """int64 [count]: the same number, the least of them, for all nodes that edges int64 [2, E] join."""
    root = torch.arange(count)
    while edges.shape[1]:  # each round joins roots with lower ones, and shortens the ways to them
        a, b = root[edges]
        root.scatter_reduce_(0, torch.maximum(a, b), torch.minimum(a, b), "amin")
        while not torch.equal(shorter := root[root], root):
            root = shorter
        edges = edges[:, root[edges[0]] != root[edges[1]]]
    return root
