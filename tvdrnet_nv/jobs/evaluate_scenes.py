"""Predicted instances or classes of whole scenes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.choices import Missing
from tvdrnet_nv.datasets import SceneFolder
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import (
    CLASS_LISTS,
    ClassList,
    InstanceOverlaps,
    class_ious,
    confusion,
    instance_overlaps,
    mean_average_precision,
    read_instances,
    read_labels,
    read_truth,
    scene_truth,
)
from tvdrnet_nv.evaluation.answers import file_stamp
from tvdrnet_nv.evaluation.classes import listed_classes
from tvdrnet_nv.evaluation.instance_files import is_instance_file, read_instance_lines
from tvdrnet_nv.evaluation.scenes import read_split, scene_stamp, scenes_in
from tvdrnet_nv.jobs.evaluate_job import EvaluateJob
from tvdrnet_nv.jobs.evaluation_run import Evaluation, EvaluationRun, stamp_of
from tvdrnet_nv.jobs.events import Kind

Scenes = Mapping[str, SceneFolder | Path]


def evaluate_scenes(job: EvaluateJob, run: EvaluationRun) -> Evaluation:
    """Score the predicted instances or classes of a folder's scenes.

    Raises:
        InputError: something cannot be used; what was counted so far is kept.
        KeyboardInterrupt: Ctrl-C; the same.
    """
    folder = Path(str(job.predictions))
    if not folder.is_dir():
        raise InputError(f"`predictions` {folder}: is no folder; wanted one with NAME.txt for each scene")
    everything = scenes_in(Path(str(job.dataset)))
    names = list(everything) if job.split is None else read_split(Path(job.split), everything)
    files = _prediction_files(job, folder, everything, names, run)
    given = [file for file in files.values() if file is not None and file.stat().st_size]
    instances = not given or is_instance_file(given[0])
    classes = _class_list(job, {name: everything[name] for name in files}, instances=instances)
    counts: list[Any] = []
    with run.log(len(files)) as log:
        for name, file in files.items():
            scene = everything[name]
            masks = [line.mask_file for line in read_instance_lines(file)] if instances and file is not None else []
            parts = [file_stamp(mask) for mask in ([] if file is None else [file, *masks])]
            stamp = stamp_of(instances, tuple(classes.names), scene_stamp(scene), *parts)
            known = log.find(name, stamp)
            if known is None:
                known = _count(scene, file, classes, instances=instances)
                log.add(name, stamp, known)
            counts.append(known)
            run.step()
    if instances:
        return _instances([InstanceOverlaps.from_dict(item) for item in counts], classes)
    return _semantic(np.sum([np.array(item) for item in counts], axis=0), classes)


def _prediction_files(
    job: EvaluateJob, folder: Path, everything: Scenes, names: list[str], run: EvaluationRun
) -> dict[str, Path | None]:
    """The file of each scene that is scored; None where there is none and nothing is found."""
    there = {file.stem: file for file in sorted(folder.glob("*.txt"))}
    stray = next((name for name in there if name not in everything), None)
    if stray is not None:
        raise InputError(
            f"{there[stray]}: {stray} is no scene of {job.dataset}, which has {len(everything):,}, such as "
            f"{next(iter(everything))}"
        )
    missing = [name for name in names if name not in there]
    if missing:
        what = f"{len(missing):,} of {len(names):,} scenes have no file, such as {missing[0]}.txt"
        if job.missing == Missing.refuse:
            raise InputError(f"{folder}: {what}; add them, or choose `missing` zero or skip")
        how = "nothing is found in them" if job.missing == Missing.zero else "they are left out"
        run.reporter.report(Kind.NOTE, f"{what}; {how}")
        if job.missing == Missing.skip:
            names = [name for name in names if name in there]
    if not names or not there:
        raise InputError(f"{folder}: has no files NAME.txt of scenes; there is nothing to evaluate")
    return {name: there.get(name) for name in names}


def _class_list(job: EvaluateJob, scenes: Scenes, *, instances: bool) -> ClassList:
    if job.classes in CLASS_LISTS:
        return CLASS_LISTS[job.classes]
    found: set[int] = set()
    for scene in scenes.values():
        if not isinstance(scene, Path):
            raise InputError("`classes` all: works only with a folder of truth files; choose scannet or scannet200")
        found |= set(np.unique(read_truth(scene).labels if instances else read_labels(scene)).tolist())
    return listed_classes(found)


def _count(scene: SceneFolder | Path, file: Path | None, classes: ClassList, *, instances: bool) -> Any:
    """What a scene adds to the figures, as JSON has it."""
    if instances:
        truth = read_truth(scene) if isinstance(scene, Path) else scene_truth(scene, classes)
        found = () if file is None else read_instances(file, len(truth.labels))
        return instance_overlaps(truth, found, classes.things).to_dict()
    wanted = read_labels(scene) if isinstance(scene, Path) else scene_truth(scene, classes).labels
    labels = np.zeros(len(wanted), np.int64) if file is None else read_labels(file)
    if len(labels) != len(wanted):
        raise InputError(f"{file}: has {len(labels):,} vertices, but the scene's mesh has {len(wanted):,}")
    return confusion(wanted, labels, tuple(classes.names)).tolist()


def _instances(counts: list[InstanceOverlaps], classes: ClassList) -> Evaluation:
    found = mean_average_precision(counts, classes.things)
    figures = {"all": found[None], **{classes.names[label]: found[label] for label in classes.things}}
    table = [{"class": name, **row} for name, row in figures.items()]
    return Evaluation("instances", figures, table, "classes", [])


def _semantic(counts: np.ndarray, classes: ClassList) -> Evaluation:
    ious = class_ious(counts)
    known = ious[~np.isnan(ious)]
    mean = float(known.mean()) if len(known) else float("nan")
    figures = {"all": {"miou": mean}}
    figures |= {name: {"iou": float(iou)} for name, iou in zip(classes.names.values(), ious, strict=True)}
    table = [{"class": name, "iou": next(iter(row.values()))} for name, row in figures.items()]
    return Evaluation("classes", figures, table, "classes", [])
