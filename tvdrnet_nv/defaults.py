"""The command's defaults that the benchmarks measure with as well."""

FOCUS_ITERATIONS = 16
"""Adam's steps towards a view of a part, after the search."""
IMAGE_TEXT_ITERATIONS = 48
"""Adam's steps towards a view that a model of pictures and text likes, after the search."""
FOCUS_LEARNING_RATE = 2.0
"""Adam's rate in these steps."""
