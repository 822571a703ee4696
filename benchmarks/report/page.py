"""One HTML page with everything in it."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

from tvdrnet_nv.benchmarks.report.sheet import Sheet
from tvdrnet_nv.benchmarks.report.sheets import full_sheets, sheets
from tvdrnet_nv.benchmarks.report.words import duration, factor
from tvdrnet_nv.benchmarks.results import Results
from tvdrnet_nv.benchmarks.speed.run import headline
from tvdrnet_nv.report.page.pictures import grid
from tvdrnet_nv.report.pictures import Panel

NAME = "index.html"
_LONG = 14  # rows from which a table is folded away

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #1a73e8; --bad: #d93025; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin-bottom: 0; } h2 { margin-top: 2.5rem; font-size: 1.2rem; }
.lead { font-size: 1.15rem; } .lead b { color: var(--accent); font-size: 1.6rem; } .bad { color: var(--bad); }
img { max-width: 100%; background: white; border-radius: 6px; margin: .5rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th.w, td.w { text-align: left; white-space: normal; } tr.bad td { font-weight: 600; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
figure { margin: 0; } figure img { display: block; width: 100%; height: auto; margin: 0; }
figcaption { font-size: .85rem; } figcaption b { display: block; } figcaption span { color: #777; margin-right: .9em; }
small, .note { color: #777; font-size: .85rem; } summary { cursor: pointer; } code { background: var(--soft); }
"""


def write_page(
    results: Results,
    plots: Iterable[Path],
    folder: Path,
    pictures: Callable[[], Sequence[Panel]] | None = None,
) -> Path:
    """Write index.html: the figures that matter first, then plots and tables; the pictures are inside the file."""
    environment = results.environment
    parts = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>tvdrnet_nv {escape(environment.get('tvdrnet_nv', ''))}: benchmark</title>",
        f"<style>{_STYLE}</style>",
        "<h1>tvdrnet_nv: benchmark</h1>",
        f"<p class=note>{escape(environment.get('date', ''))} · {escape(_machine(environment))}</p>",
        *(f"<p class=lead>{sentence}</p>" for sentence in _leads(results)),
    ]
    parts += [] if pictures is None else ["<h2>What was rendered</h2>", _rendered(pictures)]
    curves = "\n".join(_picture(path) for path in plots)
    if curves:
        parts += ["<h2>Curves</h2>", curves]
    parts += [_table(sheet) for sheet in (*sheets(results), *full_sheets(results))]
    parts.append("<h2>Machine and versions</h2>")
    parts.append(_facts(environment))
    if results.reference:
        parts += ["<p>The reference:</p>", _facts(results.reference)]
    parts.append(f"<p><code>{escape(shlex.join(results.command))}</code></p></html>")
    path = folder / NAME
    path.write_text("\n".join(parts) + "\n", "utf-8", errors="replace")
    return path


def _leads(results: Results) -> Iterable[str]:
    rows = results.sections.get("speed", [])
    row = headline(rows)
    if row is not None:
        ours = next(
            r
            for r in rows
            if r["library"] == "tvdrnet_nv" and all(r[k] == row[k] for k in ("axis", "what", "resolution", "scene"))
        )
        size = f"{row['resolution']}×{row['resolution']}"
        yield (
            f"<b>{factor(row['times'])}</b> faster than PyTorch3D: a step of the optimisation of "
            f"{escape(row['scene'])} ({row['triangles']:,} triangles, {size}) takes {duration(ours['seconds'])}, "
            f"PyTorch3D's {duration(row['seconds'])}."
        )
    style = ' class="bad"' if results.failures() or results.interrupted or results.failure else ""
    for line in results.verdict():
        yield f"<span{style}>{escape(line)}</span>"


def _machine(environment: dict[str, str]) -> str:
    names = ("gpu", "processor", "cores")
    found = [f"{environment[n]} cores" if n == "cores" else environment[n] for n in names if n in environment]
    return ", ".join(found)


def _rendered(pictures: Callable[[], Sequence[Panel]]) -> str:
    try:
        return grid(pictures())
    except Exception as error:  # whatever a picture fails of, the results are worth more
        return f"<p class=note>not drawn: {escape(type(error).__name__)}: {escape(str(error))}</p>"


def _picture(path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return f'<img alt="{escape(path.stem)}" src="data:image/png;base64,{data}">'


def _table(sheet: Sheet) -> str:
    def line(cells: list[str], tag: str, style: str = "") -> str:
        inner = "".join(
            f"<{tag}{' class=w' if index < sheet.words else ''}>{escape(cell)}</{tag}>"
            for index, cell in enumerate(cells)
        )
        return f"<tr{style}>{inner}</tr>"

    rows = [
        line(cells, "td", ' class="bad"' if index in sheet.missed else "") for index, cells in enumerate(sheet.rows)
    ]
    table = f"<div class=scroll><table>{line(sheet.columns, 'th')}{''.join(rows)}</table></div>"
    if len(sheet.rows) > _LONG:
        table = f"<details><summary>{len(sheet.rows)} rows</summary>{table}</details>"
    note = f"<p class=note>{escape(sheet.note)}</p>" if sheet.note else ""
    return f"<h2>{escape(sheet.title)}</h2>{table}{note}"


def _facts(facts: dict[str, str]) -> str:
    rows = "".join(f"<tr><td class=w>{escape(k)}</td><td class=w>{escape(v)}</td></tr>" for k, v in facts.items())
    return f"<div class=scroll><table>{rows}</table></div>"
