"""Finding the camera of a picture: attempts from quick to thorough, until one explains the picture."""

from tvdrnet_nv.finding.attempt import Attempt, Found
from tvdrnet_nv.finding.find import find_camera

__all__ = ["Attempt", "Found", "find_camera"]
