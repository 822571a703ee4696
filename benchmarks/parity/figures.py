"""How far apart two gradients are."""

from __future__ import annotations

import math

import numpy as np


def compare(have: np.ndarray, want: np.ndarray) -> dict[str, float]:
    """Compare vectors: `have` against `want`, of any shape.

    Returns:
        cosine: between them. relative_error: |have - want| / |want|. bias: (have · want) / |want|² - 1, by how much
        `have` is too long along `want`. norm, reference_norm: their lengths. Where `want` is zero, so that there is
        nothing to be relative to: cosine 1, error and bias 0 if `have` is zero too, else cosine 0 and infinite ones.
    """
    a, b = (np.asarray(v, dtype=np.float64).ravel() for v in (have, want))
    na, nb = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    figures = {"norm": na, "reference_norm": nb}
    if not (math.isfinite(na) and math.isfinite(nb)):
        return {"cosine": 0.0, "relative_error": math.inf, "bias": math.inf, **figures}
    if nb == 0.0:
        same = na == 0.0
        off = 0.0 if same else math.inf
        return {"cosine": 1.0 if same else 0.0, "relative_error": off, "bias": off, **figures}
    cosine = float(a @ b) / (na * nb) if na else 0.0
    error = float(np.linalg.norm(a - b)) / nb
    return {"cosine": cosine, "relative_error": error, "bias": float(a @ b) / nb**2 - 1, **figures}
