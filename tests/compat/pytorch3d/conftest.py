"""A fresh start for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tvdrnet_nv.compat.pytorch3d import _notices


@pytest.fixture
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture
def as_in_a_new_process() -> Iterator[None]:
    """No notice has been given yet."""
    _notices.forget()
    yield
    _notices.forget()
