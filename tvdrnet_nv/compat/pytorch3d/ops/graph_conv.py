"""A layer of a network on the graph of a mesh."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["GraphConv", "gather_scatter", "gather_scatter_python"]


def gather_scatter(input: Tensor, edges: Tensor, directed: bool = False) -> Tensor:
    """For each vertex the sum of its neighbours' features.

    Args:
        input: [V, D].
        edges: [E, 2] int64.
        directed: whether features go only from an edge's second vertex to its first.

    Returns:
        [V, D].

    Raises:
        ValueError: other shapes.
    """
    if input.dim() != 2:
        raise ValueError("input can only have 2 dimensions.")
    if edges.dim() != 2 or edges.shape[1] != 2:
        raise ValueError("edges must be of shape (num_edges, 2).")
    first, second = edges.unbind(1)
    sums = torch.zeros_like(input).index_add(0, first, input[second])
    return sums if directed else sums.index_add(0, second, input[first])


gather_scatter_python = gather_scatter


class GraphConv(nn.Module):
    """W0 times a vertex's features, plus the sum over its neighbours of W1 times theirs (Kipf and Welling 2017).

    Args:
        input_dim: features of a vertex.
        output_dim: features of a vertex in what comes out.
        init: of the weights, 'normal' (deviation 0.01) or 'zero'.
        directed: see `gather_scatter`.

    Raises:
        ValueError: another `init`.
    """

    def __init__(self, input_dim: int, output_dim: int, init: str = "normal", directed: bool = False) -> None:
        super().__init__()
        self.input_dim, self.output_dim, self.directed = input_dim, output_dim, directed
        self.w0, self.w1 = nn.Linear(input_dim, output_dim), nn.Linear(input_dim, output_dim)
        if init not in ("normal", "zero"):
            raise ValueError(f'Invalid GraphConv initialization "{init}"')
        for layer in (self.w0, self.w1):
            if init == "normal":
                nn.init.normal_(layer.weight, mean=0.0, std=0.01)
            else:
                nn.init.zeros_(layer.weight)
            # PyTorch3D leaves the biases to torch where the weights are zero.
            if init == "normal":
                nn.init.zeros_(layer.bias)

    def forward(self, verts: Tensor, edges: Tensor) -> Tensor:
        """[V, output_dim] of features [V, input_dim] and edges [E, 2] int64.

        Raises:
            ValueError: they are on different devices.
        """
        if verts.device != edges.device:
            raise ValueError("verts and edges tensors must be on the same device.")
        if len(verts) == 0:
            return verts.new_zeros(0, self.output_dim) * verts.sum()
        return self.w0(verts) + gather_scatter(self.w1(verts), edges, self.directed)

    def __repr__(self) -> str:
        return f"GraphConv({self.input_dim} -> {self.output_dim}, directed={self.directed})"
