"""One job of a batch, done in this process."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.folder import RESULT_FILE, JobPlace
from tvdrnet_nv.batch.rows import found_row
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import OptimizeJob

INPUT, MEMORY, TIME, KILLED, ERROR, DISK = "input", "memory", "time", "killed", "error", "disk"
"""Why a job failed: its input, too little memory, its time limit, an end of its process, a bug, a full disk."""

TRIED_AGAIN = (MEMORY, TIME, KILLED, ERROR)
"""After these a job is tried again: another time may go better."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


def run_one(place: JobPlace) -> dict[str, Any]:
    """Do a job and write its folder, unless it is there.

    The folder appears in one step, with `result.json` in it. A job that fails leaves no folder.

    Args:
        place: the job.

    Returns:
        Its row of the results; `state` is "done" or "failed", then with `kind` and `reason`.
    """
    known = place.finished()
    if known is not None:
        return known
    began = time.perf_counter()
    staging = place.staging()
    try:
        return _done(place, staging, began)
    except Exception as error:  # whatever it is, the other jobs go on; it is recorded
        return {**failed_row(place, error), "seconds": round(time.perf_counter() - began, 3)}
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def failed_row(place: JobPlace, error: Exception) -> dict[str, Any]:
    """The row of a job that has failed."""
    kind, reason = why(error)
    if kind == ERROR:
        _write_log(place, "".join(traceback.format_exception(error)))
    return {"number": place.number, "state": "failed", "kind": kind, "reason": reason}


def _done(place: JobPlace, staging: Path, began: float) -> dict[str, Any]:
    from tvdrnet_nv.jobs.run_optimize import run_optimize

    place.folder.parent.mkdir(parents=True, exist_ok=True)
    job = OptimizeJob(**json.loads(place.fields), out=staging)
    outcome = run_optimize(job, None, None, replace(job, out=place.folder).to_json(), home=place.folder)
    if outcome.missing:  # pictures; a run without faults would have them
        raise _MissingError(outcome.missing[0])
    facts = json.loads(outcome.files[0].read_text(encoding="utf-8"))
    row = {
        "number": place.number,
        "state": "done",
        **found_row(facts),
        "files": [file.name for file in outcome.files],
        "folder": str(place.folder.relative_to(place.folder.parents[2])),
        "seconds": round(time.perf_counter() - began, 3),
    }
    text = json.dumps({"stamp": place.stamp, "row": row}, allow_nan=False)
    (staging / RESULT_FILE).write_text(text, encoding="utf-8")
    place.log.unlink(missing_ok=True)
    return place.finished() or _published(place, staging, row)


def _published(place: JobPlace, staging: Path, row: dict[str, Any]) -> dict[str, Any]:
    """Let the job's folder appear. Where a process that was taken for lost has been quicker, its folder stays."""
    shutil.rmtree(place.folder, ignore_errors=True)  # cut off by a power failure
    try:
        os.rename(staging, place.folder)
    except OSError:
        found = place.finished()
        if found is None:
            raise
        return found
    return row


class _MissingError(RuntimeError):
    """A picture could not be written."""


def why(error: BaseException) -> tuple[str, str]:
    """The kind of a failure, and the reason in one line."""
    text = " ".join(str(error).split())
    if any(isinstance(cause, OSError) and cause.errno in _FULL for cause in _causes(error)):
        return DISK, text
    if isinstance(error, _MissingError):
        full = os.strerror(errno.ENOSPC).lower() in text or os.strerror(errno.EDQUOT).lower() in text
        return DISK if full else ERROR, text
    if any(isinstance(cause, MemoryError) for cause in _causes(error)) or _is_memory(error):
        return MEMORY, f"not enough memory{f': {text}' if text else ''}"
    if isinstance(error, InputError):
        return INPUT, text
    return ERROR, f"{type(error).__name__}: {text}"


def _is_memory(error: BaseException) -> bool:
    """Whether torch ran out of memory, which it reports as a RuntimeError."""
    text = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in text or "allocate memory" in text)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what led to it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _write_log(place: JobPlace, text: str) -> None:
    try:
        place.log.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return  # the row has the reason
