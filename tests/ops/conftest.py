from __future__ import annotations

import pytest
import torch


@pytest.fixture
def restored_threads():
    """torch's number of threads is the process's: give it back as it was."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
