from __future__ import annotations

from collections.abc import Iterator

import pytest

from tvdrnet_nv.ops import get_log_level, set_log_level


@pytest.fixture(autouse=True)
def level_given_back() -> Iterator[None]:
    before = get_log_level()
    yield
    set_log_level(before)


def test_warning_is_the_default_and_what_is_set_is_got():
    assert get_log_level() == 1
    for level in (0, 3, 2, 1):
        set_log_level(level)
        assert get_log_level() == level


@pytest.mark.parametrize(("level", "error"), [(-1, ValueError), (4, ValueError), ("1", TypeError), (True, TypeError)])
def test_other_levels_are_refused_and_change_nothing(level, error):
    set_log_level(2)
    with pytest.raises(error, match="level must be 0"):
        set_log_level(level)
    assert get_log_level() == 2
