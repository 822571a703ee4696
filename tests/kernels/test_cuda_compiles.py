"""The CUDA kernels compiled to machine code, which needs no GPU, and what the compiler made of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.kernels.nvrtc import compiled, library

KERNELS = Path(__file__).parents[2] / "kernels"
SOURCES = sorted((KERNELS / "cuda").glob("*.cu"))
SHARED = ("portable", "device")
HEADERS = {
    path.relative_to(KERNELS / "cpu").as_posix(): path
    for folder in SHARED
    for path in sorted((KERNELS / "cpu" / folder).glob("*.hpp"))
}
ELF_OF_CUDA = b"\x7fELF\x02\x01\x01"


@pytest.fixture(autouse=True)
def nvrtc() -> None:
    if library() is None:
        pytest.skip("THE CUDA KERNELS ARE NOT COMPILED: nvidia-cuda-nvrtc is not installed (pip install '.[nvrtc]')")


@pytest.mark.parametrize("architecture", ["sm_75", "sm_80", "sm_90", "sm_100", "sm_120"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_kernel_compiles(source: Path, architecture: str) -> None:
    code = compiled(source, HEADERS, architecture)
    assert code.startswith(ELF_OF_CUDA)
    kernels = re.findall(r"^TVDR_KERNEL\(\w+, (\w+)\)$", source.read_text("utf-8"), re.MULTILINE)
    assert kernels
    for kernel in kernels:
        assert f"tvdr_{kernel}".encode() in code


# Only where the source asks for it, in the exact sign of a difference of products.
FUSED = {"rasterize.cu": {"fma.rn.f64"}}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_all_numbers_are_rounded_as_on_the_cpu(source: Path) -> None:
    ptx = compiled(source, HEADERS, "compute_80").decode()
    assert set(re.findall(r"\bfma\.[\w.]+", ptx)) == FUSED.get(source.name, set())
    divisions = set(re.findall(r"\b(?:div|rcp|sqrt)\.[\w.]*f(?:32|64)", ptx))
    assert divisions <= {"div.rn.f32", "div.rn.f64", "rcp.rn.f64"}
    assert divisions or source.name == "vertex_sums.cu"
    assert ".ftz" not in ptx


def test_the_nearest_triangle_is_chosen_by_one_instruction() -> None:
    ptx = compiled(KERNELS / "cuda" / "rasterize.cu", HEADERS, "compute_80").decode()
    assert set(re.findall(r"\b(?:atom|red)\.[\w.]+", ptx)) <= {
        "atom.global.min.s64",
        "red.global.min.s64",
        "atom.global.add.u64",
        "atom.min.s64",
        "red.min.s64",
        "atom.add.u64",
    }
    assert ".min.s64" in ptx


def test_an_error_is_the_compilers(tmp_path: Path) -> None:
    (tmp_path / "wrong.cu").write_text("__global__ void kernel() { nothing(); }\n", "utf-8")
    with pytest.raises(RuntimeError, match=r"wrong.cu\(1\): error: identifier .nothing. is undefined"):
        compiled(tmp_path / "wrong.cu", HEADERS, "sm_80")
