"""From a sentence to a part of a scene, by names, attributes, relations and uses of its objects."""

from tvdrnet_nv.grounding.ground import Candidate, Grounder, Grounding
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation, phrase_from_dict
from tvdrnet_nv.grounding.scene import scene_things
from tvdrnet_nv.grounding.things import Thing, Things, make_things

__all__ = [
    "Candidate",
    "Grounder",
    "Grounding",
    "NounPhrase",
    "Relation",
    "Thing",
    "Things",
    "make_things",
    "phrase_from_dict",
    "scene_things",
]
