"""Learned mappings: from a scene, a camera and a query embedding to the view that answers the query."""

from tvdrnet_nv.mapping.aiming import aim
from tvdrnet_nv.mapping.files import load_mapping, save_mapping
from tvdrnet_nv.mapping.network import CameraMapping
from tvdrnet_nv.mapping.scene_points import ScenePoints
from tvdrnet_nv.mapping.training import Task, answers, losses, train

__all__ = ["CameraMapping", "ScenePoints", "Task", "aim", "answers", "load_mapping", "losses", "save_mapping", "train"]
