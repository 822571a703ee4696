"""OFF files of Geomview, as `pytorch3d.io.off_io`."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.io._errors import check_single, unwritable
from tvdrnet_nv.compat.pytorch3d.io._obj_parser import read_bytes
from tvdrnet_nv.compat.pytorch3d.io.pluggable_formats import MeshFormatInterpreter, endswith
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesAtlas, TexturesBase, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh

__all__ = ["MeshOffFormat"]

_COUNTS = re.compile(rb"(?:OFF)?\s*(\d+)\s+(\d+)(?:\s+\d+)?", re.IGNORECASE)
_OTHERS = re.compile(rb"(ST)?C?N?4?n?OFF\b", re.IGNORECASE)


class MeshOffFormat(MeshFormatInterpreter):
    """Reads and writes OFF files: one mesh, coloured by vertex or by face."""

    def __init__(self) -> None:
        self.known_suffixes = (".off",)

    def read(
        self, path: Any, include_textures: bool, device: Device, path_manager: object = None, **kwargs: Any
    ) -> Meshes | None:
        """A batch of one. Polygons become fans: in the file's order where they have different numbers of corners, else
        all first triangles before all second ones.

        Colours of vertices become `TexturesVertex`, those of faces a `TexturesAtlas` of one texel, with alpha where
        they have it. They are divided by 255 if all are whole numbers without a point. Files that begin with COFF,
        NOFF, STOFF or 4OFF are read as `tvdrnet_nv.io.load_mesh` does.

        Raises:
            InputError: the file is missing or broken.
        """
        if not endswith(path, self.known_suffixes):
            return None
        lines = _lines(read_bytes(path))
        if lines and _OTHERS.match(lines[0]) and lines[0][:3].upper() != b"OFF":
            return _colored(path, include_textures).to(device)
        verts, faces, textures = _parsed(str(path), lines)
        return Meshes([verts], [faces], textures if include_textures else None).to(device)

    def save(
        self,
        data: Any,
        path: Any,
        path_manager: object = None,
        binary: bool | None = None,
        decimal_places: int | None = None,
        include_textures: bool = True,
        **kwargs: Any,
    ) -> bool:
        """Write a batch of one, with colours of its vertices, or of its faces if it has an atlas of one texel.

        Args:
            data: one mesh.
            path: `.off`.
            path_manager: accepted; without effect.
            binary: accepted; the file is text.
            decimal_places: of all numbers; default what it takes to read the same float32, nine for colours.
            include_textures: whether to write colours.
            **kwargs: accepted; without effect.

        Raises:
            InputError: there are several meshes, or the path cannot be written to.
        """
        if not endswith(path, self.known_suffixes):
            return False
        check_single(path, data)
        textures = data.textures if include_textures else None
        of_verts = textures.verts_features_packed() if isinstance(textures, TexturesVertex) else None
        of_faces = None
        if isinstance(textures, TexturesAtlas) and textures.atlas_packed().shape[1:3] == (1, 1):
            of_faces = textures.atlas_packed()[:, 0, 0]
        number, color = ("%.9g", "%.9f") if decimal_places is None else (f"%.{decimal_places}f",) * 2
        verts, faces = data.get_mesh_verts_faces(0)
        text = [f"off\n{len(verts)} {len(faces)} 0\n"]
        text += _rows(verts, number, of_verts, color)
        text += _rows(torch.nn.functional.pad(faces, (1, 0), value=3), "%d", of_faces, color)
        try:
            with atomic_path(path) as temporary:
                temporary.write_text("".join(text), "ascii")
        except OSError as error:
            raise unwritable(path, error) from error
        return True


def _rows(values: torch.Tensor, number: str, colors: torch.Tensor | None, color: str) -> list[str]:
    """A line for each row; colours that are not three or four numbers are left out."""
    more = 0 if colors is None or colors.shape[1] not in (3, 4) else colors.shape[1]
    line = " ".join([number] * values.shape[1] + [color] * more) + "\n"
    rows = values.detach().cpu().tolist()
    extra = colors.detach().cpu().tolist() if colors is not None and more else [[]] * len(rows)
    return [line % (*row, *rest) for row, rest in zip(rows, extra, strict=True)]


def _lines(data: bytes) -> list[bytes]:
    """The lines that are neither empty nor comments."""
    plain = re.sub(rb"#[^\r\n]*", b"", data.removeprefix(b"\xef\xbb\xbf"))
    return [line for line in map(bytes.strip, re.split(rb"[\r\n]+", plain)) if line]


def _colored(path: Any, include_textures: bool) -> Meshes:
    mesh = load_mesh(Path(path))
    places = mesh.vertices.double() + mesh.vertices.new_tensor(mesh.origin, dtype=torch.float64)
    return Meshes([places.float()], [mesh.faces], TexturesVertex([mesh.colors]) if include_textures else None)


def _parsed(name: str, lines: list[bytes]) -> tuple[torch.Tensor, torch.Tensor, TexturesBase | None]:
    if lines and lines[0].upper() == b"OFF":
        lines = lines[1:]
    counts = _COUNTS.fullmatch(lines[0]) if lines else None
    if counts is None:
        found = lines[0][:40].decode("latin-1") if lines else ""
        raise InputError(f"{name}: Invalid counts line: {found!r}; it should say how many vertices and faces there are")
    vertex_count, face_count = int(counts[1]), int(counts[2])
    words = [line.split() for line in lines[1:]]
    rows, polygons = words[:vertex_count], words[vertex_count:]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise InputError(f"{name}: Wrong number of columns at line {number} of the vertices; export it again")
    if len(rows) < vertex_count:
        raise InputError(f"{name}: Not enough vertex data. It promises {vertex_count} vertices; export it again")
    values = _numbers(name, rows).reshape(vertex_count, -1) if rows else np.zeros((0, 3))
    if values.shape[1] not in (3, 6, 7):
        raise InputError(f"{name}: Bad vertex data. A vertex has {values.shape[1]} numbers, wanted 3, 6 or 7")
    if len(polygons) < face_count:
        raise InputError(f"{name}: Not enough face data. It promises {face_count} faces; export it again")
    if len(polygons) > face_count:
        extra = b" ".join(polygons[face_count])[:40].decode("latin-1")
        raise InputError(f"{name}: Extra data at end of file: {extra!r}; it promises {face_count} faces")
    faces, polygon, painted = _faces(name, polygons)
    if len(faces) and (faces.min() < 0 or faces.max() >= vertex_count):
        warnings.warn(f"{name}: Faces have invalid indices", stacklevel=4)
    textures: TexturesBase | None = None
    if values.shape[1] > 3:
        textures = TexturesVertex([_scaled(values[:, 3:], (row[3:] for row in rows))])
        if painted is not None:
            warnings.warn("Faces colors ignored because vertex colors provided too.", stacklevel=4)
    elif painted is not None:
        textures = TexturesAtlas([painted[polygon][:, None, None]])
    return torch.from_numpy(values[:, :3].astype(np.float32)), torch.from_numpy(faces), textures


def _numbers(name: str, rows: list[list[bytes]]) -> np.ndarray:
    """All numbers in a row, float64."""
    try:
        return np.array([float(word) for row in rows for word in row])
    except ValueError as error:
        raise InputError(f"{name}: {error}; export it again") from None


def _scaled(values: np.ndarray, words: Any) -> torch.Tensor:
    """Colours as float32; whole numbers are out of 255."""
    whole = all(word.lstrip(b"+-").isdigit() for row in words for word in row)
    return torch.from_numpy((values / 255 if whole else values).astype(np.float32))


def _faces(name: str, rows: list[list[bytes]]) -> tuple[np.ndarray, torch.Tensor, torch.Tensor | None]:
    """Triangles [F, 3] int64, the polygon of each [F], and the polygons' colours [P, 3 or 4] or None."""
    if not rows:
        return np.zeros((0, 3), dtype=np.int64), torch.zeros(0, dtype=torch.int64), None
    flat = _numbers(name, rows)
    widths = np.array([len(row) for row in rows])
    starts = np.cumsum(widths) - widths
    with np.errstate(invalid="ignore"):
        sizes = flat[starts].astype(np.int64)
    if (sizes < 3).any():
        raise InputError(f"{name}: Faces must have at least 3 vertices. Face {int(sizes.argmin())} has fewer")
    more = widths - 1 - sizes
    if (more < 0).any():
        raise InputError(
            f"{name}: A line of face data did not have the specified length. It is that of face {int(more.argmin())}"
        )
    if (more != more[0]).any():
        raise InputError(f"{name}: Number of colors differs between faces. Give all of them a colour, or none")
    if more[0] not in (0, 3, 4):
        raise InputError(f"{name}: Unexpected number of colors. A face has {more[0]}, wanted 3 or 4")
    painted = None
    if more[0]:
        behind = flat[(starts + 1 + sizes)[:, None] + np.arange(more[0])]
        painted = _scaled(behind, (row[-int(more[0]) :] for row in rows))
    polygon = np.repeat(np.arange(len(rows)), sizes - 2)
    step = np.arange(len(polygon)) - np.repeat(np.cumsum(sizes - 2) - (sizes - 2), sizes - 2)
    if (sizes == sizes[0]).all():
        order = np.lexsort((polygon, step))
        polygon, step = polygon[order], step[order]
    first = starts[polygon] + 1
    corners = flat[np.stack([first, first + step + 1, first + step + 2], axis=1)]
    if not (np.isfinite(corners).all() and (corners == np.floor(corners)).all()):
        raise InputError(f"{name}: a face's corner is no whole number; export it again")
    return corners.astype(np.int64), torch.from_numpy(polygon), painted
