"""The benchmark of views."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.benchmarks import views as bench
from tvdrnet_nv.benchmarks.report.sheets import views_sheet
from tvdrnet_nv.scenes import make_room


def test_bench_row_adds_up_and_its_sheet_names_the_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "RESOLUTION", (32, 32))
    row = bench.view_row(make_room(6000), "sofa_0", torch.device("cpu"), bench.Grid(45.0, 40.0, 2), judge_cost=True)
    assert row["views"] == 8 * 3 * 2
    assert row["score"] <= row["best"] == pytest.approx(row["score"] / row["value"])
    assert row["grid"] <= row["best"]
    # 48 of the clearance, 21 drawn, 4 in 6 steps, 1 in the others; and the starts of both.
    assert row["pictures"] == 48 + 21 + 4 * 7 + 17
    assert row["passed"] is False  # so small a grid costs no hundred times as much
    sheet = views_sheet([row, row | {"value": 0.5, "passed": True}])
    assert "50.00% at worst" in sheet.note
    assert sheet.missed == {0}
