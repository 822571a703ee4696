"""The end of an optimisation, as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.camera.parameters import parameter
from tvdrnet_nv.cli._output import results, say, say_files, tell
from tvdrnet_nv.cli._tables import Facts, Grid
from tvdrnet_nv.jobs import Optimized, ViewsFound
from tvdrnet_nv.jobs.part import EVERYTHING
from tvdrnet_nv.report.focus import focus_facts, focus_fields
from tvdrnet_nv.report.text import angle, number, value

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.meaning import Meaning

_LISTED = 0.02  # the least score of a candidate in the table


def print_summary(outcome: Optimized, render_command: str | None) -> None:
    """Writes to stdout what was found, where the files are, and how to see the view again."""
    console, result = results(quiet=False), outcome.result
    if outcome.meaning is not None:
        print_meaning(outcome.meaning)
    rows = [("loss", f"{number(result.initial_loss)} → {number(result.loss)}")]
    before, after = (_camera_rows(viewpoint, result.parameters) for viewpoint in (result.initial, result.best))
    rows += [(name, f"{value} → {after[name]}") for name, value in before.items()]
    if outcome.focus is not None:
        name = outcome.focus.text if outcome.meaning is None else outcome.meaning.shown
        rows.insert(1, (name, ", ".join(focus_fields(outcome.focus.scores))))
        if outcome.focus.proposal_score is not None:
            compared = f"{outcome.focus.proposal_score:.3f} proposed, {outcome.focus.searched_score:.3f} by a search"
            rows.insert(2, ("other scores", f"{compared} all around"))
    if result.deviations is not None:
        spread = [f"{name} {_spread(value)}" for name, value in result.deviations.items()]
        rows.append(("standard deviation", ", ".join(spread)))
    if result.fit is not None:
        tried = f", {len(outcome.attempts)} attempts" if len(outcome.attempts) > 1 else ""
        rows.append(("quality", f"{result.fit.quality:.2f} ({result.fit.explained:.0%} explained{tried})"))
    took = f"{result.seconds:.1f} s"
    if len(outcome.attempts) > 1:
        took += " for all attempts"
    elif not outcome.attempts:
        took += f", {result.iterations / result.seconds if result.seconds else 0.0:.3g} iterations per second"
    rows.append(("time", took))
    rows.append(("status", f"{result.status}: {result.reason}"))
    count = result.history.loss.shape[1]
    of_start = f", start {result.best_start + 1} of {count}" if count > 1 else ""
    tell(console, f"Best camera: iteration {result.best_iteration + 1} of {result.iterations}{of_start}", "bold green")
    console.print(Facts(rows))
    if outcome.files:
        say_files(console, outcome.files)
    if render_command:
        say(console, "This command renders the view again:", "bold")
        say(console, f"  {render_command}")


def print_views(outcome: ViewsFound) -> None:
    """Writes to stdout what each view shows, and where the files are."""
    console, views = results(quiet=False), outcome.result
    whose = "the scene" if outcome.focus == EVERYTHING.text else outcome.focus
    if outcome.meaning is not None:
        print_meaning(outcome.meaning)
        whose = outcome.meaning.shown
    tell(
        console, f"{len(views.orbit)} views together show {views.coverage:.0%} of the surface of {whose}", "bold green"
    )
    headings = ("view", "distance", "elevation", "azimuth", "score", "visible", "size", "cut off", "surface seen")
    rows = []
    for k in range(len(views.orbit)):
        orbit, facts = views.orbit[k], focus_facts(views.scores, k)
        place = number(orbit.distance.item()), angle(orbit.elevation.item()), angle(orbit.azimuth.item())
        shares = (f"{share:.0%}" for share in (facts["visible_share"], facts["size"], facts["cut_off_share"]))
        rows.append((str(k + 1), *place, f"{facts['focus_score']:.3f}", *shares, f"{views.visible_share[k]:.0%}"))
    console.print(Grid(headings, rows, words=0))
    if outcome.files:
        say_files(console, outcome.files)


def print_meaning(meaning: Meaning) -> None:
    """Writes to stdout what a sentence means, and the candidates with the parts of their scores."""
    console = results(quiet=False)
    tell(console, f"“{meaning.sentence}”: {meaning.shown}", "bold green")
    facts = [row for row in meaning.facts()["candidates"] if row.get("score", 1.0) >= _LISTED]
    if not facts:
        return
    headings = list(facts[0])
    words = [headings.index(heading) for heading in ("name", "why", "colors") if heading in headings]
    rows = []
    for row in facts:
        values = [", ".join(value) if isinstance(value, list) else value for value in row.values()]
        rows.append([f"{value:.2f}" if isinstance(value, float) else str(value) for value in values])
    console.print(Grid([heading.removesuffix("_score") for heading in headings], rows, words=words))


def _camera_rows(viewpoint: Viewpoint, parameters: tuple[str, ...]) -> dict[str, str]:
    """What a person wants to know of a camera, by its label: where it is, and of the rest what could change."""
    where = {"distance", "position", "elevation", "azimuth", "roll"}
    lens = {"fov"} if {"fov", "focal"} & set(parameters) else set()
    shown = where | lens | set(parameters)
    return {
        "roll" if name == "roll" else parameter(name).label: value(name, numbers)
        for name, numbers in viewpoint.describe().items()
        if name in shown
    }


def _spread(value: float | list[float]) -> str:
    """One number, or three in brackets."""
    return f"({', '.join(f'{x:.2g}' for x in value)})" if isinstance(value, list) else f"{value:.2g}"
