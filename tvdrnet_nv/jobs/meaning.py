"""From a job's sentence to the part of the scene that it means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from tvdrnet_nv.datasets import find_scene
from tvdrnet_nv.errors import InputError, NothingMeantError
from tvdrnet_nv.grounding import Candidate, Grounder, Grounding, Thing, Things, scene_things
from tvdrnet_nv.grounding.colors import main_colors
from tvdrnet_nv.grounding.external import ask_parser
from tvdrnet_nv.grounding.features import FeaturePart, feature_parts, load_features, relevancy
from tvdrnet_nv.grounding.phrase import NounPhrase
from tvdrnet_nv.grounding.sentence import read_sentence
from tvdrnet_nv.grounding.vocabulary import entry_of
from tvdrnet_nv.grounding.wording import why_nothing
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.sentence import job_sentence
from tvdrnet_nv.language import load_text_encoder
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.part_weights import vertex_weights
from tvdrnet_nv.report import Marked, SentenceReport

_NEAREST = 3  # candidates in the line about a sentence that means nothing here


@dataclass(frozen=True)
class Fitting:
    """How well words go with the view that was found.

    Attributes:
        name: the words.
        cosine: of their embedding and the picture's.
    """

    name: str
    cosine: float


@dataclass(frozen=True, eq=False)
class Meaning:
    """What a job's sentence means in its scene.

    Attributes:
        sentence: the sentence.
        source: "objects", "features", "parser" or "pictures": what decided.
        why: in words, why this source was used.
        model: the encoder's name; None where none was asked.
        weights: [V] in 0..1, the part.
        shown: the part in a few words, such as "sink (10)".
        phrase: what was understood, or None.
        candidates: the best, with the parts of their scores; of features, the patches; of pictures, the sentence and
            the other words that go best with the view.
        chosen: the objects that are meant; none for features.
        alike: objects that fit nearly as well.
        things: all objects, where the scene has some.
        notes: what the sentence says and does not hold of what is chosen.
        right: whether the chosen object is the one that the referral is of; None without a referral.
    """

    sentence: str
    source: str
    why: str
    model: str | None
    weights: Tensor
    shown: str
    phrase: NounPhrase | None = None
    candidates: tuple[Candidate, ...] | tuple[FeaturePart, ...] | tuple[Fitting, ...] = ()
    chosen: tuple[Thing, ...] = ()
    alike: tuple[Thing, ...] = ()
    things: Things | None = None
    notes: tuple[str, ...] = ()
    right: bool | None = None

    @property
    def query(self) -> str:
        """What a mapping is asked: the sentence; or the name of the object that answers a question."""
        is_wish = self.phrase is not None and self.phrase.use and not self.phrase.name
        return f"the {self.chosen[0].name}" if is_wish and self.chosen else self.sentence

    def facts(self) -> dict[str, Any]:
        """As the JSON files have it, under "text"."""
        found: dict[str, Any] = {"sentence": self.sentence, "source": self.source, "why": self.why, "model": self.model}
        found["phrase"] = None if self.phrase is None else self.phrase.to_dict()
        found["object_ids"] = [item.id for item in self.chosen]
        found["shown"] = self.shown
        found["notes"] = list(self.notes)
        if self.right is not None:
            found["right"] = self.right
        found["candidates"] = [_candidate_facts(item) for item in self.candidates]
        return found

    def report(self) -> SentenceReport:
        """The same for the files, with the objects to mark in the pictures."""
        asked = {item.id for item in self.chosen}
        items = () if self.things is None else self.things.items
        objects = [Marked(item.id, item.name, item.vertices, item.id in asked) for item in items]
        return SentenceReport(self.sentence, self.shown, self.facts(), objects)


def find_meaning(job: OptimizeJob, mesh: Mesh, up: Tensor, reporter: Reporter) -> Meaning:
    """What the job's sentence means; reports the source, and what fits nearly as well.

    Features count where the job names them. Otherwise the scene's objects or labels do.

    Raises:
        InputError: a file, the model or the parser cannot be used, or there is nothing to look in.
        NothingMeantError: the sentence means nothing of the scene.
    """
    known = find_scene(Path(job.scene))
    sentence = job_sentence(job, known, reporter)
    if job.features is not None:
        found = _by_features(job, sentence, mesh, reporter)
    else:
        labels = None if job.labels is None else Path(job.labels)
        things = scene_things(mesh, Path(job.scene), labels, up)
        if things is None or not things.items:
            raise InputError(
                f"`text`: {job.scene} has no objects and no labels with names; give a data set's folder, a file with "
                "`labels`, or features of its vertices with `features`"
            )
        found = _by_parser(job, sentence, mesh, things) if job.parser is not None else None
        found = found or _by_objects(job, sentence, mesh, things)
    reporter.report(Kind.START, f'"{sentence}" means {found.shown}; by {found.why}')
    notes = found.notes
    if found.right is False:
        notes = (f"the file's sentence is about object {job.object_id}, and {found.shown} is shown", *notes)
    for note in notes:
        reporter.report(Kind.NOTE, note)
    if found.alike:
        others = ", ".join(map(_named, found.alike))
        reporter.report(Kind.NOTE, f"nearly as well fits: {others}; say more in `text` to choose one")
    return found


def report_what_is_there(job: OptimizeJob, query: str, mesh: Mesh, up: Tensor, reporter: Reporter) -> None:
    """Report where a mapping is asked for what the scene lacks, or may lack: it proposes a view for any sentence.

    Raises:
        InputError: the scene's objects or labels cannot be used.
    """
    things = scene_things(mesh, Path(job.scene), None, up)
    if things is None or not things.items:
        what = f'whether the scene has "{query}" is not known, since it has no objects and no labels'
    else:
        found = Grounder(things, load_text_encoder(job.text_model))(query)
        if found.chosen:
            return
        what = f'"{query}": {found.reason}, by {things.source}'
    reporter.report(Kind.NOTE, f"{what}; the mapping proposes a view all the same")


def _by_objects(
    job: OptimizeJob, sentence: str, mesh: Mesh, things: Things, phrase: NounPhrase | None = None
) -> Meaning:
    encoder = load_text_encoder(job.text_model)
    grounder = Grounder(things, encoder)
    found = grounder(sentence) if phrase is None else grounder.of_phrase(sentence, phrase)
    if not found.chosen:
        raise _nothing(found)
    return Meaning(
        sentence=sentence,
        source="objects" if phrase is None else "parser",
        why=things.source if phrase is None else f"the parser's phrase, and {things.source}",
        model=encoder.name,
        weights=_weights(mesh, found.chosen),
        shown=", ".join(map(_named, found.chosen)),
        phrase=found.phrase,
        candidates=found.candidates,
        chosen=found.chosen,
        alike=found.alike,
        things=things,
        notes=found.notes,
        right=None if job.object_id is None else found.chosen[0].id == job.object_id,
    )


def _by_parser(job: OptimizeJob, sentence: str, mesh: Mesh, things: Things) -> Meaning:
    answer = ask_parser(str(job.parser), sentence, things)
    if isinstance(answer, NounPhrase):
        return _by_objects(job, sentence, mesh, things, answer)
    if not answer:
        raise NothingMeantError(f'"{sentence}": the parser finds nothing of it in {job.scene}')
    return Meaning(
        sentence=sentence,
        source="parser",
        why="the parser's answer",
        model=None,
        weights=_weights(mesh, answer),
        shown=", ".join(map(_named, answer)),
        chosen=answer,
        things=things,
        right=None if job.object_id is None else answer[0].id == job.object_id,
    )


def _by_features(job: OptimizeJob, sentence: str, mesh: Mesh, reporter: Reporter) -> Meaning:
    file = Path(str(job.features))
    features = load_features(file)
    encoder = load_text_encoder(job.text_model)
    readings = read_sentence(sentence, lambda noun: entry_of(noun) is not None) or (NounPhrase(),)
    phrase = next((item for item in readings if not item.says_nothing), readings[0])
    if phrase.says_nothing:
        raise NothingMeantError(f'"{sentence}": {why_nothing(phrase)}')
    values = relevancy(mesh, features, phrase.name or phrase.use or sentence, encoder, file)
    if phrase.relations or phrase.also or phrase.but:
        what = "features know of no relations and lists; only the first thing of `text` is looked for"
        reporter.report(Kind.NOTE, what)
    parts = feature_parts(mesh, values)
    if not parts:
        raise NothingMeantError(
            f'"{sentence}": no vertex is nearer to it than to other words (at most {float(values.max()):.2f}, and 0.5 '
            "is alike); nothing of the scene is meant"
        )
    best = parts[0]
    center = mesh.vertices[best.vertices].mean(0).tolist()
    at = ", ".join(f"{value:.2f}" for value in mesh.to_file(center))
    return Meaning(
        sentence=sentence,
        source="features",
        why=f"the features of {file.name}, which `features` names",
        model=encoder.name,
        weights=vertex_weights(mesh, best.vertices, "what fits has"),
        shown=f"{len(best.vertices):,} vertices about ({at})",
        phrase=phrase,
        candidates=tuple(parts[:8]),
    )


def _nothing(found: Grounding) -> NothingMeantError:
    best: dict[str, Candidate] = {}
    for item in found.candidates:
        best.setdefault(item.thing.name, item)
    nearest = ", ".join(f"{name} ({item.score:.2f})" for name, item in list(best.items())[:_NEAREST])
    return NothingMeantError(f'"{found.sentence}": {found.reason}{nearest and f"; the nearest are {nearest}"}')


def _weights(mesh: Mesh, chosen: tuple[Thing, ...]) -> Tensor:
    return vertex_weights(mesh, np.concatenate([item.vertices for item in chosen]), "the object has")


def _named(thing: Thing) -> str:
    """ "chair_3", or "sink (10)" where several things may have a name."""
    return thing.title if thing.title.replace("_", " ") != thing.name else f"{thing.name} ({thing.id})"


def _candidate_facts(item: Candidate | FeaturePart | Fitting) -> dict[str, Any]:
    if isinstance(item, Fitting):
        return {"name": item.name, "cosine": item.cosine}
    if isinstance(item, FeaturePart):
        return {"vertices": len(item.vertices), "relevancy": item.relevancy, "mass": item.mass}
    thing = item.thing
    return {
        "id": thing.id,
        "name": thing.title,
        "score": round(item.score, 4),
        "name_score": round(item.name, 4),
        "attributes_score": round(item.attributes, 4),
        "relation_score": round(item.relation, 4),
        "why": item.why,
        "colors": list(main_colors(thing.shares)),
    }
