"""Jobs a second, and times in words."""

from __future__ import annotations

import pytest

from tvdrnet_nv.batch.pace import Pace, in_words


def test_the_rate_is_that_of_the_last_minute() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.rate(0) == 0
    for now in range(1, 101):
        rate = pace.rate(2 * now)
    assert rate == pytest.approx(2)
    for now in range(101, 301):
        rate = pace.rate(200 + 5 * (now - 100))
    assert rate == pytest.approx(5)
    now = 400.0
    assert pace.rate(1200) < 5


@pytest.mark.parametrize(
    ("seconds", "words"), [(8.4, "8 s"), (600, "10 min"), (12_000, "3 h 20 min"), (200_000, "2 d 7 h")]
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
