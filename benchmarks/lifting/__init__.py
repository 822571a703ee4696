"""How well exact and wrong masks in views give an object's vertices, and how long it takes."""

from tvdrnet_nv.benchmarks.lifting.run import lifting_rows
from tvdrnet_nv.benchmarks.lifting.speed import lifting_speed

__all__ = ["lifting_rows", "lifting_speed"]
