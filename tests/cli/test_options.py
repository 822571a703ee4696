"""How values of options are read."""

from __future__ import annotations

from tvdrnet_nv.jobs.scene_job import parse_at, parse_image_size


def test_values_are_parsed() -> None:
    assert parse_image_size("256") == (256, 256)
    assert parse_image_size("640x480") == (480, 640)
    assert parse_image_size("640X480") == (480, 640)
    assert parse_at("center") == "center"
    assert parse_at("-1.5,2,3e-1") == parse_at("-1.5 2 3e-1") == parse_at(" -1.5, 2, 3e-1 ") == (-1.5, 2.0, 0.3)
