"""What may be wrong with a view that was found: it is inside an object, below the floor, or right before a surface.

What is checked is a small render of the view, pixel by pixel. Which side of a face is its back follows from the order
of its vertices. In many meshes this order means nothing, so back faces count only where neighbouring faces agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.renderer import Renderer, shrunk
from tvdrnet_nv.winding import winding_is_consistent

_SIZE = 128  # pixels along the shorter side, at most
_MOST = 0.5  # share of the view that is most of it
_NEAR = 0.05  # share of the size, within which a surface is right before the camera
_LEVEL = 0.94  # cosine: within 20 degrees of level
_LOWEST = 0.1  # share of the level surface that lies below the floor's height, at most
_SLACK = 0.02  # share of the scene's radius, by which a floor is uneven
_FLOOR_SEEN = 0.1  # share of what is seen that is the floor's back, for a camera below it


@dataclass(frozen=True)
class ViewFacts:
    """What a camera sees of a scene.

    Attributes:
        covered: the share of the picture that shows a surface.
        backs: of that, the share that shows the backs of faces.
        close: the share of the picture that shows a surface right before the camera.
        floor_backs: of what shows a surface, the share that shows the floor's back; 0 for a camera above the floor.
    """

    covered: float
    backs: float
    close: float
    floor_backs: float


def view_warnings(renderer: Renderer, camera: Camera, up: Tensor, *, size: float | None = None) -> list[str]:
    """What is wrong with a view, one sentence each; an empty list where nothing is.

    - The camera is below the floor: it is lower than the floor, and 10 % or more of what it sees is the floor's back.
    - It is inside an object or behind a wall: more than half of what it sees is the backs of faces.
    - It is right before a surface: more than half of the picture is nearer than 5 % of `size`.

    The first two need faces whose vertices are in an order that means something: see `tvdrnet_nv.winding`.

    Args:
        renderer: of the scene; its resolution gives the picture's shape.
        camera: one camera, on the renderer's device.
        up: [3], the scene's up axis, world frame.
        size: scene units: the radius of what is to be seen; by default, that of the scene.

    Raises:
        ValueError: not one camera.
    """
    if len(camera) != 1:
        raise ValueError(f"camera must be one camera, got {len(camera)}")
    reach = _NEAR * (renderer.mesh.radius if size is None else size)
    facts = view_facts(renderer, camera, up, reach)
    warnings = []
    suspicious = facts.floor_backs > _FLOOR_SEEN or facts.backs > _MOST
    if suspicious and winding_is_consistent(renderer.mesh):
        if facts.floor_backs > _FLOOR_SEEN:
            warnings.append(
                f"the camera is below the floor: {facts.floor_backs:.0%} of what it sees is the floor's back"
            )
        if facts.backs > _MOST:
            warnings.append(
                f"{facts.backs:.0%} of what the camera sees is the backs of faces: it is inside an object or behind a "
                "wall (or the mesh is inside out)"
            )
    if facts.close > _MOST:
        warnings.append(
            f"the camera is right before a surface: {facts.close:.0%} of the view is nearer than {reach:.3g} units"
        )
    return warnings


def view_facts(renderer: Renderer, camera: Camera, up: Tensor, reach: float) -> ViewFacts:
    """Measure one view, on a picture of at most 128 pixels along the shorter side.

    Args:
        renderer: of the scene.
        camera: one camera, on the renderer's device.
        up: [3], the scene's up axis, world frame.
        reach: what is nearer is close, scene units of depth.
    """
    mesh = renderer.mesh
    with torch.no_grad():
        render = renderer.at_resolution(shrunk(renderer.resolution, _SIZE))(camera)
        seen = render.face_ids[0] >= 0
        ids = render.face_ids[0][seen].long()
        if not len(ids):
            return ViewFacts(0.0, 0.0, 0.0, 0.0)
        corners = mesh.vertices[mesh.faces[ids].long()].double()
        normal = torch.nn.functional.normalize(cross_products(corners), dim=1)
        eye, axis = camera.position[0].double(), up.to(corners)
        back = ((eye - corners[:, 0]) * normal).sum(1) < 0
        height, slack = corners.mean(1) @ axis, _SLACK * mesh.radius
        under = back & ((normal @ axis).abs() > _LEVEL) & (height > eye @ axis + slack)
        if bool(under.any()):  # the floor's height takes a look at the whole mesh
            floor = floor_height(mesh, up)
            if floor is None or float(eye @ axis) > floor - slack:
                under = torch.zeros_like(under)
            else:
                under &= (height - floor).abs() < 2 * slack
        close = seen & (render.depth[0, ..., 0] < reach)
    shares = (seen.sum() / seen.numel(), back.double().mean(), close.sum() / close.numel(), under.double().mean())
    return ViewFacts(*(float(share) for share in shares))


def floor_height(mesh: Mesh, up: Tensor) -> float | None:
    """How high the scene's lowest level surface is, in scene units along `up` [3]; None where nothing is level.

    A tenth of the level surface, by area, may lie below.
    """
    vertices = mesh.vertices.detach().double()
    axis, found = up.to(vertices), []
    for faces in mesh.faces.split(2**18):  # all corners of a large mesh take much memory
        corners = vertices[faces.long()]
        cross = cross_products(corners)
        areas = cross.norm(dim=1)
        level = ((cross @ axis).abs() > _LEVEL * areas) & (areas > 0)
        found.append(torch.stack([corners[level].mean(1) @ axis, areas[level]]))
    heights, areas = torch.cat(found, 1)
    if len(heights) == 0:
        return None
    heights, order = heights.sort()
    below = areas[order].cumsum(0)
    return float(heights[int(torch.searchsorted(below, _LOWEST * below[-1]).clamp(max=len(heights) - 1))])
