"""The page of failures: pictures of both masks, within the file."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.folders import BOX
from tvdrnet_nv.evaluation import QueryScore
from tvdrnet_nv.report.failures import Failure, write_failures
from tvdrnet_nv.report.mask_picture import MISSED, RIGHT, WRONG, MaskPictures

X, Y, Z = BOX.vertices.numpy().T
TOP, SIDE, NOTHING = 0.9 * Z.max() < Z, 0.5 * Z.max() > Z, np.zeros(len(X), bool)


def shown(picture: np.ndarray, tint: tuple[float, float, float]) -> float:
    """The share of the picture's pixels whose colour is nearest to a tint, and near it."""
    distances = np.stack([np.abs(picture / 255.0 - np.array(other)).sum(-1) for other in (RIGHT, MISSED, WRONG)])
    wanted = (RIGHT, MISSED, WRONG).index(tint)
    return float(((distances.argmin(0) == wanted) & (distances[wanted] < 0.6)).mean())


@pytest.mark.parametrize(
    ("truth", "found", "tints"),
    [
        (TOP, TOP, [RIGHT]),
        (TOP, NOTHING, [MISSED]),  # nothing is predicted, so there is one view
        (NOTHING, TOP, [WRONG]),
        (TOP, ~TOP, [MISSED, WRONG]),
    ],
)
def test_each_view_shows_the_tint_of_its_mask(
    truth: np.ndarray, found: np.ndarray, tints: list[tuple[float, float, float]]
) -> None:
    pictures = MaskPictures(BOX, (48, 64)).draw(truth, found)
    assert len(pictures) == len(tints)
    for picture, tint in zip(pictures, tints, strict=True):
        assert picture.shape == (48, 64, 3)
        others = [shown(picture, other) for other in (RIGHT, MISSED, WRONG) if other not in tints]
        assert shown(picture, tint) > 0.05
        assert max(others) < 0.02


def test_without_any_mask_the_scene_is_shown() -> None:
    (picture,) = MaskPictures(BOX, (48, 64)).draw(NOTHING, NOTHING)
    assert (picture < 250).any()


def test_the_page_has_the_sentence_the_numbers_and_the_pictures(tmp_path: Path) -> None:
    scores = [QueryScore("a-1-0", 0.125, 0.25, None, 1200, 7), QueryScore("a-2-0", None, 0.5, False, 3, None)]
    texts = ['the "box" <b>& its lid</b>', "another"]
    items = [Failure(s.key, t, s, TOP, ~TOP, BOX) for s, t in zip(scores, texts, strict=True)]
    page = write_failures(tmp_path / "failures.html", "worst of <x>", iter(items)).read_text("utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["failures.html"]
    assert "<title>worst of &lt;x&gt;</title>" in page
    assert "the &quot;box&quot; &lt;b&gt;&amp; its lid&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "IoU 0.125 · box IoU 0.250 · truth 1,200 vertices · predicted 7" in page
    assert "<p class=note>box IoU 0.500 · truth 3 vertices · another object" in page
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(pictures) == 4
    assert Image.open(io.BytesIO(base64.b64decode(pictures[0]))).size == (480, 360)
    assert not re.search(r'(src|href)="(?!data:)', page)
