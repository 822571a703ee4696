"""The page in a browser, where there is one: its border moves, and its buttons copy."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import Record, write_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCRIPT = """
<script>
const entry = document.querySelector(".stage input"), over = document.querySelector(".stage .over");
const clips = [];
for (const value of [0, 25, 100]) {
  entry.value = value;
  entry.dispatchEvent(new Event("input"));
  clips.push(getComputedStyle(over).clipPath);
}
const button = document.querySelector('button[data-copy="command"]');
button.click();
setTimeout(() => {
  const seen = {
    clips, label: button.textContent, selected: getSelection().toString(),
    overflow: document.documentElement.scrollWidth > innerWidth,
    covered: document.elementFromPoint(...["left", "top"].map((side, i) => {
      const box = over.getBoundingClientRect();
      return box[side] + (i ? box.height : box.width) / 2;
    })) === entry,
    broken: [...document.images].filter(image => !image.complete || !image.naturalWidth).length,
  };
  const pre = document.createElement("pre");
  pre.id = "seen";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
}, 300);
</script></body>
"""


def test_the_border_moves_and_the_buttons_copy(tmp_path: Path, result: Result, renderer: Renderer) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"THE PAGE WAS NOT OPENED IN A BROWSER: none of {', '.join(BROWSERS)} is installed")
    page = write_report(tmp_path, result, renderer, Record(Path("s.ply"), "tvdr-nv optimize 'a b'"), target=None)[-1]
    page.write_text(page.read_text("utf-8").replace("</body>", SCRIPT), "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    options += ["--virtual-time-budget=3000", "--window-size=600,900", "--dump-dom"]
    done = subprocess.run([browser, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None
    seen = json.loads(html.unescape(found[1]))
    # How much is cut off at the right.
    assert [re.findall(r"([\d.]+)%", clip) for clip in seen["clips"]] == [["100"], ["75"], ["0"]]
    assert seen["label"] in ("Copied", "Selected: press Ctrl+C")
    assert seen["covered"]  # a finger on the picture moves the border
    assert not seen["overflow"]
    assert seen["broken"] == 0
