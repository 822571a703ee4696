"""Whole jobs: a dataclass says what is wanted, `run` does it, reports on the way and writes the files.

The dataclasses check their fields as soon as they are made, without torch; it is loaded when a job runs.
"""

from __future__ import annotations

from tvdrnet_nv.jobs.evaluate_job import EvaluateJob
from tvdrnet_nv.jobs.events import Event, Kind
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.outcome import Evaluated, Optimized, Outcome, Rendered, Segmented, ViewsFound
from tvdrnet_nv.jobs.render_job import RenderJob
from tvdrnet_nv.jobs.scene_job import SceneJob
from tvdrnet_nv.jobs.segment_job import SegmentJob

__all__ = [
    "EvaluateJob",
    "Evaluated",
    "Event",
    "Kind",
    "OptimizeJob",
    "Optimized",
    "Outcome",
    "RenderJob",
    "Rendered",
    "SceneJob",
    "SegmentJob",
    "Segmented",
    "ViewsFound",
]
