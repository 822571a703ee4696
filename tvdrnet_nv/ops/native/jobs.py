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


class VertexSumsJob(Structure):
    """device/vertex_sums.hpp"""

    _fields_ = (
        ("count", c_int64),
        ("owner", c_void_p),
        ("place", c_void_p),
        ("parts", c_void_p),
        ("total", c_void_p),
    )
