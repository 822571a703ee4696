"""Camera optimisation: from a start, an objective and a renderer to the best view found."""

from tvdrnet_nv.camera.parameters import PARAMETERS, POSE_PARAMETERS
from tvdrnet_nv.optimization.fit import Fit, fit_of
from tvdrnet_nv.optimization.focus_search import search_focus
from tvdrnet_nv.optimization.loop import INTERRUPTED, METHODS, optimize
from tvdrnet_nv.optimization.profiling import StepTime, profile
from tvdrnet_nv.optimization.result import History, Levels, Progress, Result, Status
from tvdrnet_nv.optimization.scene_search import DistinctViews, cameras_all_over, distinct_views, search_scene
from tvdrnet_nv.optimization.search import search_orbit
from tvdrnet_nv.optimization.view_set import ViewSet, choose_views
from tvdrnet_nv.optimization.visible_center import visible_centers

__all__ = [
    "INTERRUPTED",
    "METHODS",
    "PARAMETERS",
    "POSE_PARAMETERS",
    "DistinctViews",
    "Fit",
    "History",
    "Levels",
    "Progress",
    "Result",
    "Status",
    "StepTime",
    "ViewSet",
    "cameras_all_over",
    "choose_views",
    "distinct_views",
    "fit_of",
    "optimize",
    "profile",
    "search_focus",
    "search_orbit",
    "search_scene",
    "visible_centers",
]
