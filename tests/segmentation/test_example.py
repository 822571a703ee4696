"""The example that trains the package's segmenter."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
import torch

from tvdrnet_nv.segmentation.files import load_network

EXAMPLE = Path(__file__).parents[2] / "examples" / "segmentation" / "rooms.py"


def test_it_trains_saves_and_tries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE.parent))
    small = ["--rooms", "1", "--pictures", "4", "--steps", "2", "--renew", "1", "--unseen", "1", "--triangles", "6000"]
    file = tmp_path / "rooms.pt"
    monkeypatch.setattr("sys.argv", ["rooms.py", *small, "--things", "sofa", "--out", str(file)])
    runpy.run_path(str(EXAMPLE))["main"]()
    said = capsys.readouterr().out
    found = re.findall(r"first views (of the thing|all over the room): mean IoU (\d\.\d{3})", said)
    assert [place for place, _ in found] == ["of the thing", "all over the room"]
    assert all(0 <= float(value) <= 1 for _, value in found)
    assert load_network(file).query_size == 384


def test_new_pictures_take_the_place_of_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE.parent))
    pictures = runpy.run_path(str(EXAMPLE.with_name("pictures.py")))["Pictures"](range(2), 2, 0)
    before, shown = pictures.pictures.clone(), pictures.shown.clone()
    pictures.renew()
    assert torch.equal(pictures.pictures[2:], before[2:])
    assert not torch.equal(pictures.pictures[:2], before[:2])
    assert not torch.equal(pictures.shown[:2], shown[:2])
    pictures.renew()
    assert not torch.equal(pictures.pictures[2:], before[2:])
