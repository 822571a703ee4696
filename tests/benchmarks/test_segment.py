"""The benchmark of segmentation by views."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.benchmarks import named_scenes
from tvdrnet_nv.benchmarks.report.segment import segment_sheet
from tvdrnet_nv.benchmarks.segment import run as bench


def test_rows_of_all_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_scenes, "TRIANGLES", 8000)
    monkeypatch.setattr(bench, "SIZE", (60, 80))
    monkeypatch.setattr(bench, "QUICK", 2)
    monkeypatch.setattr(bench, "COUNTS", (1, 3, 6))
    monkeypatch.setattr(bench, "UNIFORM", 8)
    said: list[str] = []
    rows = list(bench.segment_rows(torch.device("cpu"), scene=None, quick=True, progress=said.append))
    assert [(row["method"], row["views"], bool(row["noise"])) for row in rows] == [
        ("chosen", 1, False),
        ("chosen", 3, False),
        ("chosen", 6, False),
        ("uniform", 6, False),
        ("uniform", 8, False),
        ("random", 6, False),
        ("random", 8, False),
        ("SeeGround's rule", 1, False),
        ("chosen", 6, True),
    ]
    assert all(0 <= row["worst"] <= row["miou"] <= 1 for row in rows)
    assert rows[2]["miou"] >= rows[0]["miou"]
    assert rows[2]["taken"] <= 6
    assert rows[-1]["limit"] == bench.NOISY
    assert "uniform views: 1 of 2 objects" in said
    sheet = segment_sheet(rows)
    assert len(sheet.rows) == 9
    assert sheet.missed == {k for k, row in enumerate(rows) if row.get("passed") is False}
