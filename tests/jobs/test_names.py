from __future__ import annotations

from tvdrnet_nv.jobs.names import distinct


def test_the_second_of_a_name_gets_a_number_that_no_other_has() -> None:
    assert distinct(["a", "b", "a", "a_2", "a"]) == ["a", "b", "a_2", "a_2_2", "a_3"]
