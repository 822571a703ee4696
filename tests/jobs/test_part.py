"""Names of a part of the scene."""

from __future__ import annotations

import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.part import parse_part


def test_parse_part_says_what_is_meant() -> None:
    part = parse_part("label=3, chair")
    assert part.names == ("3", "chair")
    with pytest.raises(InputError, match="wanted point"):
        parse_part("point=1,2,3")
