"""In which unit of length a scene is."""

from __future__ import annotations

from tvdrnet_nv.mesh import Mesh

_ROOM = 0.5, 100.0  # metres: radii of what people scan, from a desk to a large building
_CENTIMETERS = 500.0  # radius up to which a room is in centimetres, and beyond which in millimetres


def guess_units(mesh: Mesh) -> tuple[str | None, str]:
    """The unit that a scene's size speaks for, and why, in words. Nothing is computed with it.

    Georeferenced scenes (those with an origin) are in metres. Of others, the radius is compared with what people scan.

    Returns:
        "metres", "centimetres", "millimetres" or None where the size says nothing; and the evidence.
    """
    radius = f"the radius is {mesh.radius:.4g}"
    if any(mesh.origin):
        return "metres", f"{radius}, and the coordinates are as large as a map's"
    low, high = _ROOM
    if mesh.radius < low:
        return None, f"{radius}, too small for a room in any usual unit; a single object, or a scene scaled to 1"
    if mesh.radius <= high:
        return "metres", f"{radius}; rooms and buildings have {low:g} to {high:g} m"
    if mesh.radius <= _CENTIMETERS:
        return "centimetres", f"{radius}; rooms have {high:g} to {_CENTIMETERS:g} cm"
    return "millimetres", f"{radius}; rooms have more than {_CENTIMETERS:g} mm"
