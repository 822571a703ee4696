"""Features of vertices in the space of a text encoder, as OpenScene, LSeg and ConceptFusion write them.

A vertex fits a sentence when its feature is closer to the sentence than to other words: LERF's relevancy (Kerr et al.,
2023), with names of indoor things as the other words.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.patches import clusters
from tvdrnet_nv.grounding.vocabulary import entry_of, key
from tvdrnet_nv.language import TextEncoder
from tvdrnet_nv.mesh import Mesh

OTHERS = (
    "wall", "floor", "ceiling", "chair", "table", "sofa", "bed", "door", "window", "cabinet", "shelf", "picture",
    "lamp", "plant", "sink", "toilet", "refrigerator", "television", "curtain", "box", "object", "texture",
)  # fmt: skip
"""What a vertex is compared with beside the sentence."""

_TEMPERATURE = 10.0  # LERF's
_SYNONYM = 0.75  # cosine of another word to the sentence, from which on it says the same
_ROWS = 65536  # vertices at a time, so that large files in half precision stay as they are
_ROUNDS = 8  # of averaging over neighbours
_APART = 0.03  # of the scene's radius: or two edges: vertices farther apart belong to different things
_LEAST = 0.52  # relevancy; one half is no nearer to the sentence than to another word


@dataclass(frozen=True, eq=False)
class FeaturePart:
    """Vertices close to each other that fit a sentence.

    Attributes:
        vertices: int64 [N].
        relevancy: the mean of its vertices, 0..1.
        mass: the sum of its vertices' weights, by which the groups are ranked.
    """

    vertices: np.ndarray
    relevancy: float
    mass: float


def load_features(path: Path) -> Tensor:
    """[V, Q], of the file's type: the one array of an .npy, .pt, .pth or .safetensors file.

    Raises:
        InputError: no such file, or no such array in it.
    """
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}; wanted features of vertices")
    try:
        suffix = path.suffix.lower()
        if suffix == ".npy":
            values = torch.from_numpy(np.load(path, allow_pickle=False))
        elif suffix == ".safetensors":
            from safetensors.torch import load_file

            tensors = load_file(path)
            values = next(iter(tensors.values())) if len(tensors) == 1 else None
        else:
            values = torch.load(path, map_location="cpu", weights_only=True)
    except ImportError as error:
        raise InputError(f"{path}: needs the package {error.name}; type: pip install 'tvdrnet_nv[text]'") from None
    except Exception as error:  # whatever the readers stumble over in a file of another kind
        raise InputError(f"{path}: cannot be read as an array; wanted .npy, .pt or .safetensors, [V, Q]") from error
    if not isinstance(values, Tensor) or values.ndim != 2 or values.dtype in (torch.bool, torch.complex64):
        shape = list(values.shape) if isinstance(values, Tensor) else type(values).__name__
        raise InputError(f"{path}: wanted one array of numbers [V, Q], a row for each vertex; got {shape}")
    return values


def relevancy(mesh: Mesh, features: Tensor, text: str, encoder: TextEncoder, file: Path) -> Tensor:
    """[V] in 0..1: how much nearer each vertex is to a text than to other words; above one half it is nearer.

    Smoothed over the surface. A vertex whose feature is zero or not finite, which nothing is known of, takes that of
    its neighbours.

    Args:
        mesh: the scene.
        features: [V, Q], of the mesh's file.
        text: what is looked for.
        encoder: of the same Q.
        file: where the features are from, for messages.

    Raises:
        InputError: another V or Q, or no feature at all.
    """
    count = mesh.num_vertices if mesh.file_vertices is None else int(mesh.file_vertices.max()) + 1
    if len(features) != count:
        raise InputError(f"{file}: features of {len(features):,} vertices, but the scene has {count:,}; use its own")
    if features.shape[1] != encoder.size:
        raise InputError(
            f"{file}: features of {features.shape[1]} numbers, but {encoder.name} gives {encoder.size}; name the text "
            "encoder that they were made with: `text_model`"
        )
    same = entry_of(text)
    words = [word for word in OTHERS if key(word) != key(text) and (same is None or entry_of(word) is not same)]
    wanted, others = encoder.encode([text])[0], encoder.encode(words)
    others = others[others @ wanted < _SYNONYM]
    parts = [_relevancy_of(rows.float(), wanted, others) for rows in features.split(_ROWS)]
    found, known = (torch.cat(values) for values in zip(*parts, strict=True))
    if not known.any():
        raise InputError(f"{file}: all features are zero or not finite (NaN); nothing is known of any vertex")
    if mesh.file_vertices is not None:
        found, known = found[mesh.file_vertices.cpu()], known[mesh.file_vertices.cpu()]
    return _smoothed(mesh, found, known.float())


def feature_parts(mesh: Mesh, values: Tensor) -> list[FeaturePart]:
    """The groups of vertices that fit, each close together, the best first; none where nothing is nearer to the text.

    Args:
        mesh: the scene.
        values: [V], what `relevancy` gives.
    """
    if float(values.max()) < _LEAST:
        return []
    weights = (values - 0.5).clamp_min(0).numpy()
    marked = np.flatnonzero(weights >= 0.5 * weights.max())
    positions = mesh.vertices.detach().cpu().double().numpy()[marked]
    corners = mesh.vertices.detach().cpu()[mesh.faces.cpu().long()]
    edge = float((corners[:, 0] - corners[:, 1]).norm(dim=1).median())
    groups = [marked[rows] for rows in clusters(positions, max(_APART * float(mesh.radius), 2 * edge))]
    parts = [FeaturePart(rows, float(values[rows].mean()), float(weights[rows].sum())) for rows in groups]
    return sorted(parts, key=lambda part: -part.mass)


def _relevancy_of(features: Tensor, wanted: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """[N] relevancy of rows [N, Q], and which of them are known."""
    known = features.isfinite().all(1) & (features.norm(dim=1) > 0)
    unit = functional.normalize(torch.where(known[:, None], features, 0.0), dim=1)
    return torch.sigmoid(_TEMPERATURE * (unit @ wanted - (unit @ others.T).amax(1))), known


def _smoothed(mesh: Mesh, values: Tensor, weights: Tensor) -> Tensor:
    """The means over each vertex and its neighbours, several times; where nothing is known, one half or less."""
    faces = mesh.faces.cpu().long()
    ends = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    a, b = ends[:, 0], ends[:, 1]
    total = values * weights
    for _ in range(_ROUNDS):
        sums, counts = (x.clone().index_add_(0, a, x[b]).index_add_(0, b, x[a]) for x in (total, weights))
        weights = (counts > 0).float()
        total = torch.where(counts > 0, sums / counts.clamp_min(1e-9), 0.0)
    return total
