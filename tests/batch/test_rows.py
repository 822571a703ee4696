from __future__ import annotations

from typing import Any

import pytest

from tvdrnet_nv.batch.rows import found_row

MATRICES = {"camera_to_world": [[1.0, 0, 0, 0]] * 4, "opencv": {"K": [[1.0, 0, 0]] * 3}}


@pytest.mark.parametrize(("status", "found"), [("converged", True), ("stopped", True), ("poor-fit", False)])
def test_found_is_whether_the_status_can_be_trusted(status: str, found: bool) -> None:
    facts: dict[str, Any] = {"status": status, "image_size": {"width": 4, "height": 3}, "matrices": MATRICES}
    row = found_row(facts)
    assert (row["status"], row["found"]) == (status, found)
    assert len(row["camera_to_world"]) == len(row["K"]) == 1


def test_several_views_have_no_status_and_were_found() -> None:
    views = [{"matrices": MATRICES}] * 2
    row = found_row({"views": views, "image_size": {"width": 4, "height": 3}})
    assert row["status"] is None
    assert row["found"]
    assert len(row["K"]) == 2
