"""From a sentence to a mask of a scene: models of pictures look at views, each chosen by what the others left open."""

from tvdrnet_nv.segmentation.closed_loop import Exploration, View, explore, overlap
from tvdrnet_nv.segmentation.command import CommandSegmenter
from tvdrnet_nv.segmentation.load import load_segmenter
from tvdrnet_nv.segmentation.noise import Noise
from tvdrnet_nv.segmentation.oracle import Oracle
from tvdrnet_nv.segmentation.segmenter import DifferentiableSegmenter, Look, Segmenter, looking_with

__all__ = [
    "CommandSegmenter",
    "DifferentiableSegmenter",
    "Exploration",
    "Look",
    "Noise",
    "Oracle",
    "Segmenter",
    "View",
    "explore",
    "load_segmenter",
    "looking_with",
    "overlap",
]
