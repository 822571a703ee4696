"""`tvdr-nv bench`: parity with PyTorch3D, and speed."""

from __future__ import annotations

from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.cli._errors import INTERRUPTED
from tvdrnet_nv.cli._spelled import spelled
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from tvdrnet_nv.benchmarks.reference import Reference
    from tvdrnet_nv.benchmarks.results import Results


class BenchPart(StrEnum):
    parity = "parity"
    trajectory = "trajectory"
    truth = "truth"
    speed = "speed"
    recovery = "recovery"
    views = "views"
    photos = "photos"
    text = "text"
    segment = "segment"


DEFAULT = (BenchPart.parity, BenchPart.trajectory, BenchPart.truth, BenchPart.speed)


PartsArgument = Annotated[
    list[BenchPart] | None,
    typer.Argument(
        metavar="[PART]...",
        help="parity (compare images and gradients with PyTorch3D), trajectory (50 steps of both), truth (compare the "
        "gradients of both with finite differences of a supersampled render), speed, recovery (how often a known "
        "camera is found again; up to an hour), views (compare views of a part with an exhaustive search; ten "
        "minutes), photos (how often a photograph's camera is found, and whether the result knows; up to an hour), "
        "text (how often a sentence finds the right object, and what its view shows; a few minutes), segment (how well "
        "objects are segmented by views that are chosen, or not; ten minutes). "
        "Default: the first four.",
        show_default=False,
        rich_help_panel=o.INPUT,
    ),
]
QuickOption = Annotated[
    bool, typer.Option("--quick", help="A small version of each part, in under a minute.", rich_help_panel=o.INPUT)
]
ReferenceOption = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar="PYTHON",
        help="A Python interpreter that has PyTorch3D. Default: the one that `make reference` installs. Without one, "
        "parity is checked against recorded results, and speed has no PyTorch3D column.",
        rich_help_panel=o.INPUT,
    ),
]
NoReferenceOption = Annotated[
    bool, typer.Option("--no-reference", help="Use no reference, even if there is one.", rich_help_panel=o.INPUT)
]
SceneOption = Annotated[
    Path | None,
    typer.Option(
        "--scene",
        metavar="FILE",
        help="The scene for speed and segment, and one more for recovery and photos (in metres). Default: a room made "
        "by code.",
        rich_help_panel=o.INPUT,
    ),
]
PhotosOption = Annotated[
    Path | None,
    typer.Option(
        "--photos",
        metavar="DIR",
        help="Real photographs for photos, laid out as in the 7-Scenes data set, with the scene as fused.ply. Default: "
        "path-traced pictures and altered renders of rooms made by code only.",
        rich_help_panel=o.INPUT,
    ),
]
SentencesOption = Annotated[
    Path | None,
    typer.Option(
        "--sentences",
        metavar="FILE",
        help="For text: sentences about --scene, a data set's: a file of ScanRefer, Nr3D, Sr3D or Instruct3D, or lines "
        "'kind | sentence | ids'. Default: 60 sentences about a room made by code.",
        rich_help_panel=o.INPUT,
    ),
]
LimitOption = Annotated[
    float,
    typer.Option(
        "--limit",
        metavar="SECONDS",
        help="Leave out cases in which one step of PyTorch3D would take longer.",
        callback=o.positive,
        rich_help_panel=o.INPUT,
    ),
]
TrialsOption = Annotated[
    int,
    typer.Option(
        "--trials",
        metavar="N",
        help="How many cameras recovery looks for in each case; the slower methods look for a quarter of them.",
        callback=o.at_least_one,
        rich_help_panel=o.INPUT,
    ),
]


EXAMPLES = (
    ("Parity and speed, small, in under a minute", "tvdr-nv bench --quick"),
    ("Speed alone, on a scan of yours", "tvdr-nv bench speed --scene scan.ply"),
)


def command(
    context: typer.Context,
    parts: PartsArgument = None,
    quick: QuickOption = False,
    reference: ReferenceOption = None,
    no_reference: NoReferenceOption = False,
    scene: SceneOption = None,
    photos: PhotosOption = None,
    sentences: SentencesOption = None,
    limit: LimitOption = 120.0,
    trials: TrialsOption = 20,
    device: o.DeviceOption = o.Device.auto,
    out: o.OutOption = None,
    as_json: o.JsonOption = False,
    quiet: o.QuietOption = False,
) -> int:
    """Measure speed, and compare images and gradients with PyTorch3D; write a report.

    Writes index.html, results.json, a CSV file for each part, and plots; results.json also while it runs.
    Exits with 1 when a result is not within its limit; speed and photos have only targets, which do not count.
    """
    from tvdrnet_nv.atomic import check_writable
    from tvdrnet_nv.benchmarks.environment import device_label
    from tvdrnet_nv.benchmarks.photos.seven_scenes import read_photographs
    from tvdrnet_nv.benchmarks.reference import Reference, find_reference
    from tvdrnet_nv.benchmarks.report import write_report
    from tvdrnet_nv.benchmarks.report.renders import scene_pictures
    from tvdrnet_nv.benchmarks.results import Keeper
    from tvdrnet_nv.benchmarks.suite import run_parts
    from tvdrnet_nv.cli._output import notes, tell
    from tvdrnet_nv.datasets import find_scene
    from tvdrnet_nv.device import choose_device
    from tvdrnet_nv.io import load_mesh
    from tvdrnet_nv.jobs.output import new_folder

    if reference is not None and no_reference:
        raise InputError("--reference and --no-reference exclude each other; give one")
    if photos is not None and BenchPart.photos not in (parts or ()):
        raise InputError("--photos is for the part photos; add it: tvdr-nv bench photos --photos …")
    if sentences is not None and (scene is None or BenchPart.text not in (parts or ())):
        raise InputError(
            f"--sentences {sentences}: needs the part text and --scene: tvdr-nv bench text --scene SCENE …"
        )
    folder = out or new_folder("bench")
    check_writable(folder)
    backend, reason = choose_device(device)
    known = None if scene is None else find_scene(scene)
    mesh = None if scene is None else load_mesh(scene if known is None else known.mesh_file)
    photographs = None if photos is None else read_photographs(photos)
    console = notes(quiet)
    tell(console, f"Backend: {device_label(backend)} ({reason})", "dim")
    python = None if no_reference else find_reference(reference)
    given = None if mesh is None or scene is None else (scene.name, mesh)
    with nullcontext() if python is None else Reference(python, device=str(backend)) as other:
        tell(console, f"Reference: {_about(other)}", "dim")
        with _Progress(console) as progress:
            found = run_parts(
                list(dict.fromkeys(part.value for part in parts or DEFAULT)),
                backend,
                other,
                scene=given,
                quick=quick,
                limit=limit,
                trials=trials,
                photographs=photographs,
                sentences=(None, None) if sentences is None else (scene, sentences),
                known=scene,
                command=context.obj,
                progress=progress,
                keep=Keeper(folder),
            )
    written = write_report(folder, found, lambda: scene_pictures(found.sections, backend, given))
    _print(found, folder, written, as_json=as_json, quiet=quiet)
    return INTERRUPTED if found.interrupted else 1 if found.failures() or found.failure else 0


def _print(found: Results, folder: Path, written: list[Path], *, as_json: bool, quiet: bool) -> None:
    from tvdrnet_nv.benchmarks.report import sheets
    from tvdrnet_nv.cli._output import print_json_text, results, say, tell
    from tvdrnet_nv.cli._tables import Grid

    if as_json:
        print_json_text(written[0].read_text("utf-8").rstrip("\n"))
    else:
        screen = results(quiet)
        for sheet in sheets(found):
            missed = dict.fromkeys(sheet.missed, "bold red")
            words = sheet.words
            screen.print(
                Grid(sheet.columns, sheet.rows, words=words, title=sheet.title, note=sheet.note, styles=missed)
            )
            screen.print()
        for line in found.verdict():
            tell(screen, line, "bold")
        say(screen, f"Written to {folder}/", "bold")
        for path in written:
            say(screen, f"  {path.name}")


def _about(reference: Reference | None) -> str:
    if reference is None:
        return "none; run `make reference`, or name an interpreter that has PyTorch3D with --reference"
    facts = reference.info
    return f"PyTorch3D {facts['pytorch3d']}, torch {facts['torch']}, {facts['device']}, {facts['python']}"


class _Progress:
    """What is being worked on: in one place on a terminal, a line each anywhere else."""

    def __init__(self, console: Console) -> None:
        self._console = console
        spinner = "line" if console.options.ascii_only else "dots"
        self._status = (
            console.status(spelled("starting …", console.encoding), spinner=spinner) if console.is_terminal else None
        )

    def __enter__(self) -> _Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, text: str) -> None:
        if self._status:
            self._status.update(spelled(text, self._console.encoding))
        else:
            self._console.print(text, style="dim", markup=False, soft_wrap=True)
