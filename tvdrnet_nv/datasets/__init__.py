"""Scenes of public data sets, as folders: where their files are, and what is known of their objects."""

from tvdrnet_nv.datasets.find import DATASETS, find_scene, open_scene
from tvdrnet_nv.datasets.record import Objects, SceneFolder, SceneObject

__all__ = ["DATASETS", "Objects", "SceneFolder", "SceneObject", "find_scene", "open_scene"]
