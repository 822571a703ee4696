"""Marks that the tests of the ops share."""

from __future__ import annotations

import pytest

# torch itself uses what it deprecates when forward mode is first used.
FORWARD_AD = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
