"""Jobs from a file of sentences about objects of scenes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.fields import checked_job
from tvdrnet_nv.batch.job import BatchJob, folder_names


def jobs_of_referrals(file: Path, scenes: str, common: Mapping[str, Any]) -> list[BatchJob]:
    """A job for each sentence of a file of ScanRefer, Nr3D, Sr3D, Reason3D or Instruct3D: a view of what it means.

    A job's name is the sentence's key, as `tvdr-nv evaluate` has it: SCENE-OBJECT-NUMBER.

    Args:
        file: the referrals.
        scenes: the folder of the scenes, perhaps with a data set's name and a colon before it.
        common: fields of all jobs.

    Raises:
        InputError: the file cannot be read, or the fields cannot be used.
    """
    from tvdrnet_nv.datasets import load_referrals
    from tvdrnet_nv.evaluation.queries import query_key

    referrals = load_referrals(file)
    names = folder_names(query_key(referral, place) for place, referral in enumerate(referrals))
    jobs = []
    for place, (name, referral) in enumerate(zip(names, referrals, strict=True)):
        found = {**common, "scene": f"{scenes}/{referral.scene}", "text": referral.text}
        checked_job(found)
        jobs.append(BatchJob(name, found, f"entry {place}"))
    return jobs
