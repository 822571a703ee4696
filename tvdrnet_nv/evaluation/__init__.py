"""How good predicted masks, boxes, instances and classes are, as the field's benchmarks measure it.

docs/evaluation.md has the rules and the formats of predictions.
"""

from tvdrnet_nv.evaluation.answers import Answer, open_answers, scanrefer_entry, write_entries
from tvdrnet_nv.evaluation.average_precision import OVERLAPS, average_precision, mean_average_precision
from tvdrnet_nv.evaluation.classes import CLASS_LISTS, ClassList
from tvdrnet_nv.evaluation.instance_files import read_instances, write_classes, write_instances
from tvdrnet_nv.evaluation.instance_overlaps import (
    MIN_REGION,
    FoundInstance,
    InstanceOverlaps,
    InstanceTruth,
    instance_overlaps,
)
from tvdrnet_nv.evaluation.mask_files import read_mask, write_mask
from tvdrnet_nv.evaluation.overlap import box_corners, box_iou, box_of_points, mask_iou
from tvdrnet_nv.evaluation.queries import Query, queries_of, query_key
from tvdrnet_nv.evaluation.query_scores import QueryScore, missing_score, score_answer, summary
from tvdrnet_nv.evaluation.query_truth import QueryTruth, TruthOfScene
from tvdrnet_nv.evaluation.run_lengths import decode_runs, encode_runs
from tvdrnet_nv.evaluation.score_log import ScoreLog
from tvdrnet_nv.evaluation.semantic import class_ious, confusion
from tvdrnet_nv.evaluation.truth import read_labels, read_truth, scene_truth, write_truth

__all__ = [
    "CLASS_LISTS",
    "MIN_REGION",
    "OVERLAPS",
    "Answer",
    "ClassList",
    "FoundInstance",
    "InstanceOverlaps",
    "InstanceTruth",
    "Query",
    "QueryScore",
    "QueryTruth",
    "ScoreLog",
    "TruthOfScene",
    "average_precision",
    "box_corners",
    "box_iou",
    "box_of_points",
    "class_ious",
    "confusion",
    "decode_runs",
    "encode_runs",
    "instance_overlaps",
    "mask_iou",
    "mean_average_precision",
    "missing_score",
    "open_answers",
    "queries_of",
    "query_key",
    "read_instances",
    "read_labels",
    "read_mask",
    "read_truth",
    "scanrefer_entry",
    "scene_truth",
    "score_answer",
    "summary",
    "write_classes",
    "write_entries",
    "write_instances",
    "write_mask",
    "write_truth",
]
