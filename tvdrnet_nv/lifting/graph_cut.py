"""The cleanest border between a thing and the rest: a minimum cut of the mesh's graph, by its convex relaxation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.components import components
from tvdrnet_nv.lifting.mesh_graph import MeshGraph, crease_weights, mesh_graph
from tvdrnet_nv.mesh import Mesh

_GAP = 1e-3  # of the energy of what is undecided
_ROUNDS, _CHECK = 500, 25


@dataclass(frozen=True, eq=False)
class Cut:
    """A mesh's vertices in two.

    Attributes:
        mask: bool [V].
        energy: of the mask.
        bound: no mask has a lower energy than this.
        iterations: of the primal-dual method.
    """

    mask: Tensor
    energy: float
    bound: float
    iterations: int


def graph_cut(mesh: Mesh, log_odds: Tensor, smoothness: float = 1.0, graph: MeshGraph | None = None) -> Cut:
    """The mask x in {0, 1}^V of the least energy -Σ log_odds_i x_i + smoothness Σ w_ij |x_i - x_j|.

    The sum is over the mesh's edges; w is 1 on a smooth surface and falls to 0.02 at creases, so that borders are short
    and run along creases. Vertices whose log-odds outweigh all their edges are decided at once, and their neighbours in
    turn. For the others, x in [0, 1] is found by the preconditioned primal-dual method (Pock and Chambolle, "Diagonal
    Preconditioning for First Order Primal-Dual Algorithms", ICCV 2011); where that is exact, a threshold at 1/2 makes
    it a minimum cut (Chan, Esedoglu and Nikolova 2006). It ends when the dual's energy proves the cut to be within
    0.1 %, or after 500 iterations; `Cut.bound` says how near it is. The same result every time.

    Args:
        mesh: the scene.
        log_odds: float [V]: above 0 for the thing; NaN or 0 where nothing is known.
        smoothness: what a cut edge on a smooth surface costs, in units of the log-odds.
        graph: of the mesh, where that is known.

    Raises:
        InputError: another number of vertices, infinite log-odds, or a smoothness below 0.
    """
    if log_odds.shape != (mesh.num_vertices,):
        raise InputError(f"log_odds: {list(log_odds.shape)}; wanted [{mesh.num_vertices}], one a vertex")
    if not 0 <= smoothness < float("inf"):
        raise InputError(f"smoothness={smoothness}: wanted a number of 0 or more")
    gain = log_odds.detach().to("cpu", torch.float64).nan_to_num(nan=0.0, posinf=torch.inf, neginf=-torch.inf)
    if not bool(gain.isfinite().all()):
        raise InputError("log_odds: some are infinite; clamp the probabilities before their log-odds")
    graph = graph or mesh_graph(mesh)
    edges = torch.from_numpy(graph.edges).T
    weight = smoothness * torch.from_numpy(crease_weights(graph))
    return minimum_cut(gain, edges, weight)


def minimum_cut(gain: Tensor, edges: Tensor, weight: Tensor) -> Cut:
    """`graph_cut` of any graph.

    Args:
        gain: float64 [V], what each vertex gives if it is in the mask.
        edges: int64 [2, E].
        weight: float64 [E], 0 or more.
    """
    decided, rest_gain, rest_edges, rest_weight = _decide(gain, edges, weight)
    # A piece of what is open that nothing wants in the mask, or nothing out of it, goes as a whole.
    root = components(len(gain), rest_edges)
    wanted, unwanted = (
        torch.zeros_like(gain).index_add_(0, root, s.clamp(min=0))[root] for s in (rest_gain, -rest_gain)
    )
    decided = torch.where((decided == 0) & (wanted == 0), -1.0, decided)
    decided = torch.where((decided == 0) & (unwanted == 0), 1.0, decided)
    mask = decided > 0
    free = (decided == 0).nonzero()[:, 0]
    iterations, gap = 0, 0.0
    if len(free):
        still = (decided[rest_edges] == 0).all(0)
        rest_edges, rest_weight = rest_edges[:, still], rest_weight[still]
        place = torch.full((len(gain),), -1).index_copy_(0, free, torch.arange(len(free)))
        found, gap, iterations = _primal_dual(rest_gain[free], place[rest_edges], rest_weight)
        mask[free] = found
    energy = _energy(mask, gain, edges, weight)
    return Cut(mask, energy, energy - gap, iterations)


def _decide(gain: Tensor, edges: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Decide what no cut of a vertex's edges outweighs: 1 or -1 [V], 0 where open; and the rest of the problem."""
    decided = torch.zeros_like(gain)
    gain = gain.clone()
    while True:
        around = torch.zeros_like(gain).index_add_(0, edges[0], weight).index_add_(0, edges[1], weight)
        sure = (decided == 0) & (gain.abs() >= around) & ((gain != 0) | (around == 0))
        if not bool(sure.any()):
            return decided, gain, edges, weight
        decided = torch.where(sure, torch.where(gain > 0, 1.0, -1.0).to(gain.dtype), decided)
        for here, there in ((0, 1), (1, 0)):
            gain.index_add_(0, edges[there], weight * decided[edges[here]] * (decided[edges[there]] == 0))
        open_edges = (decided[edges] == 0).all(0)
        edges, weight = edges[:, open_edges], weight[open_edges]


def _primal_dual(gain: Tensor, edges: Tensor, weight: Tensor) -> tuple[Tensor, float, int]:
    """A mask [N], by how much its energy may be above the least, and the number of iterations."""
    a, b = edges
    degree = torch.zeros_like(gain).index_add_(0, a, torch.ones_like(weight)).index_add_(0, b, torch.ones_like(weight))
    # Steps in units of the weights: x is of the size of 1, y of that of the weights.
    scale = float(weight.mean()) if len(weight) else 1.0
    step = 1 / (scale * degree.clamp_min(1))
    x, y = torch.full_like(gain, 0.5), torch.zeros_like(weight)
    pull = torch.zeros_like(gain)
    best, least, bound, done = gain > 0, torch.inf, -torch.inf, 0
    while done < _ROUNDS:
        for _ in range(_CHECK):
            moved = (x + step * (gain - pull)).clamp_(0, 1)
            ahead = 2 * moved - x
            y = torch.minimum(torch.maximum(y + 0.5 * scale * (ahead[a] - ahead[b]), -weight), weight)
            pull = torch.zeros_like(gain).index_add_(0, a, y).index_add_(0, b, y, alpha=-1)
            x = moved
        done += _CHECK
        mask = x > 0.5
        energy = _energy(mask, gain, edges, weight)
        if energy < least:
            best, least = mask, energy
        bound = max(bound, float((pull - gain).clamp(max=0).sum()))
        if least - bound <= _GAP * max(abs(least), scale):
            break
    return best, max(0.0, least - bound), done


def _energy(mask: Tensor, gain: Tensor, edges: Tensor, weight: Tensor) -> float:
    return float((weight * (mask[edges[0]] != mask[edges[1]])).sum() - (gain * mask).sum())
