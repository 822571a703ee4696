"""Cuts against all masks of small graphs, and against an exact maximum flow."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from tests.lifting.scenes import box_on_floor, iou, square
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import graph_cut
from tvdrnet_nv.lifting.graph_cut import minimum_cut
from tvdrnet_nv.lifting.mesh_graph import crease_weights, mesh_graph


def energy(mask: torch.Tensor, gain: torch.Tensor, edges: torch.Tensor, weight: torch.Tensor) -> float:
    a, b = mask[edges[0]], mask[edges[1]]
    return float((weight * (a != b)).sum() - gain[mask].sum())


@pytest.mark.parametrize("seed", range(6))
def test_no_mask_of_a_small_graph_has_less_energy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = np.array(list(itertools.combinations(range(10), 2)))
    edges = torch.from_numpy(pairs[rng.random(len(pairs)) < 0.4]).T
    weight = torch.from_numpy(rng.random(edges.shape[1]))
    gain = torch.from_numpy(rng.normal(size=10)) * (torch.from_numpy(rng.random(10)) < 0.7)
    masks = [torch.tensor(bits) for bits in itertools.product([False, True], repeat=10)]
    least = min(energy(mask, gain, edges, weight) for mask in masks)
    cut = minimum_cut(gain, edges, weight)
    assert cut.energy == pytest.approx(energy(cut.mask, gain, edges, weight))
    assert cut.bound - 1e-9 <= least <= cut.energy + 1e-9
    assert cut.energy - least <= 1e-3 * max(abs(least), 1)


def test_the_cut_of_a_noisy_mesh_is_a_minimum_cut() -> None:
    flow = pytest.importorskip("scipy.sparse.csgraph", reason="scipy is what this test compares with")
    sparse = pytest.importorskip("scipy.sparse")
    mesh, box = box_on_floor()
    noise = torch.randn(mesh.num_vertices, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gain = (torch.where(box, 1.0, -1.0) + 2 * noise).mul(64).round() / 64
    gain[::3] = torch.nan
    graph = mesh_graph(mesh)
    weight = np.round(1.5 * crease_weights(graph) * 64)
    n, (a, b) = mesh.num_vertices, graph.edges.T
    known = gain.nan_to_num(nan=0.0).numpy() * 64
    source, sink = np.full(n, n), np.full(n, n + 1)
    rows = np.concatenate([a, b, source, np.arange(n)])
    columns = np.concatenate([b, a, np.arange(n), sink])
    capacity = np.concatenate([weight, weight, known.clip(0), (-known).clip(0)]).astype(np.int32)
    network = sparse.csr_array((capacity, (rows, columns)), shape=(n + 2, n + 2))
    least = (flow.maximum_flow(network, n, n + 1).flow_value - known.clip(0).sum()) / 64
    cut = minimum_cut(gain.nan_to_num(nan=0.0), torch.from_numpy(graph.edges).T, torch.from_numpy(weight) / 64)
    assert cut.bound <= least + 1e-6
    assert least - 1e-6 <= cut.energy <= least + 1e-3 * abs(least)


def test_noise_goes_and_creases_stay() -> None:
    mesh, box = box_on_floor()
    noise = torch.randn(mesh.num_vertices, generator=torch.Generator().manual_seed(1))
    scores = torch.where(box, 0.7, -0.7) + noise
    rough, cut = scores > 0, graph_cut(mesh, scores, 1.5)
    assert iou(rough, box) < 0.7
    assert iou(cut.mask, box) > 0.97
    assert torch.equal(cut.mask, graph_cut(mesh, scores, 1.5).mask)
    assert torch.equal(graph_cut(mesh, scores, 0.0).mask, rough)


def test_unknown_vertices_follow_their_neighbours() -> None:
    mesh = square(cells=10)
    gain = torch.full((mesh.num_vertices,), torch.nan)
    gain[mesh.vertices[:, 0] < -0.75] = -5.0
    gain[mesh.vertices[:, 0] > -0.35] = 5.0
    cut = graph_cut(mesh, gain)
    assert bool(cut.mask[mesh.vertices[:, 0] > -0.35].all())
    assert not bool(cut.mask[mesh.vertices[:, 0] < -0.75].any())
    assert not bool(graph_cut(mesh, torch.full_like(gain, torch.nan)).mask.any())


def test_bad_input_is_one_line() -> None:
    mesh = square()
    with pytest.raises(InputError, match=r"log_odds: \[3\]; wanted \[81\], one a vertex"):
        graph_cut(mesh, torch.zeros(3))
    with pytest.raises(InputError, match="log_odds: some are infinite"):
        graph_cut(mesh, torch.full((81,), torch.inf))
    with pytest.raises(InputError, match="smoothness=-1"):
        graph_cut(mesh, torch.zeros(81), -1)
