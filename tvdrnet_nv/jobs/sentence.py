"""The sentence of a job, from its fields: `text`, or `referral` and `object_id`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.events import Kind, Reporter

if TYPE_CHECKING:
    from tvdrnet_nv.datasets import SceneFolder
    from tvdrnet_nv.jobs.optimize_job import OptimizeJob

_LISTED = 12  # numbers in a message


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
    if is_sentence(job.query):
        raise InputError(
            f"`query` {job.query}: the mapping takes one sentence, and that of `text` or `referral` is given; leave "
            "`query` out, or give an embedding"
        )
    for name in ("target", "focus"):
        if getattr(job, name) is not None:
            raise InputError(f"`{name}` and `text` exclude each other; give one of them")


def is_sentence(query: object) -> bool:
    """Whether a mapping's query is in words: a text with letters, but no file's name and no number such as 1e-3."""
    if not isinstance(query, str) or Path(query).suffix.lower() in (".npy", ".pt", ".pth"):
        return False
    return any(len(word) > 1 and word.isalpha() and word.lower() not in ("nan", "inf") for word in query.split())


def job_sentence(job: OptimizeJob, known: SceneFolder | None, reporter: Reporter | None = None) -> str:
    """The sentence: `text`, or the first in the file that refers to the object.

    Args:
        job: has one of the two.
        known: the scene, where it is a data set's.
        reporter: told of entries of the file that cannot be read; None where it was told before.

    Raises:
        InputError: the file cannot be used or has no such sentence, or the scene has no such object.
    """
    if job.text is not None:
        return job.text.strip()
    from tvdrnet_nv.datasets import load_referrals

    scene = Path(job.scene).stem if known is None else known.name
    file = Path(str(job.referral))
    faults: list[InputError] = []
    of_scene = [item for item in load_referrals(file, faults) if item.scene == scene]
    unread = f"; {len(faults)} of its entries cannot be read: {faults[0]}" if faults else ""
    if not of_scene:
        raise InputError(f"{file}: has no sentence about {scene}; give the file of the scene's data set{unread}")
    found = next((item for item in of_scene if job.object_id in item.object_ids), None)
    if found is None:
        there = sorted({number for item in of_scene for number in item.object_ids})
        what = f"there are sentences about {_listed(there)}" if there else "it names classes only"
        raise InputError(f"`object_id` {job.object_id}: {file} has no sentence about it in {scene}; {what}{unread}")
    _check_object(job, known)
    if faults and reporter is not None:
        reporter.report(Kind.NOTE, f"`referral`: {len(faults)} of its entries cannot be read: {faults[0]}")
    return found.text


def _check_object(job: OptimizeJob, known: SceneFolder | None) -> None:
    """Refuse an object that the scene's own annotation does not have."""
    objects = None if known is None else known.objects_if_any()
    if objects is None:
        return
    there = sorted(item.id for item in objects.objects)
    if job.object_id not in there:
        raise InputError(
            f"`object_id` {job.object_id}: {job.referral} has a sentence about it, but {objects.file} has no such "
            f"object; it has {_listed(there)}"
        )


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:_LISTED])) + (", …" if len(numbers) > _LISTED else "")
