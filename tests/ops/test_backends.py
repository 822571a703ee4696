"""The table of backends: the choice by device, what is missing, and a backend of one's own."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

import tvdrnet_nv
from tvdrnet_nv import Orbit, ops
from tvdrnet_nv.conformance import Status, run
from tvdrnet_nv.ops import references
from tvdrnet_nv.ops.backends import TABLE, Backend, backend_for, backend_of, using


def test_a_device_picks_the_first_of_the_table():
    assert backend_of(torch.zeros(1)) is TABLE["cpu"]
    assert backend_for(torch.device("cuda", 1)) is TABLE["cuda"]
    with pytest.raises(RuntimeError, match=r"no backend for tensors on meta; there are cpu, cuda"):
        backend_of(torch.zeros(1, device="meta"))


def test_using_ends_with_the_block():
    with using("reference") as backend:
        assert backend_of(torch.zeros(1)) is backend is TABLE["reference"]
    assert backend_of(torch.zeros(1)) is TABLE["cpu"]
    with pytest.raises(TypeError), using("reference"):
        ops.interpolate(None, None, None)  # type: ignore[arg-type]
    assert backend_of(torch.zeros(1)) is TABLE["cpu"]


def test_the_functions_of_the_table_are_all_there():
    for backend in TABLE.values():
        for op in backend.functions:
            assert callable(backend.function(op))
    launching = {"launch", "prepare", "why_not_launched"}
    assert set(TABLE["cuda"].functions) - launching <= set(TABLE["cpu"].functions)


def a_backend_of_one_op() -> Backend:
    """All that it takes, but for a line in the table."""

    def interpolate(attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]):
        out, out_da = references.interpolate(attr, rast, tri, rast_db, indices or None)
        return out.to(attr.dtype), out_da.to(attr.dtype)

    others = {op: where for op, where in TABLE["cpu"].functions.items() if op == "rasterize"}
    return Backend("toy", "cpu", (torch.float32,), {**others, "interpolate": interpolate})


def test_a_backend_of_ones_own_passes_the_cases_of_its_op():
    outcomes = list(run(a_backend_of_one_op(), "interpolation."))
    assert len(outcomes) > 4
    assert {x.status for x in outcomes} == {Status.passed, Status.skipped}
    skipped = [x.case.name for x in outcomes if x.status is Status.skipped]
    assert skipped == ["interpolation.negative_attributes"]


def test_an_op_that_a_backend_has_not_is_named():
    with using(a_backend_of_one_op()), pytest.raises(RuntimeError, match="the backend 'toy' has no orbit_view"):
        Orbit.create(2.0, 10.0, 20.0).camera()


def test_kernels_that_cannot_be_imported_are_named_with_what_to_do():
    gone = dataclasses.replace(
        TABLE["cpu"], functions={"orbit_view": "tvdrnet_nv.no_such:x"}, installation="install it"
    )
    with (
        using(gone),
        pytest.raises(RuntimeError, match=r"orbit_view on the backend 'cpu' cannot.*no_such.*; install it"),
    ):
        Orbit.create(2.0, 10.0, 20.0).camera()


def test_an_image_of_the_reference_is_the_kernels():
    mesh_pos = torch.tensor([[[-0.9, -0.8, 0.0, 1.0], [0.9, -0.7, 0.1, 1.0], [0.1, 0.9, -0.1, 1.0]]])
    tri = torch.tensor([[0, 1, 2]], dtype=torch.int32)
    attributes = torch.cat([mesh_pos[0, :, :3], torch.tensor([[0.0, 0.0, -1.0, 0.3, 0.5, 0.7]] * 3)], 1)
    phong = ops.Phong((0.5, 0.5, -2.0), 0.5, 0.8, 0.3, 8.0)
    images = []
    for name in ("cpu", "reference"):
        with using(name):
            rast, _ = ops.rasterize(ops.RasterizeCudaContext(), mesh_pos, tri, (9, 11))
            image = ops.shade(attributes, rast, tri, torch.tensor([[0.0, 0.0, -3.0]]), phong)
            images.append(ops.antialias(image, rast, mesh_pos, tri))
    torch.testing.assert_close(*images)


def test_a_hash_of_another_backend_is_refused():
    tri = torch.tensor([[0, 1, 2]], dtype=torch.int32)
    topology = ops.antialias_construct_topology_hash(tri)
    image, pos = torch.zeros(1, 3, 3, 4), torch.rand(1, 3, 4)
    with using("reference"), pytest.raises(ValueError, match="topology_hash was built on the backend 'cpu'"):
        ops.antialias(image, image, pos, tri, topology)


def test_mip_levels_of_another_backend_are_refused():
    tex, uv = torch.rand(1, 8, 8, 3), torch.rand(1, 2, 2, 2)
    mip, uv_da = ops.texture_construct_mip(tex), torch.zeros(1, 2, 2, 4)
    with using("reference"), pytest.raises(ValueError, match="mip was built on the backend 'cpu'"):
        ops.texture(tex, uv, uv_da, mip=mip)


def test_imports_load_no_kernels():
    code = (
        "import sys, tvdrnet_nv.ops, tvdrnet_nv.cli; from tvdrnet_nv import Orbit, Renderer, optimize\n"
        "wanted = ('tvdrnet_nv.kernels', 'tvdrnet_nv.kernels._cpu', 'triton', 'nvdiffrast')\n"
        "print([name for name in wanted if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_table_alone_looks_at_the_type_of_a_device():
    """A device's type is no business of other modules: they ask the backend what it can do, or carry numbers."""
    package = Path(tvdrnet_nv.__file__).parent
    allowed = {"ops/backends/__init__.py", "ops/arguments.py", "ops/carried.py", "compat/cuda_on_cpu.py"}
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(r"\bis_cpu\b|\bis_cuda\b|device\.type\b", path.read_text())
    }
    found = {name for name in found if not name.startswith("benchmarks/")}  # they report on devices
    assert found <= allowed
