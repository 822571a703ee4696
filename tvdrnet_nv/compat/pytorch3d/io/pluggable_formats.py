"""What `IO` reads and writes is a matter of formats, which programs can add."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device

__all__ = ["MeshFormatInterpreter", "PointcloudFormatInterpreter", "endswith"]

Name = str | os.PathLike[str]


def endswith(path: Any, suffixes: tuple[str, ...]) -> bool:
    """Whether a path, or an open file's name, has one of the endings; capitals do not count."""
    name = path if isinstance(path, (str, os.PathLike)) else getattr(path, "name", "")
    return str(Path(name)).lower().endswith(tuple(suffix.lower() for suffix in suffixes))


class MeshFormatInterpreter:
    """A format of meshes."""

    def read(
        self, path: Any, include_textures: bool, device: Device, path_manager: object = None, **kwargs: Any
    ) -> Any:
        """Meshes, or None for a file of another format."""
        raise NotImplementedError

    def save(
        self, data: Any, path: Any, path_manager: object = None, binary: bool | None = None, **kwargs: Any
    ) -> bool:
        """Write meshes; whether the path is of this format."""
        raise NotImplementedError


class PointcloudFormatInterpreter:
    """A format of clouds of points."""

    def read(self, path: Any, device: Device, path_manager: object = None, **kwargs: Any) -> Any:
        """Pointclouds, or None for a file of another format."""
        raise NotImplementedError

    def save(
        self, data: Any, path: Any, path_manager: object = None, binary: bool | None = None, **kwargs: Any
    ) -> bool:
        """Write a cloud; whether the path is of this format."""
        raise NotImplementedError
