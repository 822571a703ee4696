"""The kernels compiled to GPU code, which needs no GPU, and what the compiler made of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tvdrnet_nv.kernels.cuda

ROOT = Path(__file__).parents[2]
CAPABILITY = 80


@pytest.fixture(scope="module")
def ptx(tmp_path_factory) -> dict[str, list[str]]:
    """By kernel, the PTX of its variants."""
    pytest.importorskip(
        "triton", reason="THE TRITON KERNELS ARE NOT COMPILED: triton is not installed (pip install '.[triton]')"
    )
    from triton.backends import backends

    if "nvidia" not in backends:
        pytest.skip("this triton has no backend for NVIDIA GPUs: the Triton kernels are not compiled")
    environment = {**os.environ, "TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("triton"))}
    command = [sys.executable, "-m", "tests.kernels.compile_only", str(CAPABILITY), "--sizes", "7"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        record = json.loads(line)
        found.setdefault(f"{record['file']}.{record['name']}", []).append(record["ptx"])
    return found


def test_every_kernel_compiles(ptx):
    folder = Path(tvdrnet_nv.kernels.cuda.__file__).parent
    kernels = {
        f"{p.stem}.{name}" for p in folder.glob("*.py") for name in re.findall(r"def (_\w+_kernel)", p.read_text())
    }
    assert len(kernels) > 8
    assert set(ptx) == kernels


def test_no_sum_depends_on_the_order_of_programs(ptx):
    for name, variants in ptx.items():
        for code in variants:
            assert not re.search(r"\b(atom|red)\.", code), name


def test_shading_rounds_as_the_cpu_does(ptx):
    for name in ("shade._forward_kernel", "shade._backward_kernel", "shade._tangent_kernel"):
        for code in ptx[name]:
            roundings = set(re.findall(r"\b(?:sqrt|div)\.\w+", code))
            assert roundings == {"sqrt.rn", "div.rn"}, name


def test_products_and_sums_are_not_fused(ptx):
    for name, variants in ptx.items():
        for code in variants:
            # The logarithm of a broken exponent is fused by its own design.
            assert "ex2." in code or not re.search(r"\bfma\.", code), name
