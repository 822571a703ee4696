"""What an encoding lacks."""

from __future__ import annotations

import pytest

from tvdrnet_nv.cli._spelled import spelled


@pytest.mark.parametrize(
    ("encoding", "want"),
    [("ascii", "2x3, 5 deg +- 0.1: ok ?"), ("latin-1", "2×3, 5° ± 0.1: ok ?"), ("utf-8", "2×3, 5° ± 0.1: ✓ 室")],
)
def test_signs_are_spelled_where_the_encoding_lacks_them(encoding: str, want: str) -> None:
    assert spelled("2×3, 5° ± 0.1: ✓ 室", encoding) == want
