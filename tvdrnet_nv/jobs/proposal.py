"""The start that a learned mapping proposes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv import mapping as mapping_package
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.short_form import short_form
from tvdrnet_nv.jobs.sentence import is_sentence
from tvdrnet_nv.language import load_text_encoder
from tvdrnet_nv.mapping import ScenePoints, load_mapping
from tvdrnet_nv.mesh import Mesh

DEFAULT_MAPPING = "default"
_DEFAULT_FILE = Path(mapping_package.__file__).with_name("default.pt")


def mapping_file(mapping: str | Path) -> Path:
    """The file of a mapping; "default" is the one that the package brings.

    Raises:
        InputError: this installation has no default mapping.
    """
    if str(mapping) != DEFAULT_MAPPING:
        return Path(mapping)
    if not _DEFAULT_FILE.is_file():
        raise InputError("`mapping` default: this installation has none; `make mapping` trains it in an hour")
    return _DEFAULT_FILE


def proposed_view(
    path: Path, query: str | Path | Sequence[float] | None, mesh: Mesh, start: Orbit, *, text_model: str | None = None
) -> Orbit:
    """The view that the mapping of a file proposes, from one start.

    Args:
        path: of the mapping.
        query: a file, numbers or a sentence; see `read_query`.
        mesh: the scene.
        start: one orbit.
        text_model: the encoder of a sentence; see `load_text_encoder`.

    Raises:
        InputError: the file or the query cannot be used.
    """
    mapping = load_mapping(path)
    size = mapping.query_size
    if query is None:
        if size:
            raise InputError(f"`mapping` {path}: needs a query of {size} numbers; give it with `query`")
        embedding = torch.zeros(0)
    else:
        embedding = read_query(query, text_model)
        if len(embedding) != size:
            wanted = f"the mapping {path} takes {size}" if size else f"the mapping {path} takes none; leave `query` out"
            raise InputError(f"`query` {query}: has {len(embedding)} numbers, but {wanted}")
    with torch.no_grad():
        return mapping(start, embedding, ScenePoints.of(mesh, start.up)).wrapped()


def described(view: Orbit, mesh: Mesh) -> str:
    """One view in a few words, in the coordinates of the mesh's file."""
    numbers = view.to_dict()
    at = ",".join(f"{value:.3g}" if abs(value) < 1000 else f"{value:.1f}" for value in mesh.to_file(numbers["at"]))
    return (
        f"distance {numbers['distance']:.3g}, elevation {numbers['elevation']:.0f}°, "
        f"azimuth {numbers['azimuth'] % 360:.0f}°, at {at}"
    )


def read_query(query: str | Path | Sequence[float], text_model: str | None = None) -> Tensor:
    """[Q] float32: numbers, those in a text "0.1,0.2", the one embedding, [Q] or [1, Q], in an .npy or .pt file, or
    that of a sentence by the text encoder.

    Raises:
        InputError: no such file, no such numbers, or no encoder of sentences.
    """
    if isinstance(query, Path):
        query = str(query)
    elif isinstance(query, str) and is_sentence(query):
        return load_text_encoder(text_model).encode([short_form(query)])[0]
    if isinstance(query, str) and Path(query).suffix.lower() in (".npy", ".pt", ".pth"):
        values = _read_file(Path(query))
    else:
        parts = query.replace(",", " ").split() if isinstance(query, str) else query
        try:
            values = np.array([float(part) for part in parts], dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(
                f"`query` {query}: wanted a sentence, numbers such as 0.1,0.2, or an .npy or .pt file"
            ) from None
    if values.ndim == 2 and len(values) == 1:
        values = values[0]
    if values.ndim != 1:
        raise InputError(
            f"`query` {query}: an array of shape {list(values.shape)}; wanted one embedding, [Q] or [1, Q]"
        )
    embedding = torch.from_numpy(values.astype(np.float64)).float()
    if not len(embedding) or not bool(embedding.isfinite().all()):
        raise InputError(f"`query` {query}: wanted one or more finite numbers")
    return embedding


def _read_file(path: Path) -> np.ndarray:
    if not path.is_file():
        raise InputError(f"`query` {path}: {'is a folder' if path.is_dir() else 'no such file'}")
    try:
        if path.suffix.lower() == ".npy":
            values: Any = np.load(path, allow_pickle=False)
        else:
            values = torch.load(path, map_location="cpu", weights_only=True)
            values = values.detach().double().numpy() if isinstance(values, Tensor) else None
    except Exception as error:  # whatever the readers stumble over in a file of another kind
        raise InputError(f"`query` {path}: cannot be read as an array of numbers") from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise InputError(f"`query` {path}: holds no array of numbers")
    return values
