"""The means over windows as their definition says them, in loops."""

from __future__ import annotations

import math

import numpy as np

CUT_OFF = 3.5  # standard deviations beyond which nothing counts
SPACING = 0.75  # standard deviations between the places where a mean is computed


def direct_means(plane: np.ndarray, width: float) -> np.ndarray:
    """[H, W] of [H, W]: Gaussian means at places along each axis, linearly interpolated in between."""
    return _along_columns(_along_columns(plane, width).T, width).T


def _along_columns(plane: np.ndarray, width: float) -> np.ndarray:
    size, deviation = len(plane), width / 2
    pixels = np.arange(size)
    places = np.linspace(0, size - 1, 1 if size == 1 else max(2, 1 + math.ceil(size / (deviation * SPACING))))
    means = np.empty_like(plane)
    for column in range(plane.shape[1]):
        at_places = []
        for place in places:
            distances = [abs(pixel - place) / deviation for pixel in pixels]
            weights = [math.exp(-(x**2) / 2) if x < CUT_OFF else 0.0 for x in distances]
            at_places.append(np.dot(weights, plane[:, column]) / sum(weights))
        means[:, column] = np.interp(pixels, places, at_places)
    return means
