"""`tvdr-nv batch`: many jobs of `tvdr-nv optimize`, on one machine or on a cluster."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tvdrnet_nv.cli._batch_options import BATCH_ARGUMENTS, BATCH_OPTIONS
from tvdrnet_nv.cli._command import takes
from tvdrnet_nv.cli._errors import INTERRUPTED
from tvdrnet_nv.cli._options import CAMERA_OPTIONS, RENDERING_OPTIONS
from tvdrnet_nv.cli._search_options import SEARCH_OPTIONS
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import OptimizeJob

if TYPE_CHECKING:
    from tvdrnet_nv.batch import BatchFolder, BatchSettings, Source

EXAMPLES = (
    ("A job for each row of a file; again, to go on", "tvdr-nv batch jobs.csv --out views --time-limit 600"),
    ("The camera of each picture of a folder", "tvdr-nv batch --photos photos --scene room.ply --out cameras"),
)
FAILED = 1
ACTIONS = ("run", "status", "retry", "merge")

_JOB_OPTIONS = {name: kind for name, kind in SEARCH_OPTIONS.items() if name != "profile"}


@takes(BATCH_ARGUMENTS, BATCH_OPTIONS, _JOB_OPTIONS, CAMERA_OPTIONS, RENDERING_OPTIONS, job=OptimizeJob)
def command(ctx: typer.Context, values: dict[str, Any]) -> int:
    """Do many jobs of tvdr-nv optimize: each row of a file, each picture of a folder, each sentence of a data set.

    A row's columns are the options of tvdr-nv optimize by their names, and its scene. The options below, given here,
    hold for all jobs that do not say otherwise. The same command again goes on where the last one ended, however it
    ended. docs/batch.md has examples.

    status DIR: how far it is, and what failed. retry DIR: failed jobs again. merge DIR...: one table of several.

    Exit codes: 0 all jobs are done; 1 some failed, and results.parquet says why; 2 wrong input; 130 interrupted.
    """
    words = list(values["words"] or [])
    action = words.pop(0) if words and words[0] in ACTIONS else "run"
    if action == "run":
        return _run(words, values)
    if not words:
        raise InputError(f"tvdr-nv batch {action}: wanted the folder of a batch")
    if action == "merge":
        return _merge([Path(word) for word in words], values)
    if len(words) > 1:
        raise InputError(f"tvdr-nv batch {action}: wanted one folder, and {len(words)} are given")
    from tvdrnet_nv.batch import BatchFolder

    settings = _settings(values)
    batch = BatchFolder(Path(words[0]))
    if action == "retry":
        return _do(batch, settings, values, retry=True)
    from tvdrnet_nv.cli._batch_display import show_status

    return show_status(batch, quiet=values["quiet"], as_json=values["as_json"])


def _run(words: list[str], values: dict[str, Any]) -> int:
    if len(words) > 1:
        raise InputError(f"tvdr-nv batch: wanted one file of jobs, and {len(words)} words are given: {' '.join(words)}")
    out = values["out"]
    if out is None:
        raise InputError("tvdr-nv batch: wanted --out DIR, the folder of the batch")
    from tvdrnet_nv.batch import BatchFolder, open_batch

    settings = _settings(values)
    source = _source(Path(words[0]) if words else None, values)
    batch = BatchFolder(out) if source is None else open_batch(source, out)
    return _do(batch, settings, values)


def _source(table: Path | None, values: dict[str, Any]) -> Source | None:
    """What the options name; None where they name nothing, and the folder's batch is gone on with."""
    from dataclasses import fields

    from tvdrnet_nv.batch import Source

    common = {}
    for field in fields(OptimizeJob):
        value = values.get(field.name)
        if field.name != "out" and value is not None and value != field.default:
            common[field.name] = _plain(value)
    if table is None and values["photos"] is None and "camera" not in common:
        if common:
            raise InputError("tvdr-nv batch: wanted JOBS, --photos DIR, or a --camera file with pictures")
        return None
    cameras = None
    if table is None and values["photos"] is None:
        cameras = Path(common.pop("camera"))
    return Source(table=table, photos=values["photos"], cameras=cameras, scenes=values["scenes"], common=common)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, (Path, Enum)) else value


def _do(batch: BatchFolder, settings: BatchSettings, values: dict[str, Any], *, retry: bool = False) -> int:
    from tvdrnet_nv.batch import run_batch
    from tvdrnet_nv.cli._batch_display import BatchDisplay, show_outcome
    from tvdrnet_nv.cli._output import notes

    with BatchDisplay(notes(values["quiet"])) as display:
        outcome = run_batch(batch, settings, display.tell, retry=retry)
    show_outcome(outcome, quiet=values["quiet"], as_json=values["as_json"])
    if outcome.interrupted:
        return INTERRUPTED
    return FAILED if outcome.standing.failed else 0


def _settings(values: dict[str, Any]) -> BatchSettings:
    from dataclasses import fields

    from tvdrnet_nv.batch import BatchSettings

    names = [field.name for field in fields(BatchSettings)]
    given = {name: values[name] for name in names if values[name] is not None}
    if values["slurm"] is not None:
        given["slurm"] = _pairs(values["slurm"])
    return BatchSettings(**given)


def _pairs(text: str) -> dict[str, Any]:
    """KEY=VALUE,… with whole numbers as such."""
    found = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise InputError(f"`slurm` {text}: wanted KEY=VALUE,KEY=VALUE, such as slurm_partition=gpu,timeout_min=60")
        found[key.strip()] = int(value) if value.strip().isdecimal() else value.strip()
    return found


def _merge(folders: list[Path], values: dict[str, Any]) -> int:
    from tvdrnet_nv.batch import merge_results
    from tvdrnet_nv.cli._output import print_json, results, say

    out = values["out"]
    if out is None:
        raise InputError("tvdr-nv batch merge: wanted --out FILE.parquet")
    if out.is_dir():
        raise InputError(f"--out {out}: is a folder; wanted a file, such as {out / 'results.parquet'}")
    count = merge_results(folders, out)
    if values["as_json"]:
        print_json({"file": str(out.absolute()), "rows": count})
    else:
        say(results(values["quiet"]), f"{out}: {count:,} results of {len(folders):,} batches")
    return 0
