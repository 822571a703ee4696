"""The page of several views of a scene or of a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tvdrnet_nv.optimization import ViewSet
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.page.cameras import camera_files, conventions
from tvdrnet_nv.report.page.document import code, folded, note, section, warnings_box, write_document
from tvdrnet_nv.report.page.pictures import grid
from tvdrnet_nv.report.page.run import record_section, sentence_candidates
from tvdrnet_nv.report.pictures import Panel


def write_views_page(
    path: Path, views: ViewSet, renderer: Renderer, facts: Mapping[str, Any], panels: Sequence[Panel]
) -> None:
    """Write a page of K views: their pictures, then each one's camera, as `write_run_page` has it.

    Args:
        path: the HTML file.
        views: what `choose_views` returned.
        renderer: of the scene.
        facts: what `views.json` holds.
        panels: the pictures and captions, K or 2 K of them; a view's second shows the part.
    """
    scene = Path(str(facts["scene"])).name
    title = f"{len(facts['views'])} views of {scene}"
    write_document(path, title, _parts(views, renderer, facts, panels, title))


def _parts(
    views: ViewSet, renderer: Renderer, facts: Mapping[str, Any], panels: Iterable[Panel], title: str
) -> Iterator[str]:
    text = facts.get("text")
    shown = facts["focus"] if text is None else f"“{text['sentence']}”: {text['shown']}"
    size = facts["image_size"]
    pixels = f"{size['width']}×{size['height']} pixels"
    yield f"<header><h1>{escape(title)}</h1><p>{escape(str(shown))}: together they show {facts['coverage']:.0%} of the "
    yield f"surface; {facts['reachable_coverage']:.0%} can be seen from the cameras that were compared.</p>"
    yield f"{note(str(facts['created']), pixels, str(facts['device']))}</header>"
    yield warnings_box([f"view {k + 1}: {line}" for k, view in enumerate(facts["views"]) for line in view["warnings"]])
    yield section("Pictures", grid(panels))
    for k, view in enumerate(facts["views"]):
        again = view["render_command"]
        yield section(
            f"Camera of view {k + 1}",
            conventions(view["matrices"], f"camera-{k}"),
            folded("In the files of other programs", camera_files(views.orbit[k], renderer, f"file-{k}")),
            "" if again is None else code(again, f"again-{k}", f"the command that renders view {k + 1}", wrap=True),
        )
    yield section("Candidates", sentence_candidates(facts))
    yield record_section(facts)
