"""Surfaces over the unit square, as `patches.Patch` takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tvdrnet_nv.scenes.patches import Array, Surface


def rectangle(origin: Array, along_u: Array, along_v: Array) -> Surface:
    """The parallelogram from `origin` over two edge vectors, each [3]."""
    o, eu, ev = (np.asarray(vector, dtype=np.float32) for vector in (origin, along_u, along_v))
    return lambda u, v: o + u[:, None] * eu + v[:, None] * ev


def revolution(center: Array, profile: Sequence[tuple[float, float]]) -> Surface:
    """The profile (radius, height) turned about the vertical axis through `center` [3]; upwards it faces outwards."""
    knots = np.asarray(profile, dtype=np.float32)
    at = np.asarray(center, dtype=np.float32)

    def surface(u: Array, v: Array) -> Array:
        t = v * (len(knots) - 1)
        k = np.clip(t.astype(np.int64), 0, len(knots) - 2)
        point = knots[k] + (t - k)[:, None] * (knots[k + 1] - knots[k])
        angle = 2 * np.pi * u
        return at + np.stack([point[:, 0] * np.cos(angle), point[:, 0] * np.sin(angle), point[:, 1]], axis=1)

    return surface


def superellipsoid(center: Array, radii: Sequence[float], roundness: float) -> Surface:
    """An ellipsoid (roundness 1) to a box (towards 0) about `center` [3] with half axes `radii` [3]."""
    at, half = np.asarray(center, dtype=np.float32), np.asarray(radii, dtype=np.float32)

    def power(x: Array) -> Array:
        return np.sign(x) * np.abs(x) ** roundness

    def surface(u: Array, v: Array) -> Array:
        longitude, latitude = 2 * np.pi * u, np.pi * (v - 0.5)
        ring = power(np.cos(latitude))
        unit = [ring * power(np.cos(longitude)), ring * power(np.sin(longitude)), power(np.sin(latitude))]
        return at + half * np.stack(unit, axis=1)

    return surface


def leaf(origin: Array, heading: float, length: float, width: float, rise: float) -> Surface:
    """A bent blade from `origin` [3] towards `heading` (radians about z): u across it, v along it."""
    at = np.asarray(origin, dtype=np.float32)
    forward = np.array([np.cos(heading), np.sin(heading), 0], dtype=np.float32)
    side = np.array([-np.sin(heading), np.cos(heading), 0], dtype=np.float32)

    def surface(u: Array, v: Array) -> Array:
        across = (u - 0.5) * width * np.sin(np.pi * np.clip(0.08 + 0.9 * v, 0, 1))
        height = rise * (1.9 * v - 1.2 * v**2)
        z = np.array([0, 0, 1], dtype=np.float32)
        return at + (v * length)[:, None] * forward - across[:, None] * side + height[:, None] * z

    return surface
