"""glTF accessors as arrays: strides, sparse values, normalised integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvdrnet_nv.io.gltf.document import Broken, Document, whole

_TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_SMALL = 1 << 20  # elements that an accessor without bytes of its own may claim in any case


def read_accessor(document: Document, index: Any) -> np.ndarray:
    """An accessor's elements as they are stored, [count, width].

    Raises:
        Broken: it reaches beyond its bytes, or claims more than the file can hold.
        InputError: its bytes are compressed.
    """
    accessor = document.item("accessors", index)
    dtype, width = layout(accessor)
    count = whole(accessor["count"])
    if accessor.get("bufferView") is None:
        if count > max(_SMALL, document.size):
            raise Broken(f"accessors[{index}] claims {count} elements without any data")
        values = np.zeros((count, width), dtype=dtype)
    else:
        values = _strided(document, accessor["bufferView"], accessor, dtype, width, count, f"accessors[{index}]")
    sparse = accessor.get("sparse")
    if sparse is not None:
        values = values.copy()
        some = whole(sparse["count"])
        of_rows = np.dtype(_TYPES[sparse["indices"]["componentType"]])
        where = sparse["indices"]
        rows = _strided(document, where["bufferView"], where, of_rows, 1, some, "sparse indices")
        rows = rows[:, 0].astype(np.int64)
        if len(rows) and (rows.min() < 0 or rows.max() >= count):
            raise Broken(f"accessors[{index}] has a sparse index of {rows.max()} among {count} elements")
        where = sparse["values"]
        values[rows] = _strided(document, where["bufferView"], where, dtype, width, some, "sparse values")
    return values


def layout(accessor: dict[str, Any]) -> tuple[np.dtype[Any], int]:
    """The dtype and width of an accessor's elements."""
    kind, component = accessor.get("type"), accessor.get("componentType")
    if kind not in _WIDTHS or component not in _TYPES:
        raise Broken(f"an accessor of type {kind!r}, componentType {component!r}")
    return np.dtype(_TYPES[component]), _WIDTHS[kind]


def _strided(
    document: Document, view: Any, where: dict[str, Any], dtype: np.dtype[Any], width: int, count: int, name: str
) -> np.ndarray:
    data, stride = document.view(view)
    offset = whole(where.get("byteOffset", 0))
    size = dtype.itemsize * width
    stride = stride or size
    if count == 0:
        return np.zeros((0, width), dtype=dtype)
    if stride < size:
        raise Broken(f"{name} has elements of {size} bytes that are {stride} bytes apart")
    if offset + stride * (count - 1) + size > len(data):
        raise Broken(f"{name} has {count} elements of {size} bytes, but its view has {len(data)} bytes")
    return np.ndarray((count, width), dtype, data, offset, (stride, dtype.itemsize)).copy()


def as_floats(values: np.ndarray, normalized: bool) -> np.ndarray:
    """Stored elements as float64; integers divided as glTF says, where `normalized`."""
    if values.dtype.kind == "f" or not normalized:
        with np.errstate(invalid="ignore"):  # a signalling NaN
            return values.astype(np.float64)
    return np.maximum(values.astype(np.float64) / np.iinfo(values.dtype).max, -1.0)


def read_floats(document: Document, index: Any) -> np.ndarray:
    """An accessor's elements as float64 [count, width], normalised integers divided."""
    normalized = document.item("accessors", index).get("normalized") is True
    return as_floats(read_accessor(document, index), normalized)
