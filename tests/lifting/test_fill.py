"""Votes of superpoints, and unseen vertices from their neighbours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.lifting.scenes import axis, join, patch, square
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import fill_unseen, superpoint_vote
from tvdrnet_nv.lifting.fill import segments_of_mesh

NAN = float("nan")


def test_a_segments_score_is_its_known_vertices_weighted_mean() -> None:
    scores = torch.tensor([1.0, 0.0, NAN, 0.5, NAN, NAN])
    segments = np.array([7, 7, 7, 2, 2, 9])
    plain = superpoint_vote(scores, segments)
    assert plain[:5].tolist() == [0.5, 0.5, 0.5, 0.5, 0.5]
    assert bool(plain[5].isnan())
    weighted = superpoint_vote(scores, segments, torch.tensor([3.0, 1, 5, 1, 1, 1]))
    assert weighted[:3].tolist() == [0.75] * 3
    both = superpoint_vote(torch.stack([scores, 2 * scores], 1), segments)
    torch.testing.assert_close(both[:, 1], 2 * plain, equal_nan=True)


def test_unseen_vertices_take_their_neighbours_scores_and_seen_ones_keep_theirs() -> None:
    mesh = square(cells=8)
    x = mesh.vertices[:, 0]
    scores = torch.where(x < -0.6, 0.0, torch.where(x > 0.6, 1.0, NAN))
    found, filled = fill_unseen(mesh, scores)
    assert torch.equal(filled, scores.isnan())
    assert torch.equal(found[~filled], scores[~filled])
    assert bool((found[x < -0.1] < 0.5).all())
    assert bool((found[x > 0.1] > 0.5).all())


def test_a_crease_holds_scores_back() -> None:
    """An unknown strip of wall above a floor: the wall's score reaches down to the crease."""
    x, y, z = axis(1, 0, 0), axis(0, 1, 0), axis(0, 0, 1)
    mesh, wall = join([patch((0, 0, 0), x, y, 20), patch((0, 1, 0), x, z, 20)])
    height, away = mesh.vertices[:, 2], 1 - mesh.vertices[:, 1]
    scores = torch.where(height > 0.12, 1.0, torch.where(away > 0.02, 0.0, NAN))
    found, filled = fill_unseen(mesh, scores)
    upper = filled & (wall == 1) & (height > 0.08)
    assert bool((found[upper] > 0.5).all())


def test_superpoints_come_first_and_lonely_pieces_stay_unknown() -> None:
    one, other = square(cells=2), square(cells=2)
    mesh, _ = join([(one.vertices, one.faces.long()), (other.vertices + 5, other.faces.long())])
    scores = torch.full((18,), NAN)
    scores[0] = 0.25
    segments = np.array([0, 1, 0, 1, 1, 1, 1, 1, 1] + [2] * 9)
    found, filled = fill_unseen(mesh, scores, segments)
    assert found[:9].tolist() == [0.25] * 9
    assert bool(found[9:].isnan().all())
    assert filled.tolist() == [False] + [True] * 8 + [False] * 9


def test_segments_of_a_files_vertices_are_those_of_the_meshs() -> None:
    mesh = square(cells=1)
    split = replace(mesh, file_vertices=torch.tensor([4, 0, 2, 0]))
    assert segments_of_mesh(split, np.array([10, 11, 12, 13, 14])).tolist() == [14, 10, 12, 10]
    assert segments_of_mesh(mesh, np.array([1, 2, 3, 4])).tolist() == [1, 2, 3, 4]
    with pytest.raises(InputError, match="segments: of 3 vertices, but the mesh has 4"):
        segments_of_mesh(split, np.array([1, 2, 3]))


def test_bad_input_is_one_line() -> None:
    with pytest.raises(InputError, match="segments: of 3 vertices, but the mesh has 2; give those of this mesh"):
        superpoint_vote(torch.zeros(2), np.zeros(3, int))
    with pytest.raises(InputError, match=r"segments: float64 \[2\]; wanted whole numbers \[2\]"):
        superpoint_vote(torch.zeros(2), np.zeros(2))
    with pytest.raises(InputError, match="weights: wanted 2 numbers of 0 or more"):
        superpoint_vote(torch.zeros(2), np.zeros(2, int), -torch.ones(2))
    with pytest.raises(InputError, match="scores: 2, but the mesh has 81 vertices"):
        fill_unseen(square(), torch.zeros(2))
