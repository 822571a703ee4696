"""render_phong: a mesh with Phong shading as moving cameras see it, in one op. Ours; not in nvdiffrast."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.ops.antialias import LONG_WALK, TopologyHash
from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_faces, check_tensor
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.phong import Phong
from tvdrnet_nv.ops.rasterize import check_resolution


class RenderTiming:
    """What `render_phong` spends its time on, in seconds, added up over the calls with the scene that holds this.

    Attributes:
        stages: float64 [4]: the forward pass's `STAGES`.
        backward: the backward pass.
    """

    STAGES: tuple[str, ...] = (
        "vertices to the screen",
        "coverage, depth",
        "shading, silhouettes",
        "antialiasing",
    )

    def __init__(self) -> None:
        self.stages = torch.zeros(len(self.STAGES), dtype=torch.float64)
        self.backward = 0.0


class PhongScene:
    """A mesh as `render_phong` takes it: checked, and its edges found, once.

    Args:
        vertices: [V, 3], or homogeneous [V, 4] with w = 1, world frame. No gradient flows into them, nor into the
            next two.
        normals: [V, 3], world frame, of any length; of the dtype of `vertices`.
        colors: [V, 3].
        tri: int32 [F, 3]; also more than 2^24 triangles, see `face_ids`.
        topology_hash: from `antialias_construct_topology_hash(tri)`, or of triangles with the same places that share
            vertices where the surface goes on; without it there is no antialiasing.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or index, or arguments that require a gradient.
        RuntimeError: the backend of their device does not render in one op.
    """

    def __init__(
        self,
        vertices: Tensor,
        normals: Tensor,
        colors: Tensor,
        tri: Tensor,
        topology_hash: TopologyHash | None = None,
    ) -> None:
        vertices = check_tensor("vertices", vertices, ("V", 3), ("V", 4), dtypes=FLOATS)
        count, device = vertices.shape[0], vertices.device
        for name, values in (("normals", normals), ("colors", colors)):
            check_dtype(
                name, check_tensor(name, values, (count, 3), dtypes=FLOATS, device=device), "vertices", vertices.dtype
            )
        if vertices.requires_grad or normals.requires_grad or colors.requires_grad:
            raise ValueError("the mesh must not require a gradient; use rasterize, shade and antialias")
        tri = check_faces(tri, count, device)
        padded = vertices.shape[1] == 4
        self.vertices = vertices if padded else torch.nn.functional.pad(vertices, (0, 1), value=1.0)
        # A copy of its own: the indices were checked, and must stay what they are.
        self.tri = tri.clone()
        self.antialiased = topology_hash is not None
        self.timing: RenderTiming | None = None
        edges = None
        if topology_hash is not None:
            edges = check_faces(topology_hash.tri, count, device), topology_hash.native_for(tri)
        self.native = backend_of(vertices).function("phong_scene")(self.vertices, normals, colors, tri, edges)

    @property
    def dtype(self) -> torch.dtype:
        """float32 or float64."""
        return self.vertices.dtype

    def to_clip(self, matrices: Tensor) -> Tensor:
        """The vertices in clip space, [B, V, 4], to the bit as `render_phong` sees them with `matrices` [B, 4, 4]."""
        return self.native.to_clip(matrices)


def render_phong(
    scene: PhongScene,
    to_clip: Tensor,
    eye: Tensor,
    resolution: tuple[int, int],
    phong: Phong,
    *,
    walk: int = LONG_WALK,
) -> tuple[Tensor, Tensor]:
    """Render a scene: `rasterize`, `shade` and `antialias` in one op, for cameras that move. For backends that
    have it: the CPU.

    The images are those of the three ops, to the bit, on `scene.to_clip(to_clip)`. The derivatives are taken with
    respect to the matrices directly, pixel by pixel: no gradient of a vertex is ever held.

    Args:
        scene: the mesh.
        to_clip: [B, 4, 4], world to clip space, column vectors; of the scene's dtype.
        eye: [B, 3], the cameras' positions, world frame.
        resolution: (height, width) in pixels.
        phong: the light, the material and the background.
        walk: as in `antialias`; 0 leaves the image as it is shaded, all that a scene without `topology_hash` can do.

    Returns:
        The image [B, H, W, 4], RGB and coverage, and `rast` [B, H, W, 4] as `rasterize` returns it. Row 0 is at the
        bottom (y = -1). In float32, `face_ids` reads the ids above 2^24; `interpolate` and other ops do not take them.

    Gradients flow from the image and from u and v of `rast` into rows x, y and w of `to_clip` and into `eye`. The
    results do not depend on the number of threads, and `torch.func.jvp` works.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or resolution.
    """
    device = scene.vertices.device
    to_clip = check_tensor("to_clip", to_clip, ("B", 4, 4), dtypes=FLOATS, device=device)
    check_dtype("to_clip", to_clip, "the scene", scene.dtype)
    eye = check_tensor("eye", eye, (to_clip.shape[0], 3), dtypes=FLOATS, device=device)
    check_dtype("eye", eye, "the scene", scene.dtype)
    if not isinstance(walk, int) or walk < 0:
        raise ValueError(f"walk must be a whole number, 0 or more; got {walk!r}")
    if walk > 0 and not scene.antialiased:
        raise ValueError(f"walk must be 0 for a scene without a topology_hash; got {walk}")
    # No walk along a line crosses more triangles than there are; a bound that fits the kernels' integers.
    bounded = min(walk, max(scene.tri.shape[0], 1))
    render = backend_of(to_clip).function("render_phong")
    return render(to_clip, eye, scene, check_resolution(resolution), phong, bounded)
