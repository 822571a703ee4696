"""From pictures to the surface: what views show of a scene, put together on its vertices and faces."""

from tvdrnet_nv.lifting.evidence import Evidence
from tvdrnet_nv.lifting.features import lift_features
from tvdrnet_nv.lifting.fill import fill_unseen, superpoint_vote
from tvdrnet_nv.lifting.graph_cut import Cut, graph_cut
from tvdrnet_nv.lifting.instances import Instances, merge_instances
from tvdrnet_nv.lifting.masks import LiftedMask, MaskOfViews, mask_from_views
from tvdrnet_nv.lifting.superpoints import superpoints
from tvdrnet_nv.lifting.visibility import PixelWeights, Visibility, VisiblePixels

__all__ = [
    "Cut",
    "Evidence",
    "Instances",
    "LiftedMask",
    "MaskOfViews",
    "PixelWeights",
    "Visibility",
    "VisiblePixels",
    "fill_unseen",
    "graph_cut",
    "lift_features",
    "mask_from_views",
    "merge_instances",
    "superpoint_vote",
    "superpoints",
]
