"""The sentence of a job, from its fields: `text`, or `referral` and `object_id`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.events import Kind, Reporter

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.optimize_job import OptimizeJob


def check_sentence(job: OptimizeJob) -> None:
    """Raise InputError where the fields about a sentence cannot be used, or do not go with others."""
    if job.text is not None and not job.text.strip():
        raise InputError('`text`: is empty; say what the view is to show, such as "the chair next to the window"')
    if job.text is not None and job.referral is not None:
        raise InputError("`text` and `referral` exclude each other; give one of them")
    if (job.referral is None) != (job.object_id is None):
        missing = "object_id" if job.object_id is None else "referral"
        raise InputError(f"`{missing}`: is missing; a sentence of a file needs `referral` and `object_id`")
    asked = job.text is not None or job.referral is not None
    for name in ("text_model", "features", "parser", "image_text_model"):
        if getattr(job, name) is not None and not asked:
            raise InputError(f"`{name}`: works only with `text` or `referral`; add a sentence")
    if job.features is not None and job.parser is not None:
        raise InputError(
            "`features` and `parser` exclude each other: a parser is asked about objects; give one of them"
        )
    for name in ("text_model", "features", "parser", "labels", "mapping"):
        if job.image_text_model is not None and getattr(job, name) is not None:
            raise InputError(
                f"`image_text_model` and `{name}` exclude each other: pictures alone are judged; give one of them"
            )
    if not asked:
        return
    for name in ("target", "focus"):
        if getattr(job, name) is not None:
            raise InputError(f"`{name}` and `text` exclude each other; give one of them")


def job_sentence(job: OptimizeJob, scene: str, reporter: Reporter | None = None) -> str:
    """The sentence: `text`, or the first in the file that refers to the object.

    Args:
        job: has one of the two.
        scene: its name, as referral files have it.
        reporter: told of entries of the file that cannot be read; None where it was told before.

    Raises:
        InputError: the file cannot be used, or has no such sentence.
    """
    if job.text is not None:
        return job.text.strip()
    from tvdrnet_nv.datasets import load_referrals

    file = Path(str(job.referral))
    faults: list[InputError] = []
    of_scene = [item for item in load_referrals(file, faults) if item.scene == scene]
    unread = f"; {len(faults)} of its entries cannot be read: {faults[0]}" if faults else ""
    if not of_scene:
        raise InputError(f"{file}: has no sentence about {scene}; give the file of the scene's data set{unread}")
    found = next((item for item in of_scene if job.object_id in item.object_ids), None)
    if found is None:
        there = sorted({number for item in of_scene for number in item.object_ids})
        listed = ", ".join(map(str, there[:12])) + (", …" if len(there) > 12 else "")
        what = f"there are sentences about {listed}" if there else "it names classes only"
        raise InputError(f"`object_id` {job.object_id}: {file} has no sentence about it in {scene}; {what}{unread}")
    if faults and reporter is not None:
        reporter.report(Kind.NOTE, f"`referral`: {len(faults)} of its entries cannot be read: {faults[0]}")
    return found.text
