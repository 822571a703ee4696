"""How often a sentence finds the right object, and how well the view shows it."""

from tvdrnet_nv.benchmarks.text.run import text_rows

__all__ = ["text_rows"]
