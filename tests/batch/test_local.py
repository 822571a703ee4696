"""Worker processes."""

from __future__ import annotations

import pytest

from tvdrnet_nv.batch import local


def test_workers_take_the_gpus_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    found = [local._environment(place, 3) for place in range(3)]
    assert [environment["CUDA_VISIBLE_DEVICES"] for environment in found] == ["2", "5", "2"]
    assert {environment["OMP_NUM_THREADS"] for environment in found} == {"3"}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
    assert "CUDA_VISIBLE_DEVICES" not in local._environment(1, 1)


def test_how_a_process_has_ended() -> None:
    assert local._ended(-9) == "its process was ended by SIGKILL, as when memory runs out"
    assert local._ended(-6) == "its process was ended by SIGABRT"
    assert local._ended(1) == "its process ended with exit code 1"
