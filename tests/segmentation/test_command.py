"""A segmenter that is a program of the user's own."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.segmentation import CommandSegmenter, load_segmenter
from tvdrnet_nv.segmentation.segmenter import checked_scores

PICTURE = torch.rand(6, 9, 3, generator=torch.Generator().manual_seed(0))

RED = """
import sys
import numpy as np
from PIL import Image
image, text, out = sys.argv[1:]
assert text == "the 'red' {out} thing"
Image.fromarray(np.asarray(Image.open(image))[..., 0]).save(out)
"""


def command(folder: Path, code: str, arguments: str = "{image} {text} {out}") -> str:
    file = folder / "segment.py"
    file.write_text(code)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(file))} {arguments}"


def test_a_mask_comes_back(tmp_path: Path) -> None:
    segmenter = load_segmenter(command(tmp_path, RED))
    scores = segmenter.segment(PICTURE, "the 'red' {out} thing")
    torch.testing.assert_close(scores, (PICTURE[..., 0] * 255).round() / 255)


def test_black_and_white_and_16_bits(tmp_path: Path) -> None:
    code = "import sys, numpy as np\nfrom PIL import Image\nImage.fromarray(np.full((6, 9), {})).save(sys.argv[3])"
    for value, wanted in (("True", 1.0), ("32768, np.uint16", 32768 / 65535)):
        found = CommandSegmenter(command(tmp_path, code.format(value))).segment(PICTURE, "it")
        torch.testing.assert_close(found, torch.full((6, 9), wanted))


def test_an_array_comes_back_or_is_refused(tmp_path: Path) -> None:
    code = "import sys, numpy as np\nnp.save(sys.argv[2], np.full((6, 9), {}, dtype={!r}))"
    arguments = "{image} {npy}"
    good = CommandSegmenter(command(tmp_path, code.format("0.25", "float64"), arguments))
    torch.testing.assert_close(good.segment(PICTURE, "it"), torch.full((6, 9), 0.25))
    whole = CommandSegmenter(command(tmp_path, code.format("1", "int64"), arguments))
    with pytest.raises(InputError, match="wrote an array of int64; wanted floats"):
        whole.segment(PICTURE, "it")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; print('no GPU', file=sys.stderr); sys.exit(7)", r"ended with exit code 7 \(no GPU\)"),
        ("pass", "ended without writing its mask"),
        ("import sys; open(sys.argv[3], 'w').write('mask')", "what it wrote is no picture; wanted a PNG file"),
        (
            "import sys\nfrom PIL import Image\nImage.open(sys.argv[1]).save(sys.argv[3])",
            "wrote a picture of the mode RGB; wanted a grey one",
        ),
    ],
)
def test_what_goes_wrong_is_one_line(tmp_path: Path, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        CommandSegmenter(command(tmp_path, code)).segment(PICTURE, "it")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("`segmenter` ")


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    with pytest.raises(InputError, match=r"wrote no mask within 2 s; give it longer with `timeout`"):
        CommandSegmenter(command(tmp_path, code), seconds=2).segment(PICTURE, "it")
    child = Path("/proc") / (tmp_path / "child").read_text() / "stat"
    for _ in range(100):  # until the system has cleared it away
        if not child.exists() or child.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    pytest.fail("the command's child still runs")


@pytest.mark.parametrize("text", ["segment {image}", "segment {out}", "segment {image} {out} {npy}", "'{image} {out}"])
def test_lines_that_are_no_commands(text: str) -> None:
    with pytest.raises(InputError, match=r"^`segmenter` "):
        CommandSegmenter(text)
    with pytest.raises(InputError, match="cannot be run"):
        CommandSegmenter("/no/such/program {image} {out}").segment(PICTURE, "it")


def test_scores_are_checked() -> None:
    wrong = {
        "its mask has 6×9 pixels, and the picture has 9×6": torch.zeros(9, 6),
        r"of shape \[1, 6, 9\]": torch.zeros(1, 6, 9),
        "2 of its scores are NaN or infinite": torch.zeros(6, 9).index_fill(1, torch.tensor([0]), 0.0),
        "its scores go from 0 to 255": torch.zeros(6, 9),
    }
    wrong["2 of its scores are NaN or infinite"][0, :2] = torch.tensor([torch.nan, torch.inf])
    wrong["its scores go from 0 to 255"][3, 3] = 255
    for message, scores in wrong.items():
        with pytest.raises(InputError, match=f"segmenter mine: .*{message}"):
            checked_scores(scores, PICTURE, "mine")
