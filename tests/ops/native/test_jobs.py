"""Our CUDA kernels are known to the emulator by their names, and take the jobs that the ops make."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

import pytest

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.native import jobs
from tvdrnet_nv.ops.native.sources import headers, sources

KERNELS = [(job, kernel) for source in sources() for kernel, job in source.kernels.items()]


@pytest.mark.parametrize(("job", "kernel"), KERNELS)
def test_the_emulator_has_every_kernel_and_its_job_is_as_large(job: str, kernel: str) -> None:
    size = ctypes.sizeof(getattr(jobs, job))
    with pytest.raises(ValueError, match=f"{kernel}: the job has {size - 8} bytes instead of {size}$"):
        _cpu.emulate(kernel, bytes(size - 8), 1, 1, 1)


def test_a_kernel_that_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match="there is no kernel rasterise"):
        _cpu.emulate("rasterise", b"", 1, 1, 1)


def test_fields_stand_in_the_order_of_the_struct() -> None:
    """Sizes alone do not say so."""
    text = "\n".join(text for name, text in headers().items() if name.startswith("device/"))
    for job in sorted({job for job, _ in KERNELS}):
        body = re.search(rf"^struct {job} {{\n(.*?)^}};", text, re.M | re.S)
        assert body is not None
        fields = re.findall(r"^  (?:const )?[\w<>]+ ?\*? ?(\w+);", body[1], re.M)
        assert fields == [name for name, _ in getattr(jobs, job)._fields_], job


def test_the_sources_are_those_of_the_tree() -> None:
    tree = Path(__file__).parents[3] / "kernels"
    assert {source.name for source in sources()} == {path.name for path in (tree / "cuda").glob("*.cu")}
    assert len(headers()) == sum(len(list((tree / "cpu" / folder).glob("*"))) for folder in ("portable", "device"))
