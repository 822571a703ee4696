"""The CUDA kernels compiled to machine code, which needs no GPU, and what the compiler made of them."""

from __future__ import annotations

import ctypes
import re
from functools import cache
from unittest.mock import patch

import pytest

from tvdrnet_nv.ops.native import jobs
from tvdrnet_nv.ops.native.compiler import Compiler
from tvdrnet_nv.ops.native.sources import Source, headers, source_of, sources

ELF_OF_CUDA = b"\x7fELF\x02\x01\x01"


@pytest.fixture(scope="module")
def nvrtc() -> Compiler:
    try:
        return Compiler()
    except RuntimeError as error:
        pytest.skip(f"THE CUDA KERNELS ARE NOT COMPILED: {error}")


@pytest.fixture(scope="module")
def ptx(nvrtc):
    """The PTX of a source by its name, without CUDA's own `pow`, which rounds as it likes."""
    texts = dict(headers())
    numbers = texts["portable/numbers.hpp"]
    texts["portable/numbers.hpp"] = numbers.replace("return ::pow(x, y);", "return x + y;")
    assert texts != headers()

    def compiled(name: str) -> str:
        with patch("tvdrnet_nv.ops.native.compiler.headers", lambda: texts):
            return nvrtc.compiled(next(s for s in sources() if s.name == name), "compute_80").decode()

    return cache(compiled)


@pytest.mark.parametrize("architecture", ["sm_75", "sm_80", "sm_90", "sm_100", "sm_120"])
@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_every_kernel_compiles(nvrtc, source: Source, architecture: str) -> None:
    assert nvrtc.architecture(int(architecture.removeprefix("sm_"))) == architecture
    code = nvrtc.compiled(source, architecture)
    assert code.startswith(ELF_OF_CUDA)
    assert source.kernels
    for kernel in source.kernels:
        assert f"tvdr_{kernel}".encode() in code


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_a_job_is_as_large_for_the_gpu_as_the_ops_make_it(ptx, source: Source) -> None:
    sizes = dict(re.findall(r"\.param \.align \d+ \.b8 tvdr_(\w+)_param_0\[(\d+)\]", ptx(source.name)))
    wanted = {kernel: str(ctypes.sizeof(getattr(jobs, job))) for kernel, job in source.kernels.items()}
    assert sizes == wanted


# Only where the source asks for it, in the exact sign of a difference of products.
FUSED = {"rasterize.cu": {"fma.rn.f64"}}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_all_numbers_are_rounded_as_on_the_cpu(ptx, source: Source) -> None:
    text = ptx(source.name)
    assert set(re.findall(r"\bfma\.[\w.]+", text)) == FUSED.get(source.name, set())
    assert set(re.findall(r"\b(?:div|rcp|sqrt)\.([\w.]*f(?:32|64))", text)) <= {"rn.f32", "rn.f64"}
    assert ".ftz" not in text


def test_the_nearest_triangle_is_chosen_by_one_instruction(ptx) -> None:
    text = ptx(source_of("rasterize_draw").name)
    assert set(re.findall(r"\b(?:atom|red)\.[\w.]+", text)) <= {
        "atom.global.min.s64",
        "red.global.min.s64",
        "atom.global.add.u64",
        "atom.min.s64",
        "red.min.s64",
        "atom.add.u64",
    }
    assert ".min.s64" in text


def test_an_error_is_the_compilers(nvrtc) -> None:
    source = Source("wrong.cu", "__global__ void kernel() { nothing(); }\n", {})
    with pytest.raises(RuntimeError, match=r"wrong.cu\(1\): error: identifier .nothing. is undefined"):
        nvrtc.compiled(source, "sm_80")
