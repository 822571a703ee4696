from __future__ import annotations

from pathlib import Path

import pytest

from tests.ops.native.stub import Stub, build


@pytest.fixture(scope="session")
def built_stub(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("stub"))


@pytest.fixture
def stub(built_stub, tmp_path, monkeypatch) -> Stub:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Stub(built_stub, tmp_path)
