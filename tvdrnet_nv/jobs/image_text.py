"""From a job's sentence to an objective on pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.datasets import find_scene
from tvdrnet_nv.grounding.features import OTHERS
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.meaning import Fitting, Meaning
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.sentence import job_sentence
from tvdrnet_nv.language import load_image_text_encoder
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import ImageText
from tvdrnet_nv.renderer import Renderer

_CROPS = 4
_LISTED = 6  # words


def judged_by_text(job: OptimizeJob, mesh: Mesh, reporter: Reporter) -> tuple[ImageText, Meaning]:
    """The objective of the job's sentence and its model, and what the files say of it.

    Pictures are to fit the sentence better than they fit other words for what rooms have in them.

    Raises:
        InputError: the model cannot be used, or a file has no such sentence.
    """
    known = find_scene(Path(job.scene))
    sentence = job_sentence(job, known, reporter)
    encoder = load_image_text_encoder(str(job.image_text_model), device=mesh.device)
    said = sentence.lower()
    others = [f"{'an' if word[0] in 'aeiou' else 'a'} {word}" for word in OTHERS if word not in said]
    objective = ImageText(encoder, sentence, others=others, crops=_CROPS, seed=job.seed)
    meaning = Meaning(
        sentence=sentence,
        source="pictures",
        why="the pictures alone, which `image_text_model` judges",
        model=encoder.name,
        weights=torch.ones(mesh.num_vertices),
        shown="the scene, judged by pictures",
    )
    reporter.report(
        Kind.START,
        f'"{sentence}" is looked for in pictures, by {encoder.name}; pictures alone do not say that something is '
        "absent: the view that fits best is shown in any case",
    )
    return objective, meaning


def fitting(meaning: Meaning, objective: ImageText, renderer: Renderer, view: Viewpoint, reporter: Reporter) -> Meaning:
    """The meaning with the words that go best with the view that was found; reports where the sentence is not the best.

    Args:
        meaning: of `judged_by_text`.
        objective: likewise.
        renderer: of the scene.
        view: one camera.
        reporter: is told.
    """
    ranking = objective.ranking(renderer(view.to(renderer.mesh.device).camera()))
    place = next(i for i, (words, _) in enumerate(ranking) if words == meaning.sentence)
    listed = [Fitting(words, cosine) for words, cosine in ranking[:_LISTED]]
    if place >= _LISTED:
        listed.append(Fitting(*ranking[place]))
    if place > 0:
        better = ", ".join(f"{words} ({cosine:.2f})" for words, cosine in ranking[: min(place, 3)])
        reporter.report(
            Kind.NOTE,
            f'the view fits "{meaning.sentence}" less ({ranking[place][1]:.2f}) than it fits {better}; what is '
            "meant may not be in the scene",
        )
    return replace(meaning, candidates=tuple(listed))
