"""An evaluation: which kind it is, and its files."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tvdrnet_nv import __version__
from tvdrnet_nv.atomic import atomic_path, check_writable
from tvdrnet_nv.jobs.evaluate_job import EvaluateJob
from tvdrnet_nv.jobs.evaluate_queries import GALLERY_FILE, evaluate_queries
from tvdrnet_nv.jobs.evaluate_scenes import evaluate_scenes
from tvdrnet_nv.jobs.evaluation_run import LOG_FILE, Evaluation, EvaluationRun
from tvdrnet_nv.jobs.events import Kind, OnEvent, Reporter
from tvdrnet_nv.jobs.interrupt import Interruptible
from tvdrnet_nv.jobs.outcome import Evaluated

RESULTS_FILE = "results.json"


def run_evaluate(
    job: EvaluateJob, on_event: OnEvent | None, on_progress: Callable[[int, int], None] | None = None
) -> Evaluated:
    """See `EvaluateJob.run`."""
    reporter, out = Reporter(on_event), job.folder
    check_writable(out, [RESULTS_FILE, LOG_FILE, GALLERY_FILE, "queries.csv", "classes.csv"])
    evaluate = evaluate_scenes if Path(str(job.dataset)).is_dir() else evaluate_queries
    found = None
    with Interruptible() as ctrl_c:
        run = EvaluationRun(out, reporter, ctrl_c, on_progress or (lambda done, total: None))
        try:
            found = evaluate(job, run)
        except KeyboardInterrupt:
            kept = f"{run.done} of {run.total} are evaluated and kept in {out / LOG_FILE}; the same command goes on"
            reporter.report(Kind.INTERRUPTED, kept)
    if found is None:
        reporter.end()
        return Evaluated(
            files=[out / LOG_FILE] if (out / LOG_FILE).exists() else [],
            notes=reporter.notes,
            seconds=reporter.seconds,
            interrupted=True,
            kind="",
            figures={},
            done=run.done,
            total=run.total,
        )
    results = out / RESULTS_FILE
    with atomic_path(results) as temporary:
        temporary.write_text(json.dumps(_record(job, found, run), indent=2, ensure_ascii=False) + "\n", "utf-8")
    table = out / f"{found.table_name}.csv"
    with atomic_path(table) as temporary:
        _write_table(temporary, found.table)
    reporter.end()
    files = [results, table, *found.files, out / LOG_FILE]
    return Evaluated(
        files=files,
        notes=reporter.notes,
        seconds=reporter.seconds,
        kind=found.kind,
        figures=found.figures,
        done=run.done,
        total=run.total,
    )


def _record(job: EvaluateJob, found: Evaluation, run: EvaluationRun) -> dict[str, Any]:
    given = {name: str(value) for name, value in vars(job).items() if isinstance(value, str | Path)}
    return {
        "kind": found.kind,
        "figures": {name: _numbers(row) for name, row in found.figures.items()},
        "notes": run.reporter.notes,
        "job": {**given, "threshold": job.threshold},
        "rows": [_numbers(row) for row in found.table],
        "tvdrnet_nv": __version__,
    }


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has them: null for NaN."""
    return {name: None if isinstance(x, float) and math.isnan(x) else x for name, x in row.items()}


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    names: Iterable[str] = dict.fromkeys(name for row in rows for name in row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(names))
        writer.writeheader()
        writer.writerows(rows)
