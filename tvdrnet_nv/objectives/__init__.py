"""What makes a view good: objectives, from a render to one loss per camera."""

from tvdrnet_nv.objectives.edges import MatchEdges
from tvdrnet_nv.objectives.focus import FocusOn, ViewScores
from tvdrnet_nv.objectives.heuristic import view_heuristic
from tvdrnet_nv.objectives.image_text import ImageText
from tvdrnet_nv.objectives.match import MatchImage
from tvdrnet_nv.objectives.objective import Objective
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.objectives.robust import RobustLoss

__all__ = [
    "FocusOn",
    "ImageText",
    "MatchEdges",
    "MatchImage",
    "MatchPhotograph",
    "Objective",
    "RobustLoss",
    "ViewScores",
    "view_heuristic",
]
