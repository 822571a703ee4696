"""How numbers and angles read."""

from __future__ import annotations

import math

from tvdrnet_nv.report.text import angle, number


def test_numbers_read_well() -> None:
    assert [number(x) for x in (6.0, -0.42, 1.234e-6, math.nan)] == ["6.000", "-0.4200", "1.234e-06", "nan"]
    assert [angle(x) for x in (45.0, -0.04, 359.96)] == ["45.0°", "0.0°", "360.0°"]
