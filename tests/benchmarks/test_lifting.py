"""The benchmark of lifting."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.benchmarks.lifting import oracle, run, speed, views
from tvdrnet_nv.scenes import make_room


def test_masks_are_wrong_at_a_tenth_of_the_border_and_nowhere_else() -> None:
    mask = torch.zeros(200, 200, dtype=torch.bool)
    mask[50:150, 40:160] = True
    wrong = oracle.wrong_at_border(mask, torch.Generator().manual_seed(0)) ^ mask
    band = torch.zeros(200, 200, dtype=torch.bool)
    band[48:152, 38:162] = True
    band[52:148, 42:158] = False
    assert not bool((wrong & ~band).any())
    assert float(wrong[band].float().mean()) == pytest.approx(0.1, abs=0.02)


def test_one_view_in_five_is_confused() -> None:
    assert oracle.confused(12) == [2, 6, 10]
    assert oracle.confused(5) == [2]
    assert oracle.confused(1) == [0]


def test_rows_of_a_small_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TRIANGLES", 6000)
    for module in (oracle, views, run):
        monkeypatch.setattr(module, "SIZE", (96, 128))
    monkeypatch.setattr(views, "_SMALL", (48, 64))
    monkeypatch.setattr(views, "_CANDIDATES", 8)
    monkeypatch.setattr(run, "QUICK", 1)
    said: list[str] = []
    row, mean = run.lifting_rows(torch.device("cpu"), quick=True, progress=said.append)
    assert said == [f"{row['object']}: 1 of 1"]
    assert row["views"] == 12
    assert row["chosen"] == mean["chosen"]
    assert mean["object"] == "mean"
    assert 0 <= row["noisy"] <= 1
    assert row["whole"] is None
    assert mean["passed"] == (row["chosen"] >= 0.97 and row["uniform"] < row["chosen"])


def test_each_step_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "SIZE", (24, 32))
    monkeypatch.setattr(speed, "CHANNELS", 4)
    rows = list(speed.lifting_speed(torch.device("cpu"), mesh=make_room(6000).mesh, repeats=1))
    assert [row["what"] for row in rows if row["limit"]] == ["evidence", "superpoints", "graph cut"]
    assert all(row["seconds"] > 0 for row in rows)
