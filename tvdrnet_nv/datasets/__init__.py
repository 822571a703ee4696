"""Scenes of public data sets, as folders: where their files are, and what is known of their objects."""

from tvdrnet_nv.datasets.align import aligned_camera, aligned_mesh
from tvdrnet_nv.datasets.find import DATASETS, find_scene, open_scene
from tvdrnet_nv.datasets.record import Objects, SceneFolder, SceneObject
from tvdrnet_nv.datasets.referrals import Referral, load_referrals
from tvdrnet_nv.datasets.segments import load_segments

__all__ = [
    "DATASETS",
    "Objects",
    "Referral",
    "SceneFolder",
    "SceneObject",
    "aligned_camera",
    "aligned_mesh",
    "find_scene",
    "load_referrals",
    "load_segments",
    "open_scene",
]
