"""One HTML file of predictions, the worst first: the sentence, the scene with both masks tinted, the numbers."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.evaluation import QueryScore
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.report.mask_picture import MISSED, RIGHT, WRONG, MaskPictures

_STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { font: 16px/1.45 system-ui, sans-serif; max-width: 84rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } code { font-size: .8rem; overflow-wrap: anywhere; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1.2rem; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
figure img { width: 100%; display: block; background: white; } figcaption { padding: .6rem .8rem; }
p { margin: .2rem 0; } .note { color: #777; font-size: .85rem; }
i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .3em 0 .9em; }
"""


@dataclass(frozen=True, eq=False)
class Failure:
    """A prediction to show.

    Attributes:
        key: of its query.
        text: the sentence.
        score: how good it is.
        truth: bool [V], of the vertices of the mesh's file.
        found: bool [V], what is predicted; of a box, the vertices within.
        mesh: the scene.
    """

    key: str
    text: str
    score: QueryScore
    truth: np.ndarray
    found: np.ndarray
    mesh: Mesh


def write_failures(path: Path, title: str, failures: Iterable[Failure]) -> Path:
    """Write the page with all pictures in it; it appears whole or not at all.

    Args:
        path: the HTML file.
        title: in its head.
        failures: in the order in which they are shown; they are taken one at a time.

    Returns:
        `path`.
    """
    legend = "".join(
        f'<i style="background: rgb({", ".join(str(round(255 * x)) for x in tint)})"></i>{text}'
        for tint, text in ((RIGHT, "found"), (MISSED, "missed"), (WRONG, "wrong"))
    )
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", errors="replace") as file:
        file.write('<!doctype html>\n<html lang="en"><meta charset="utf-8">')
        file.write('<meta name="viewport" content="width=device-width, initial-scale=1">\n')
        file.write(f"<title>{escape(title)}</title><style>{_STYLE}</style>\n")
        file.write(f"<h1>{escape(title)}</h1><p class=note>{legend}</p>\n<main>\n")
        pictures: MaskPictures | None = None
        for failure in failures:
            if pictures is None or pictures.mesh is not failure.mesh:
                pictures = MaskPictures(failure.mesh)
            file.write(f"{_figure(failure, pictures)}\n")
        file.write("</main></html>\n")
    return path


def _figure(failure: Failure, pictures: MaskPictures) -> str:
    score = failure.score
    numbers = [f"IoU {score.iou:.3f}"] if score.iou is not None else []
    numbers += [f"box IoU {score.box_iou:.3f}", f"truth {score.truth_vertices:,} vertices"]
    numbers += [f"predicted {score.found_vertices:,}"] if score.found_vertices is not None else []
    numbers += [] if score.right is None else ["the right object" if score.right else "another object"]
    text = escape(failure.text, quote=True)
    shown = "".join(
        f'<img alt="{text}" src="data:image/jpeg;base64,{_jpeg(picture)}">'
        for picture in pictures.draw(failure.truth, failure.found)
    )
    return (
        f"<figure>{shown}<figcaption><p>{text}</p><p class=note>{escape(' · '.join(numbers))}</p>"
        f"<code>{escape(failure.key)}</code></figcaption></figure>"
    )


def _jpeg(picture: np.ndarray) -> str:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=85)
    return base64.b64encode(content.getvalue()).decode("ascii")
