"""Which NVRTC is taken, and what it compiles for."""

from __future__ import annotations

import shutil

import pytest

from tests.ops.native.stub import Stub
from tvdrnet_nv.ops.native.compiler import Compiler


@pytest.mark.parametrize(
    ("capability", "architecture"),
    [(75, "sm_75"), (80, "sm_80"), (86, "sm_80"), (89, "sm_80"), (90, "sm_90"), (100, "compute_90"), (121, "sm_120")],
)
def test_what_to_compile_for(stub, capability: int, architecture: str) -> None:
    assert Compiler(None, [stub.path]).architecture(capability) == architecture


def test_the_first_that_the_driver_understands_is_taken(stub, built_stub, tmp_path) -> None:
    (tmp_path / "older").mkdir()
    older = Stub(built_stub, tmp_path / "older")
    older.set(nvrtc_major=12, nvrtc_minor=8)
    places = ["libnvrtc-that-is-not-there.so", stub.path, older.path]
    assert Compiler(13000, places).version == "13.0"
    assert Compiler(12060, places).version == "12.8"


def test_a_file_that_is_no_library_is_passed_over(stub, tmp_path) -> None:
    broken = shutil.copy(__file__, tmp_path / "libnvrtc.so.13")
    assert Compiler(13000, [str(broken), stub.path]).version == "13.0"
