"""Predictions for the sentences of a file: scene by scene, so that each scene is read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tvdrnet_nv.choices import Missing
from tvdrnet_nv.datasets import load_referrals
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import Query, QueryScore, TruthOfScene, missing_score, open_answers, queries_of, score_answer
from tvdrnet_nv.evaluation import summary as summarize
from tvdrnet_nv.evaluation.answers import Answers, file_stamp
from tvdrnet_nv.evaluation.scenes import read_split, scene_named, scene_stamp, table_of_labels
from tvdrnet_nv.jobs.evaluate_job import EvaluateJob
from tvdrnet_nv.jobs.evaluation_run import Evaluation, EvaluationRun, stamp_of
from tvdrnet_nv.jobs.events import WRITING, Kind
from tvdrnet_nv.report.failures import Failure, write_failures

GALLERY_FILE = "failures.html"


def evaluate_queries(job: EvaluateJob, run: EvaluationRun) -> Evaluation:
    """Score the predictions for a file of sentences.

    Raises:
        InputError: something cannot be used; the scores so far are kept.
        KeyboardInterrupt: Ctrl-C; the same.
    """
    scenes, truth = Path(str(job.scenes)), None if job.truth is None else Path(job.truth)
    queries = _queries(job, scenes, run)
    answers = open_answers(Path(str(job.predictions)), queries)
    wanted = _wanted(job, queries)
    asked = _answered(job, wanted, answers, run)
    by_scene: dict[str, list[Query]] = {}
    for query in asked:
        by_scene.setdefault(query.referral.scene, []).append(query)
    if truth is None:
        _check_objects(asked)
    truths = {name: TruthOfScene(scene_named(scenes, name), truth) for name in by_scene}
    scores: dict[str, QueryScore] = {}
    with run.log(len(asked)) as log:
        for name, several in by_scene.items():
            scene = truths.pop(name)  # with its mesh, which would fill memory
            files = scene_stamp(scene.folder)
            for query in several:
                key, referral = query.key, query.referral
                if key not in answers.keys:
                    scores[key] = missing_score(key)
                    run.step()
                    continue
                true = "" if truth is None else file_stamp(scene.truth_file(key))
                stamp = stamp_of(answers.stamp(key), files, true, referral.object_ids, job.threshold)
                known = log.find(key, stamp)
                if known is None:
                    answer = scene.read_answer(answers, key, job.threshold)
                    scores[key] = score_answer(key, scene.of_query(key, referral), answer)
                    log.add(key, stamp, scores[key].to_dict())
                else:
                    scores[key] = QueryScore.from_dict(known)
                run.step()
    kept = _with_truth(asked, scores, answers, run)
    figures = summarize([scores[query.key] for query in kept], [query.groups for query in kept])
    gallery = _write_gallery(job, run, scenes, truth, kept, scores, answers)
    table = [_row(query, scores[query.key]) for query in asked]
    return Evaluation("queries", figures, table, "queries", [gallery] if gallery is not None else [])


def _queries(job: EvaluateJob, scenes: Path, run: EvaluationRun) -> list[Query]:
    file = Path(str(job.dataset))
    referrals = load_referrals(file)
    table = table_of_labels(scenes, referrals[0].scene)
    if table is None and referrals[0].source == "scanrefer":
        run.reporter.report(
            Kind.NOTE,
            "no figures for unique and multiple: they need scannetv2-labels.combined.tsv beside the scenes",
        )
    return queries_of(file, referrals, table)


def _wanted(job: EvaluateJob, queries: Sequence[Query]) -> list[Query]:
    """The queries of the scenes that are to be evaluated."""
    if job.split is None:
        return list(queries)
    there = {query.referral.scene for query in queries}
    # A split lists all scenes of a part of the data set; not each of them has a sentence.
    names = set(read_split(Path(job.split), None))
    found = [query for query in queries if query.referral.scene in names]
    if not found:
        raise InputError(f"{job.split}: none of its scenes has a sentence; such as {min(there)} have")
    return found


def _answered(job: EvaluateJob, queries: list[Query], answers: Answers, run: EvaluationRun) -> list[Query]:
    """Those of the queries that are scored, as `missing` wants it."""
    without = [query.key for query in queries if query.key not in answers.keys]
    if not without:
        return queries
    what = f"{len(without):,} of {len(queries):,} queries have no prediction, such as {without[0]}"
    if job.missing == Missing.refuse:
        raise InputError(f"{job.predictions}: {what}; add them, or choose `missing` zero or skip")
    if job.missing == Missing.zero:
        run.reporter.report(Kind.NOTE, f"{what}; nothing is found for them")
        return queries
    run.reporter.report(Kind.NOTE, f"{what}; they are left out")
    found = [query for query in queries if query.key in answers.keys]
    if not found:
        raise InputError(f"{job.predictions}: {what}; there is nothing to evaluate")
    return found


def _check_objects(queries: Sequence[Query]) -> None:
    nameless = next((query for query in queries if not query.referral.object_ids), None)
    if nameless is not None:
        raise InputError(
            f"{nameless.key}: its file names a class, but no objects; give the true masks, {nameless.key}.npy and so "
            "on, as `truth`"
        )


def _with_truth(
    queries: list[Query], scores: Mapping[str, QueryScore], answers: Answers, run: EvaluationRun
) -> list[Query]:
    """Those whose objects have vertices; of the others nothing can be found."""
    empty = [q.key for q in queries if q.key in answers.keys and not scores[q.key].truth_vertices]
    if empty:
        run.reporter.report(
            Kind.NOTE,
            f"{len(empty)} queries are not in the figures, as their objects have no vertices: {empty[0]}",
        )
    left_out = set(empty)
    return [query for query in queries if query.key not in left_out]


def _row(query: Query, score: QueryScore) -> dict[str, Any]:
    referral = query.referral
    return {
        "query": query.key,
        "scene": referral.scene,
        "object_ids": " ".join(map(str, referral.object_ids)),
        "groups": "; ".join(query.groups),
        "iou": score.iou,
        "box_iou": score.box_iou,
        "right": score.right,
        "truth_vertices": score.truth_vertices,
        "found_vertices": score.found_vertices,
        "sentence": referral.text,
    }


def _write_gallery(
    job: EvaluateJob,
    run: EvaluationRun,
    scenes: Path,
    truth: Path | None,
    queries: Sequence[Query],
    scores: Mapping[str, QueryScore],
    answers: Answers,
) -> Path | None:
    """The page of the worst queries; None where none is wanted."""
    worst = sorted((query for query in queries if query.key in answers.keys), key=lambda q: scores[q.key].shown)
    chosen = worst[: job.gallery]
    if not chosen:
        return None
    run.reporter.begin(WRITING)

    def failures() -> Iterator[Failure]:
        last = TruthOfScene(scene_named(scenes, chosen[0].referral.scene), truth)
        for query in chosen:
            run.check()
            if last.folder.name != query.referral.scene:
                last = TruthOfScene(scene_named(scenes, query.referral.scene), truth)
            answer = last.read_answer(answers, query.key, job.threshold)
            true = last.of_query(query.key, query.referral)
            found = answer.mask if answer.box is None else true.inside(answer.box)
            assert found is not None  # there is a mask or a box
            yield Failure(query.key, query.referral.text, scores[query.key], true.mask, found, last.mesh)

    title = f"{Path(str(job.dataset)).name}: the {len(chosen)} worst of {len(queries):,} queries"
    return write_failures(run.out / GALLERY_FILE, title, failures())
