"""Compiled kernels on disk: taken where they fit, and only then."""

from __future__ import annotations

from pathlib import Path

from tests.ops.native.stub import Stub
from tvdrnet_nv.kept import kept_folder
from tvdrnet_nv.ops.native.compiler import Compiler
from tvdrnet_nv.ops.native.kept import KERNELS, compiled
from tvdrnet_nv.ops.native.sources import sources

SOURCE = sources()[0]


def kept(stub: Stub, architecture: str = "sm_90") -> bytes:
    return compiled(Compiler(None, [stub.path]), SOURCE, architecture)


def files() -> list[Path]:
    return sorted(kept_folder(KERNELS).iterdir())


def test_another_process_compiles_nothing(stub) -> None:
    first = kept(stub)
    assert first.startswith(f"{SOURCE.name} for sm_90\n".encode())
    assert kept(stub) == first
    assert len(stub.said("compile")) == 1
    assert [path.name.split("-")[:2] for path in files()] == [[SOURCE.name.removesuffix(".cu"), "sm_90"]]


def test_each_architecture_version_and_source_has_a_file_of_its_own(stub) -> None:
    kept(stub)
    kept(stub, "sm_80")
    stub.set(nvrtc_minor=5)
    kept(stub)
    compiled(Compiler(None, [stub.path]), SOURCE._replace(text=SOURCE.text + "\n"), "sm_90")
    assert len(stub.said("compile")) == len(files()) == 4
