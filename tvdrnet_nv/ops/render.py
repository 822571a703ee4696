"""render_phong: a mesh with Phong shading as moving cameras see it, in one op. Ours; not in nvdiffrast."""

from __future__ import annotations

import time

import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.antialias import TopologyHash
from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_faces, check_tensor
from tvdrnet_nv.ops.function import OpFunction
from tvdrnet_nv.ops.memory import empty
from tvdrnet_nv.ops.memory_order import MemoryOrder
from tvdrnet_nv.ops.rasterize import MAX_TRIANGLES, check_resolution
from tvdrnet_nv.ops.shade import phong_numbers

_CPU = torch.device("cpu")


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
        vertices: [V, 3], world frame. No gradient flows into them, nor into the next two.
        normals: [V, 3], world frame, of any length; of the dtype of `vertices`.
        colors: [V, 3].
        tri: int32 [F, 3].
        topology_hash: from `antialias_construct_topology_hash(tri)`; without it there is no antialiasing.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or index, or arguments that require a gradient.
    """

    def __init__(
        self,
        vertices: Tensor,
        normals: Tensor,
        colors: Tensor,
        tri: Tensor,
        topology_hash: TopologyHash | None = None,
    ) -> None:
        vertices = check_tensor("vertices", vertices, ("V", 3), dtypes=FLOATS, device=_CPU)
        count = vertices.shape[0]
        for name, values in (("normals", normals), ("colors", colors)):
            check_dtype(
                name, check_tensor(name, values, (count, 3), dtypes=FLOATS, device=_CPU), "vertices", vertices.dtype
            )
        if vertices.requires_grad or normals.requires_grad or colors.requires_grad:
            raise ValueError("the mesh must not require a gradient; use rasterize, shade and antialias")
        tri = check_faces(tri, count, _CPU)
        if tri.shape[0] > MAX_TRIANGLES:
            raise ValueError(f"tri has {tri.shape[0]} triangles; ids are exact in float32 up to {MAX_TRIANGLES}")
        self.vertices = torch.nn.functional.pad(vertices, (0, 1), value=1.0)
        # A copy of its own: the indices were checked, and must stay what they are.
        self.tri = tri.clone()
        self.antialiased = topology_hash is not None
        self.timing: RenderTiming | None = None
        self._order = order = MemoryOrder.of(vertices, tri)
        # The kernels' records, a multiple of 16 bytes each: the homogeneous position, normal and 0, colour and 0.
        parts = (self.vertices, *(torch.nn.functional.pad(t, (0, 1)) for t in (normals, colors)))
        records = torch.cat(parts, dim=1)[order.vertices]
        none = tri.new_empty
        native = _cpu.PhongScene64 if self.dtype == torch.float64 else _cpu.PhongScene32
        self.native = native(
            records[:, :4].contiguous(),
            records,
            order.renumbered(tri),
            order.faces.int(),
            none((0, 3)) if topology_hash is None else order.reordered_rings(topology_hash.native_for(tri)),
            none((0, 4)) if topology_hash is None else order.reordered_edges(topology_hash.edges),
        )

    @property
    def dtype(self) -> torch.dtype:
        """float32 or float64."""
        return self.vertices.dtype

    def to_clip(self, matrices: Tensor) -> Tensor:
        """The vertices in clip space, [B, V, 4], to the bit as `render_phong` sees them with `matrices` [B, 4, 4]."""
        out = self.vertices.new_empty((matrices.shape[0], *self.vertices.shape))
        self.native.to_clip(matrices.detach().contiguous(), out, torch.get_num_threads())
        return out[:, self._order.places]


def render_phong(
    scene: PhongScene,
    to_clip: Tensor,
    eye: Tensor,
    resolution: tuple[int, int],
    *,
    light: tuple[float, float, float],
    ambient: float,
    diffuse: float,
    specular: float,
    shininess: float,
    background: tuple[float, float, float] = (1.0, 1.0, 1.0),
    walk: int = 64,
) -> tuple[Tensor, Tensor]:
    """Render a scene: `rasterize`, `shade` and `antialias` in one op, for cameras that move. CPU only.

    The images are those of the three ops, to the bit, on `scene.to_clip(to_clip)`. The derivatives are taken with
    respect to the matrices directly, pixel by pixel: no gradient of a vertex is ever held.

    Args:
        scene: the mesh.
        to_clip: [B, 4, 4], world to clip space, column vectors; of the scene's dtype.
        eye: [B, 3], the cameras' positions, world frame.
        resolution: (height, width) in pixels.
        light: world position of a white point light.
        ambient: as the next four, see `shade`.
        diffuse: share of the light that is scattered.
        specular: share that is mirrored.
        shininess: exponent of the specular lobe.
        background: RGB where no triangle is.
        walk: as in `antialias`; 0 leaves the image as it is shaded, all that a scene without `topology_hash` can do.

    Returns:
        The image [B, H, W, 4], RGB and coverage, and `rast` [B, H, W, 4] as `rasterize` returns it. Row 0 is at the
        bottom (y = -1).

    Gradients flow from the image and from u and v of `rast` into rows x, y and w of `to_clip` and into `eye`. The
    results do not depend on the number of threads, and `torch.func.jvp` works.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or resolution.
    """
    to_clip = check_tensor("to_clip", to_clip, ("B", 4, 4), dtypes=FLOATS, device=_CPU)
    check_dtype("to_clip", to_clip, "the scene", scene.dtype)
    eye = check_tensor("eye", eye, (to_clip.shape[0], 3), dtypes=FLOATS, device=_CPU)
    check_dtype("eye", eye, "the scene", scene.dtype)
    if not isinstance(walk, int) or walk < 0:
        raise ValueError(f"walk must be a whole number, 0 or more; got {walk!r}")
    if walk > 0 and not scene.antialiased:
        raise ValueError(f"walk must be 0 for a scene without a topology_hash; got {walk}")
    phong = phong_numbers(light, background, ambient, diffuse, specular, shininess)
    # No walk along a line crosses more triangles than there are; a bound that fits the kernels' integers.
    bounded = min(walk, max(scene.tri.shape[0], 1))
    moves = _has_derivatives(to_clip) or _has_derivatives(eye)
    image, rast, *_ = _RenderPhong.apply(to_clip, eye, scene, check_resolution(resolution), phong, bounded, moves)  # type: ignore[misc]
    return image, rast


def _has_derivatives(tensor: Tensor) -> bool:
    """Whether a derivative with respect to it may be asked for, forward or backward."""
    if torch.is_grad_enabled() and tensor.requires_grad:
        return True
    return torch._C._are_functorch_transforms_active() or unpack_dual(tensor).tangent is not None


class _RenderPhong(OpFunction):
    """The CPU kernels. Also returns what derivatives need, if they are `wanted`: the images' Jacobian as bytes, and
    records of where silhouettes were blended, int64 [N, 3] and [N, 16]."""

    @staticmethod
    def forward(  # type: ignore[override]
        to_clip: Tensor,
        eye: Tensor,
        scene: PhongScene,
        resolution: tuple[int, int],
        phong: list[float],
        walk: int,
        wanted: bool,
    ) -> tuple[Tensor, ...]:
        to_clip, eye = to_clip.detach(), eye.detach()
        cameras, threads = to_clip.shape[0], torch.get_num_threads()
        rast, image = (empty(to_clip, cameras, *resolution, 4) for _ in range(2))
        size = scene.native.jacobian_bytes(cameras, *resolution) if wanted else 0
        jacobian = empty(to_clip, size, dtype=torch.uint8)
        seconds = None if scene.timing is None else scene.timing.stages
        blended = scene.native.render(
            to_clip, eye, phong, walk, rast, image, jacobian if wanted else None, threads, seconds
        )
        return image, rast, jacobian, *blended

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        to_clip, eye, ctx.scene, ctx.resolution, *_ = inputs
        _, _, *kept = output
        ctx.mark_non_differentiable(*kept)
        ctx.save_for_backward(to_clip, eye, *kept)
        ctx.save_for_forward(to_clip, eye, *kept)
        ctx.set_materialize_grads(False)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_image: Tensor | None, grad_rast: Tensor | None, *_):  # type: ignore[override]
        if grad_image is None and grad_rast is None:
            return None, None, None, None, None, None, None
        to_clip, eye, jacobian, crossings, blends = (saved.detach() for saved in ctx.saved_tensors)
        to_clip_grad, eye_grad = torch.empty_like(to_clip), torch.empty_like(eye)
        began = time.perf_counter()
        _cpu.render_backward(
            to_clip,
            eye,
            ctx.resolution,
            jacobian,
            crossings,
            blends,
            None if grad_image is None else grad_image.contiguous(),
            None if grad_rast is None else grad_rast.contiguous(),
            to_clip_grad,
            eye_grad,
            torch.get_num_threads(),
        )
        if ctx.scene.timing is not None:
            ctx.scene.timing.backward += time.perf_counter() - began
        return to_clip_grad, eye_grad, None, None, None, None, None

    @staticmethod
    def jvp(ctx, to_clip_tangent: Tensor | None, eye_tangent: Tensor | None, *_):  # type: ignore[override]
        image_tangent, rast_tangent = _RenderPhongTangent.apply(  # type: ignore[misc]
            ctx.resolution, to_clip_tangent, eye_tangent, *ctx.saved_tensors
        )
        return image_tangent, rast_tangent, None, None, None


class _RenderPhongTangent(OpFunction):
    """What `_RenderPhong.jvp` calls; see `_RasterizeTangent`."""

    @staticmethod
    def forward(  # type: ignore[override]
        resolution: tuple[int, int],
        to_clip_tangent: Tensor | None,
        eye_tangent: Tensor | None,
        *saved: Tensor,
    ) -> tuple[Tensor, Tensor]:
        to_clip, eye, jacobian, crossings, blends = (tensor.detach() for tensor in saved)
        image_tangent, rast_tangent = (empty(to_clip, to_clip.shape[0], *resolution, 4) for _ in range(2))
        _cpu.render_jvp(
            to_clip,
            eye,
            resolution,
            jacobian,
            crossings,
            blends,
            torch.zeros_like(to_clip) if to_clip_tangent is None else to_clip_tangent.detach().contiguous(),
            torch.zeros_like(eye) if eye_tangent is None else eye_tangent.detach().contiguous(),
            image_tangent,
            rast_tangent,
            torch.get_num_threads(),
        )
        return image_tangent, rast_tangent

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""
