"""`tvdr-nv evaluate`: how good predictions are, as the field's benchmarks measure it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import typer

from tvdrnet_nv.cli._command import takes
from tvdrnet_nv.cli._errors import INTERRUPTED
from tvdrnet_nv.cli._evaluate_options import DATASET_ARGUMENT, EVALUATE_OPTIONS, OUTPUT_SWITCHES
from tvdrnet_nv.jobs import EvaluateJob

if TYPE_CHECKING:
    from tvdrnet_nv.cli._tables import Grid

_HEADS = {
    "queries": "queries",
    "miou": "mIoU",
    "acc25": "Acc@0.25",
    "acc50": "Acc@0.5",
    "box_miou": "box mIoU",
    "box_acc25": "box Acc@0.25",
    "box_acc50": "box Acc@0.5",
    "accuracy": "accuracy",
    "ap": "AP",
    "ap50": "AP50",
    "ap25": "AP25",
    "iou": "IoU",
}


EXAMPLES = (
    (
        "Masks for the sentences of ScanRefer: mIoU, Acc@0.25, Acc@0.5",
        "tvdr-nv evaluate ScanRefer_val.json --scenes scans --predictions masks",
    ),
    (
        "Instances in ScanNet's format: AP, AP50, AP25",
        "tvdr-nv evaluate scans --split scannetv2_val.txt --predictions submission",
    ),
)


@takes(DATASET_ARGUMENT, EVALUATE_OPTIONS, OUTPUT_SWITCHES, job=EvaluateJob)
def command(ctx: typer.Context, values: dict[str, Any]) -> int:
    """Measure predictions: masks or boxes for sentences, instances or classes of scenes.

    mIoU, Acc@0.25 and Acc@0.5 for sentences, AP, AP50 and AP25 for instances, mIoU for classes. Writes results.json,
    queries.csv or classes.csv, failures.html and scores.jsonl, from which the same command goes on after an
    interruption. docs/evaluation.md has the rules and the formats of predictions.
    """
    job = EvaluateJob(**{field.name: values[field.name] for field in fields(EvaluateJob)})
    quiet, as_json = values["quiet"], values["as_json"]

    from rich.progress import Progress

    from tvdrnet_nv.cli._display import Display
    from tvdrnet_nv.cli._output import notes, print_json, results, say

    console = notes(quiet)
    with Display(console) as display, Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("evaluating", total=None)
        outcome = job.run(display.event, lambda done, total: bar.update(task, completed=done, total=total))
    if outcome.interrupted:
        return INTERRUPTED
    if as_json:
        figures = {name: _numbers(row) for name, row in outcome.figures.items()}
        files = [str(file.absolute()) for file in outcome.files]
        print_json({"kind": outcome.kind, "figures": figures, "notes": outcome.notes, "files": files})
        return 0
    results(quiet).print(_table(outcome.figures, by_class=outcome.kind != "queries"))
    for file in outcome.files:
        say(results(quiet), str(file))
    return 0


def _table(figures: Mapping[str, Mapping[str, float]], *, by_class: bool) -> Grid:
    """A row for each class, or for each figure of the groups of queries."""
    from tvdrnet_nv.cli._tables import Grid

    names = list(dict.fromkeys(name for row in figures.values() for name in row))
    if by_class:
        rows = [[group, *(_shown(name, row.get(name)) for name in names)] for group, row in figures.items()]
        return Grid(["", *(_HEADS[name] for name in names)], rows)
    rows = [[_HEADS[name], *(_shown(name, row.get(name)) for row in figures.values())] for name in names]
    return Grid(["", *figures], rows)


def _shown(name: str, value: float | None) -> str:
    if value is None or math.isnan(value):
        return "–"
    return f"{value:,}" if name == "queries" else f"{100 * value:.1f}"


def _numbers(row: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in row.items()}
