"""Fixtures that several test files share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Helpers that assert: a failure shows the values, as it does in a test's own file.
pytest.register_assert_rewrite(
    "tests.io.examples", "tests.kernels.compare", "tests.ops.rasters", "tests.optimization.recovery"
)

SCAN = Path(__file__).parents[2] / "shared" / "data" / "scene0526_01_vh_clean_2.ply"


@pytest.fixture(scope="session")
def scan_path() -> Path:
    """The real scan, which is not part of the repository: TVDR_SCAN, or its place beside it."""
    path = Path(os.environ.get("TVDR_SCAN", SCAN))
    if not path.is_file():
        pytest.skip(f"the real scan is not at {path}; set TVDR_SCAN to its path to run this test")
    return path
