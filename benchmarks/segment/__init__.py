"""How well views segment a scene, by how they are chosen and by how many there are."""

from tvdrnet_nv.benchmarks.segment.run import segment_rows

__all__ = ["segment_rows"]
