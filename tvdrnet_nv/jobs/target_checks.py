"""Which fields of an `OptimizeJob` go with a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvdrnet_nv.choices import Compare, MethodName, ObjectiveName, Robust
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.optimize_job import OptimizeJob


def check_target(job: OptimizeJob) -> None:
    """Raise InputError for a field that needs a target, a target that excludes another field, and the like."""
    if job.camera is None:  # its file may name the picture
        check_has_target(job)
    if job.target is not None and job.effort is not None and not job.finds_camera:
        raise InputError(
            f"`effort` {job.effort}: says how many attempts there are, and with {_single(job)} there is one; leave one "
            "of them out"
        )
    if job.exposure and job.compare in (Compare.photograph, Compare.edges):
        raise InputError(f"`exposure`: `compare` {job.compare} sees no exposure; leave one of them out")
    if job.depth_unit is not None and job.depth is None:
        raise InputError(f"`depth_unit` {job.depth_unit}: the unit of a depth picture; add its file with `depth`")
    if job.target is not None and job.focus is not None:
        raise InputError("`focus` and `target` exclude each other; give one of them")
    if job.target is not None and job.objective != ObjectiveName.auto:
        raise InputError(f"`objective` {job.objective} and `target` exclude each other; give one of them")
    if job.objective == ObjectiveName.tvdrnet:
        for name in ("focus", "text", "referral"):
            if getattr(job, name) is not None:
                raise InputError(f"`objective` tvdrnet and `{name}` exclude each other; give one of them")


def check_has_target(job: OptimizeJob) -> None:
    """Raise InputError for a field that needs a target, where there is none."""
    matching = {
        "robust": job.robust not in (None, Robust.none),
        "compare": job.compare != Compare.auto,
        "mask": job.mask is not None,
        "depth": job.depth is not None,
        "exposure": job.exposure,
        "effort": job.effort is not None,
    }
    if job.target is not None:
        return
    for name, given in matching.items():
        if given:
            raise InputError(f"`{name}`: needs a picture to match; add a `target`")
    if job.method == MethodName.lm:
        raise InputError("`method` lm: compares pictures and needs a `target`; use `method` adam without one")


def _single(job: OptimizeJob) -> str:
    """What of a job with a target makes it one optimisation instead of attempts."""
    if job.compare == Compare.colors:
        return "`compare` colors"
    if job.method not in (MethodName.auto, MethodName.lm):
        return f"`method` {job.method}"
    if job.search is not None:
        return "`search`" if job.search else "`search=False`"
    return "`starts`" if job.starts is not None else "`learning_rate`"
