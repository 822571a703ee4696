"""Scenes made by code: an indoor room such as a scanner would deliver it, a building of them, and small shapes.

Everything is seeded, and the same on every machine with the same numpy; nothing is downloaded.
"""

from tvdrnet_nv.scenes.building import Building, make_building
from tvdrnet_nv.scenes.furnished_room import Room, make_room, room
from tvdrnet_nv.scenes.shapes import bumpy_sphere, sphere, sphere_field, textured_box

__all__ = [
    "Building",
    "Room",
    "bumpy_sphere",
    "make_building",
    "make_room",
    "room",
    "sphere",
    "sphere_field",
    "textured_box",
]
