"""The dated runs in benchmarks/results, and the README's tables of the newest ones.

    python -m tvdrnet_nv.benchmarks.report.readme [RESULTS.json]

keeps that run there, and writes the README's tables anew. Runs from a checkout.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tvdrnet_nv.benchmarks.report.recovery import lines
from tvdrnet_nv.benchmarks.report.words import LIBRARIES, duration, factor
from tvdrnet_nv.benchmarks.results import Results, Row
from tvdrnet_nv.errors import InputError

FOLDER = Path("benchmarks/results")
README = Path("README.md")
_NOTHING = "No run is recorded yet."


def keep(path: Path, root: Path) -> Path:
    """Store a run under its date, device and scene; paths in its command line are shortened to names."""
    results = Results.read(path)
    results.command = [Path(word).name if os.sep in word else word for word in results.command]
    facts = results.environment
    device = re.sub(r"[^a-z0-9]+", "-", _where(facts).lower()).strip("-")
    speed = results.sections.get("speed", [])
    scene = (
        re.sub(r"[^a-z0-9]+", "-", speed[0]["scene"].lower()).strip("-")
        if speed
        else "-".join(n for n in results.sections if "_" not in n)
    )
    kept = root / FOLDER / f"{facts['date']}-{device}-{scene}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(results.to_json(), "utf-8")
    return kept


def newest(root: Path) -> list[Results]:
    """The last run of each device and scene, by the files' names."""
    last: dict[str, Path] = {}
    for path in sorted((root / FOLDER).glob("*.json")):
        last[path.stem[len("2000-01-01-") :]] = path
    return [Results.read(path) for path in last.values()]


def tables(runs: list[Results]) -> dict[str, str]:
    """What stands in the README between which marks: speed as "benchmark", and "recovery"."""
    speed = [_lines(run) for run in runs if "speed" in run.sections]
    found = [[*lines(run.sections["recovery"]), "", _recovered(run)] for run in runs if "recovery" in run.sections]
    sets = {"benchmark": speed, "recovery": found}
    return {name: "\n\n".join("\n".join(part) for part in parts) or _NOTHING for name, parts in sets.items()}


def _recovered(run: Results) -> str:
    facts, rows = run.environment, run.sections["recovery"]
    scenes = ", ".join(dict.fromkeys(row["scene"] for row in rows if row["resolution"] == rows[0]["resolution"]))
    size = f"{rows[0]['resolution']}×{rows[0]['resolution']} pixels"
    return f"*{scenes}; {size}; {_machine(facts)}; tvdrnet_nv {facts['tvdrnet_nv']}; {facts['date']}.*"


def _machine(facts: dict[str, str]) -> str:
    return _where(facts) if "gpu" in facts else f"{facts['processor']}, {facts['cores']} cores"


def _where(facts: dict[str, str]) -> str:
    """The device, and on a GPU which of our backends."""
    return f"{facts['gpu']}, {facts['device']}" if "gpu" in facts else facts["device"]


def _lines(run: Results) -> Iterator[str]:
    rows = [row for row in run.sections.get("speed", []) if row["axis"] == "headline"]
    libraries = [name for name in LIBRARIES if any(row["library"] == name for row in rows)]
    others = libraries[1:]
    yield f"| {' | '.join(['', *(LIBRARIES[n] for n in libraries), *(f'times {LIBRARIES[n]}' for n in others)])} |"
    yield f"| --- |{' ---: |' * (len(libraries) + len(others))}"
    cases: dict[tuple[str, int, str, int], dict[str, Row]] = {}
    for row in rows:
        cases.setdefault((row["what"], row["resolution"], row["scene"], row["triangles"]), {})[row["library"]] = row
    for (what, size, _, _), found in cases.items():
        cells = [duration(found[n]["seconds"]) if n in found else "–" for n in libraries]
        cells += [factor(found[n]["times"]) if n in found else "–" for n in others]
        yield f"| {what}, {size}×{size} | {' | '.join(cells)} |"
    facts, reference = run.environment, run.reference
    scenes = ", ".join(dict.fromkeys(f"{scene} ({triangles:,} triangles)" for _, _, scene, triangles in cases))
    against = f"; PyTorch3D {reference['pytorch3d']} on its {reference['device']}" if "pytorch3d" in reference else ""
    yield ""
    versions = f"torch {facts['torch']}; tvdrnet_nv {facts['tvdrnet_nv']}{against}"
    yield f"*{scenes}; {_machine(facts)}; {versions}; {facts['date']}.*"


def rewritten(text: str, runs: list[Results]) -> str:
    """The README's text with the tables between their marks.

    Raises:
        InputError: marks are missing.
    """
    for name, table in tables(runs).items():
        first, last = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        begin, end = text.find(first), text.find(last)
        if not 0 <= begin < end:
            raise InputError(f"README.md: wanted the lines {first} and {last}, in this order")
        text = f"{text[: begin + len(first)]}\n\n{table}\n\n{text[end:]}"
    return text


def main(arguments: list[str]) -> None:
    """The command."""
    root = Path.cwd()
    if arguments:
        print(f"kept as {keep(Path(arguments[0]), root).relative_to(root)}")
    path = root / README
    path.write_text(rewritten(path.read_text("utf-8"), newest(root)), "utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except InputError as error:
        sys.exit(f"error: {error}")
