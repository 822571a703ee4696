"""Names of colours."""

from __future__ import annotations

import numpy as np
import pytest

from tvdrnet_nv.grounding.colors import WORDS, color_shares, main_colors, match, to_lab


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((20, 120, 40), "green"),
        ((60, 90, 200), "blue"),
        ((250, 220, 60), "yellow"),
        ((250, 250, 250), "white"),
        ((8, 8, 8), "black"),
        ((120, 120, 120), "grey"),
        ((100, 60, 30), "brown"),
        ((120, 60, 150), "purple"),
        ((240, 130, 30), "orange"),
    ],
)
def test_plain_colors_have_their_names(rgb: tuple[int, int, int], name: str) -> None:
    shares = color_shares(np.tile(np.array(rgb) / 255, (10, 1)))
    assert shares == {name: 1.0}
    assert match(shares, name) == 1.0
    assert main_colors(shares) == (name,)


def test_the_shade_does_not_count() -> None:
    colors = np.array([[0.05, 0.05, 0.06]] * 40 + [[0.8, 0.1, 0.1]] * 60)
    assert main_colors(color_shares(colors)) == ("red",)


def test_a_kin_color_counts_half() -> None:
    teal = color_shares(np.full((4, 3), [0.1, 0.55, 0.55]))
    assert match(teal, "turquoise") == 1.0
    assert match(teal, "blue") == 0.5
    assert match(teal, "red") == 0.0
    assert color_shares(np.empty((0, 3))) == {}
    assert all(match({}, word) == 0 for word in WORDS)


def test_lab_of_known_colors() -> None:
    """Reference values of sRGB's white and red under D65."""
    np.testing.assert_allclose(
        to_lab(np.array([[1.0, 1, 1], [1, 0, 0]])), [[100, 0, 0], [53.24, 80.09, 67.20]], atol=0.1
    )
