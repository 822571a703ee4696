"""The structs that our CUDA kernels take, as in `kernels/cpu/device/*.hpp`: the same fields in the same order."""

from __future__ import annotations

from ctypes import Structure, c_double, c_int32, c_int64, c_void_p

from torch import Tensor


def pointer(tensor: Tensor | None) -> int | None:
    """Where a contiguous tensor's memory begins; null for None."""
    return None if tensor is None else tensor.data_ptr()


class Image(Structure):
    """Sizes of the images."""

    _fields_ = (("batch", c_int64), ("height", c_int64), ("width", c_int64))


class RasterizeJob(Structure):
    """device/rasterize.hpp"""

    _fields_ = (
        ("image", Image),
        ("pos", c_void_p),
        ("pos_stride", c_int64),
        ("vertices", c_int64),
        ("tri", c_void_p),
        ("triangles", c_int64),
        ("ranges", c_void_p),
        ("peel", c_void_p),
        ("rast", c_void_p),
        ("db", c_void_p),
        ("screen", c_void_p),
        ("visible", c_void_p),
        ("large", c_void_p),
        ("large_room", c_int64),
        ("large_count", c_void_p),
    )


class RasterizeGradJob(Structure):
    """device/rasterize_grad.hpp"""

    _fields_ = (
        ("image", Image),
        ("pos", c_void_p),
        ("pos_stride", c_int64),
        ("vertices", c_int64),
        ("tri", c_void_p),
        ("triangles", c_int64),
        ("rast", c_void_p),
        ("grad_rast", c_void_p),
        ("grad_db", c_void_p),
        ("owner", c_void_p),
        ("parts", c_void_p),
    )


class RasterizeTangentJob(Structure):
    """device/rasterize_tangent.hpp"""

    _fields_ = (
        ("image", Image),
        ("pos", c_void_p),
        ("pos_stride", c_int64),
        ("tri", c_void_p),
        ("triangles", c_int64),
        ("rast", c_void_p),
        ("pos_tangent", c_void_p),
        ("rast_tangent", c_void_p),
        ("db_tangent", c_void_p),
    )


class AntialiasJob(Structure):
    """device/antialias.hpp"""

    _fields_ = (
        ("image", Image),
        ("channels", c_int64),
        ("pos", c_void_p),
        ("pos_stride", c_int64),
        ("tri", c_void_p),
        ("triangles", c_int64),
        ("edge_rings", c_void_p),
        ("walk", c_int32),
        ("rast", c_void_p),
        ("color", c_void_p),
        ("out", c_void_p),
        ("crossings", c_void_p),
    )


class AntialiasGradJob(Structure):
    """device/antialias_grad.hpp"""

    _fields_ = (
        ("image", Image),
        ("channels", c_int64),
        ("pos", c_void_p),
        ("pos_stride", c_int64),
        ("vertices", c_int64),
        ("tri", c_void_p),
        ("color", c_void_p),
        ("grad_out", c_void_p),
        ("crossings", c_void_p),
        ("boost", c_double),
        ("color_grad", c_void_p),
        ("owner", c_void_p),
        ("ends", c_void_p),
    )


class AntialiasTangentJob(Structure):
    """device/antialias_tangent.hpp"""

    _fields_ = (
        ("image", Image),
        ("channels", c_int64),
        ("pos", c_void_p),
        ("pos_stride", c_int64),
        ("tri", c_void_p),
        ("color", c_void_p),
        ("crossings", c_void_p),
        ("color_tangent", c_void_p),
        ("pos_tangent", c_void_p),
        ("out", c_void_p),
    )


class InterpolateJob(Structure):
    """device/interpolate.hpp"""

    _fields_ = (
        ("image", Image),
        ("attr", c_void_p),
        ("attr_stride", c_int64),
        ("vertices", c_int64),
        ("channels", c_int64),
        ("tri", c_void_p),
        ("triangles", c_int64),
        ("rast", c_void_p),
        ("rast_db", c_void_p),
        ("diff_attrs", c_void_p),
        ("pairs", c_int64),
        ("out", c_void_p),
        ("out_da", c_void_p),
        ("grad_out", c_void_p),
        ("grad_da", c_void_p),
        ("rast_grad", c_void_p),
        ("db_grad", c_void_p),
        ("owner", c_void_p),
        ("place", c_void_p),
        ("attr_grad", c_void_p),
    )


class PhongParameters(Structure):
    """portable/light.hpp"""

    _fields_ = (
        ("light", c_double * 3),
        ("background", c_double * 3),
        ("ambient", c_double),
        ("diffuse", c_double),
        ("specular", c_double),
        ("shininess", c_double),
    )


class RenderJob(Structure):
    """device/render.hpp"""

    _fields_ = (
        ("image", Image),
        ("vertices", c_void_p),
        ("vertex_count", c_int64),
        ("normals", c_void_p),
        ("colors", c_void_p),
        ("tri", c_void_p),
        ("triangles", c_int64),
        ("edge_tri", c_void_p),
        ("edge_rings", c_void_p),
        ("to_clip", c_void_p),
        ("eye", c_void_p),
        ("phong", PhongParameters),
        ("walk", c_int32),
        ("pos", c_void_p),
        ("screen", c_void_p),
        ("visible", c_void_p),
        ("large_count", c_void_p),
        ("rast", c_void_p),
        ("shaded", c_void_p),
        ("out", c_void_p),
        ("crossings", c_void_p),
        ("changes", c_void_p),
        ("blended", c_void_p),
    )


class RenderGradJob(Structure):
    """device/render_grad.hpp"""

    _fields_ = (
        ("image", Image),
        ("tile", c_int64),
        ("rast", c_void_p),
        ("crossings", c_void_p),
        ("changes", c_void_p),
        ("blended", c_void_p),
        ("grad_out", c_void_p),
        ("grad_rast", c_void_p),
        ("parts", c_void_p),
        ("sums", c_void_p),
        ("to_clip_grad", c_void_p),
        ("eye_grad", c_void_p),
    )


class RenderTangentJob(Structure):
    """device/render_tangent.hpp"""

    _fields_ = (
        ("image", Image),
        ("rast", c_void_p),
        ("crossings", c_void_p),
        ("changes", c_void_p),
        ("blended", c_void_p),
        ("to_clip_tangent", c_void_p),
        ("eye_tangent", c_void_p),
        ("shaded_tangent", c_void_p),
        ("out_tangent", c_void_p),
        ("rast_tangent", c_void_p),
    )


class SquaredErrorJob(Structure):
    """device/losses.hpp"""

    _fields_ = (
        ("image", Image),
        ("rgba", c_void_p),
        ("target", c_void_p),
        ("clip", c_int32),
        ("rows", c_void_p),
        ("out", c_void_p),
        ("grad_out", c_void_p),
        ("grad", c_void_p),
    )


class StatisticsJob(Structure):
    """device/losses.hpp"""

    _fields_ = (
        ("image", Image),
        ("rgba", c_void_p),
        ("rows", c_void_p),
        ("statistics", c_void_p),
        ("loss", c_void_p),
        ("grad_out", c_void_p),
        ("grad", c_void_p),
    )


class VertexSumsJob(Structure):
    """device/vertex_sums.hpp"""

    _fields_ = (
        ("count", c_int64),
        ("owner", c_void_p),
        ("place", c_void_p),
        ("parts", c_void_p),
        ("total", c_void_p),
    )
