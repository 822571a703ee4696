"""The example that trains a small CLIP on pictures of rooms, and lets names drive cameras."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tvdrnet_nv.language import load_image_text_encoder

EXAMPLE = Path(__file__).parents[2] / "examples" / "text" / "rooms.py"


def test_it_trains_saves_and_tries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("transformers")
    monkeypatch.syspath_prepend(str(EXAMPLE.parent))
    small = ["--rooms", "1", "--steps", "2", "--unseen", "1", "--starts", "2", "--iterations", "1", "--things", "sofa"]
    monkeypatch.setattr("sys.argv", ["rooms.py", *small, "--out", str(tmp_path)])
    runpy.run_path(str(EXAMPLE))["main"]()
    table = {
        line[:50].strip(): line[50:].split() for line in capsys.readouterr().out.splitlines() if "room" not in line
    }
    assert table["random views, which are the starts"][0] == "2"
    assert table["search all over, best of 409 views"][0] == "1"
    assert all(0 <= float(value) <= 1 for value in table["each start, moved"][1:4])
    assert load_image_text_encoder(tmp_path / "clip").picture_size == (64, 64)
