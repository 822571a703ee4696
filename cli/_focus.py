"""The options that name a part of the scene, `--focus` and its company."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.cli._errors import INTERRUPTED
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor

    from tvdrnet_nv.camera import Orbit
    from tvdrnet_nv.mesh import Mesh
    from tvdrnet_nv.objectives import FocusOn
    from tvdrnet_nv.optimization import ViewSet
    from tvdrnet_nv.renderer import Renderer

FocusOption = Annotated[
    str | None,
    typer.Option(
        "--focus",
        metavar="PART",
        help="See a part of the scene, unhidden, large and centred: label=NAME,… or label=NUMBER,… (of a .labels.ply), "
        "box=X0,Y0,Z0,X1,Y1,Z1, point=X,Y,Z,RADIUS, or a file of one score a vertex (.npy or text).",
        rich_help_panel=o.SEARCH,
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        help="The labels for --focus. Default: SCENE.labels.ply beside SCENE.ply.",
        rich_help_panel=o.SEARCH,
    ),
]
ViewsOption = Annotated[
    int,
    typer.Option(
        "--views",
        metavar="K",
        help="With --focus: K views that differ and together show most of the part.",
        callback=o.at_least_one,
        rich_help_panel=o.SEARCH,
    ),
]


@dataclass(frozen=True)
class FocusText:
    """What `--focus` says: a kind, and what belongs to it."""

    text: str
    kind: str
    names: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()

    def weights(self, mesh: Mesh, scene: Path, labels: Path | None) -> Tensor:
        """[V] weights of the part.

        Raises:
            InputError: a file cannot be used, or the part has no surface.
        """
        from tvdrnet_nv.io import labels_beside, load_labels, load_scores
        from tvdrnet_nv.part_weights import ball_weights, box_weights, label_weights, score_weights

        if self.kind == "label":
            file = labels or labels_beside(scene)
            if labels is None and not file.exists():
                raise InputError(f"--focus {self.text}: there is no {file}; name a file of labels with --labels")
            found = load_labels(file)
            return _naming(f"{file}", label_weights, mesh, found, self.names)
        if self.kind == "box":
            return _naming(f"--focus {self.text}", box_weights, mesh, self.numbers[:3], self.numbers[3:])
        if self.kind == "point":
            return _naming(f"--focus {self.text}", ball_weights, mesh, self.numbers[:3], self.numbers[3])
        return _naming(self.text, score_weights, mesh, load_scores(self.text))


def parse_focus(text: str | None, labels: Path | None, views: int, target: Path | None) -> FocusText | None:
    """What `--focus` says, checked as far as it can be without a file; None where it is not given."""
    if text is None:
        for name, given in (("--labels", labels is not None), ("--views", views != 1)):
            if given:
                raise InputError(f"{name}: belongs to --focus, which says what to look at; add it, or leave {name} out")
        return None
    if target is not None:
        raise InputError(
            "--focus and --target exclude each other: a view of a part, or the view of a picture; give one"
        )
    kind, found, rest = text.partition("=")
    if kind in ("box", "point") and found:
        wanted = {"box": "X0,Y0,Z0,X1,Y1,Z1", "point": "X,Y,Z,RADIUS"}[kind]
        numbers = _numbers(rest)
        if len(numbers) != len(wanted.split(",")):
            raise InputError(f"--focus {text}: wanted {kind}={wanted}, finite numbers in scene units")
        if kind == "point" and not numbers[3] > 0:
            raise InputError(f"--focus {text}: the radius must be above 0")
        result = FocusText(text, kind, numbers=numbers)
    elif kind == "label" and found:
        names = tuple(name.strip() for name in rest.split(","))
        if not all(names):
            raise InputError(f"--focus {text}: wanted label=NAME or label=NUMBER, several with commas between them")
        result = FocusText(text, kind, names=names)
    elif Path(text).exists() or Path(text).suffix.lower() in (".npy", ".txt", ".csv"):
        result = FocusText(text, "scores")
    else:
        raise InputError(
            f"--focus {text}: wanted label=NAME, box=X0,Y0,Z0,X1,Y1,Z1, point=X,Y,Z,RADIUS, or a file of scores"
        )
    if labels is not None and result.kind != "label":
        raise InputError(f"--labels {labels}: is for --focus label=…, not for --focus {text}")
    return result


def check_company(views: int, method: str, starts: int | None, search: bool | None, profile: bool) -> None:
    """What cannot stand beside `--focus`."""
    if profile:
        raise InputError("--profile: times a step of the other objectives; leave out --focus")
    if views > 1:
        for name, given in (("--starts", starts is not None), ("--no-search", search is False)):
            if given:
                raise InputError(f"{name}: --views {views} chooses its starts by itself; leave {name} out")
        if method not in ("auto", "adam"):
            raise InputError(f"--method {method}: --views {views} are refined by adam; leave --method out")


def focused(
    renderer: Renderer,
    start: Orbit,
    weights: Tensor,
    *,
    keep_at: bool,
    distance: float | None,
) -> tuple[FocusOn, Orbit]:
    """The objective for a part, and the start about its middle, as far away as it takes to see it all.

    A look-at point or a distance that was asked for stays.
    """
    from tvdrnet_nv.objectives import FocusOn

    focus = FocusOn(renderer.mesh, weights, near=renderer.near, far=renderer.far)
    if not keep_at:
        start = start.replace(at=focus.center[None])
    if distance is None:
        away = focus.radius / math.sin(math.radians(start.fov.item()) / 2)
        start = focus.fitted(start.replace(distance=start.distance.new_tensor([away])), renderer.resolution)
    return focus, start


def files(views: int) -> list[str]:
    """The names of what `find_views` writes."""
    from tvdrnet_nv.report import view_set_files

    return view_set_files(views)


@dataclass(frozen=True)
class Record:
    """What the files tell about a run, and where they go."""

    focus: str
    weights: Tensor
    scene: Path
    out: Path
    command: list[str]
    render_options: list[str]


def find_views(
    renderer: Renderer,
    objective: FocusOn,
    start: Orbit,
    count: int,
    record: Record,
    parameters: tuple[str, ...],
    iterations: int,
    learning_rate: float,
    console: Console,
    quiet: bool,
    as_json: bool,
) -> int:
    """Several views of a part: choose, write, tell; the exit code."""
    import json

    from tvdrnet_nv.cli._interrupt import Interruptible
    from tvdrnet_nv.cli._output import print_json, tell
    from tvdrnet_nv.cli._progress import OptimizationProgress
    from tvdrnet_nv.optimization import Progress, choose_views
    from tvdrnet_nv.report import highlighted, write_view_set

    with (
        Interruptible() as interruptible,
        OptimizationProgress(console, iterations, fov="fov" in parameters) as progress,
    ):

        def watch(step: Progress) -> None:
            progress(step)
            interruptible.check()

        views = choose_views(
            renderer,
            objective,
            start,
            count,
            parameters=parameters,
            iterations=iterations,
            learning_rate=learning_rate,
            callback=watch,
        )
    written = write_view_set(
        record.out,
        views,
        renderer,
        focus=record.focus,
        tinted=highlighted(renderer, record.weights),
        command=record.command,
        scene=record.scene,
        render_options=record.render_options,
    )
    if interruptible.pressed:
        tell(console, f"interrupted: kept the best of {views.iterations} iterations", "bold yellow")
    if len(views.orbit) < count:
        tell(console, f"note: {len(views.orbit)} views; no more differ by 20° and show the part", "yellow")
    if as_json:
        facts = json.loads(written[0].read_text(encoding="utf-8"))
        print_json({**facts, "files": [str(file.absolute()) for file in written]})
    elif not quiet:
        _print_views(views, written)
    return INTERRUPTED if interruptible.pressed else 0


def _print_views(views: ViewSet, written: list[Path]) -> None:
    from rich.table import Table

    from tvdrnet_nv.cli._output import results, say, tell
    from tvdrnet_nv.report import focus_facts
    from tvdrnet_nv.report.text import angle, number

    console = results(quiet=False)
    tell(console, f"{len(views.orbit)} views show {views.coverage:.0%} of the part's surface together", "bold green")
    table = Table(box=None, pad_edge=False)
    for heading in ("view", "distance", "elevation", "azimuth", "score", "visible", "size", "cut off", "surface seen"):
        table.add_column(heading, justify="right")
    for k in range(len(views.orbit)):
        orbit, facts = views.orbit[k], focus_facts(views.scores, k)
        place = number(orbit.distance.item()), angle(orbit.elevation.item()), angle(orbit.azimuth.item())
        shares = (f"{share:.0%}" for share in (facts["visible_share"], facts["size"], facts["cut_off_share"]))
        table.add_row(str(k + 1), *place, f"{facts['focus_score']:.3f}", *shares, f"{views.visible_share[k]:.0%}")
    console.print(table)
    say(console, f"Written to {written[0].parent}/", "bold")
    for file in written:
        say(console, f"  {file.name}")


def _numbers(text: str) -> tuple[float, ...]:
    """The finite numbers between commas; none where one is not."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        return ()
    return numbers if all(math.isfinite(x) and abs(x) < 1e12 for x in numbers) else ()


def _naming(where: str, make, *arguments):  # type: ignore[no-untyped-def]
    """What `make` gives; its complaints name the place."""
    try:
        return make(*arguments)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
