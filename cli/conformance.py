"""`tvdr-nv conformance`: whether a backend keeps the op contract, sentence by sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from tvdrnet_nv.cli._tables import Grid
    from tvdrnet_nv.conformance import Outcome

MARKS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "skipped": ("–", "yellow")}


EXAMPLES = (
    ("Every sentence of the contract, on the CPU", "tvdr-nv conformance --backend cpu"),
    ("Only the sentences about one op", "tvdr-nv conformance -k rasterize"),
)


def command(
    backend: Annotated[
        str,
        typer.Option(
            "--backend",
            metavar="NAME",
            help="The backend to test: cpu, cuda, fused (our CUDA kernels), cuda-emulated (the same, on the CPU) "
            "or reference (takes minutes); `tvdr-nv doctor` lists them.",
            rich_help_panel=o.INPUT,
        ),
    ] = "cpu",
    pattern: Annotated[
        str,
        typer.Option(
            "-k",
            metavar="PATTERN",
            help="Run only the cases whose op, name or sentence contains PATTERN.",
            show_default=False,
            rich_help_panel=o.INPUT,
        ),
    ] = "",
    as_json: o.JsonOption = False,
) -> int:
    """Test a backend against the contract of the ops, sentence by sentence.

    Exits with 1 when a case fails.
    """
    import torch

    from tvdrnet_nv.cli._output import print_json, results, say
    from tvdrnet_nv.conformance import Status, run
    from tvdrnet_nv.ops.backends import TABLE

    if backend not in TABLE:
        raise InputError(f"--backend {backend}: no such backend; there are {', '.join(TABLE)}")
    missing = TABLE[backend].why_unusable()
    if missing:
        raise InputError(f"--backend {backend}: {missing}")
    console = results(quiet=as_json)
    outcomes: list[Outcome] = []
    heading = ""
    for outcome in run(backend, pattern):
        outcomes.append(outcome)
        if heading != outcome.case.topic:
            heading = outcome.case.topic
            say(console, f"\n{heading}", "bold")
        _print(console, outcome)
    if not outcomes:
        raise InputError(f"-k {pattern}: no case has it in its op, name or sentence")
    counts = {status.value: sum(x.status is status for x in outcomes) for status in Status}
    seconds = sum(x.seconds for x in outcomes)
    if as_json:
        facts = {"backend": backend, "torch": torch.__version__, "seconds": round(seconds, 2), **counts}
        print_json({**facts, "cases": [_record(x) for x in outcomes]})
    else:
        console.print()
        console.print(_by_op(outcomes))
        say(console, f"\n{backend}: {', '.join(f'{n} {s}' for s, n in counts.items())}   {seconds:.0f} s", "bold")
    return 1 if counts["failed"] else 0


def _print(console: Console, outcome: Outcome) -> None:
    from rich.table import Table
    from rich.text import Text

    from tvdrnet_nv.cli._spelled import spelled

    mark, style = MARKS[outcome.status]
    mark = spelled(mark, console.encoding)
    row = Table.grid(padding=(0, 1))
    row.add_column(width=len(spelled("✓", console.encoding)))
    row.add_column(width=11, overflow="ellipsis", no_wrap=True)
    row.add_column(overflow="fold")
    text = Text(outcome.case.sentence)
    if outcome.detail:
        text.append(f"\n{outcome.status}: {outcome.detail}", style)
    op = outcome.case.op.removeprefix("antialias_construct_")
    row.add_row(Text(mark, style), Text(op, "dim"), text)
    console.print(row)


def _by_op(outcomes: list[Outcome]) -> Grid:
    from tvdrnet_nv.cli._tables import Grid

    ops = dict.fromkeys(x.case.op for x in outcomes)
    rows = [(op, *(str(sum(x.case.op == op and x.status == s for x in outcomes)) for s in MARKS)) for op in ops]
    return Grid(["op", *MARKS], rows)


def _record(outcome: Outcome) -> dict[str, Any]:
    case = outcome.case
    return {
        "name": case.name,
        "op": case.op,
        "topic": case.topic,
        "sentence": case.sentence,
        "status": outcome.status.value,
        "detail": outcome.detail,
        "seconds": round(outcome.seconds, 3),
    }
