"""Finding the camera of a picture: attempts from quick to thorough, until one explains the picture."""

from tvdrnet_nv.finding.find import Found, find_camera

__all__ = ["Found", "find_camera"]
