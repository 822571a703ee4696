"""How the view that a mapping proposes compares with a search."""

from __future__ import annotations

import pytest

from tvdrnet_nv import Orbit
from tvdrnet_nv.jobs.focus_report import Comparison


@pytest.mark.parametrize(
    ("proposed", "searched", "little"), [(0.0, 0.9, True), (0.2, 0.9, True), (0.3, 0.9, False), (0.0, 0.0, False)]
)
def test_a_proposal_shows_little_where_a_search_shows_much_more(proposed: float, searched: float, little: bool) -> None:
    view = Orbit.create(1.0, 30.0, 45.0, 60.0)
    assert Comparison(proposed, view, searched).shows_little is little
