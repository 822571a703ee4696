"""The table of parameters: what is made from it agrees with it."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tvdrnet_nv import Camera, Orbit
from tvdrnet_nv.camera.parameters import ORBIT, PARAMETERS, POSE, SCALES, Interval, Parameter, parameter, widths
from tvdrnet_nv.optimization.orbit_coordinates import OrbitCoordinates

DOCS = Path(__file__).parents[2] / "docs" / "conventions.md"


def test_the_table_needs_no_torch() -> None:
    code = "import sys, tvdrnet_nv.camera.parameters; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", [Orbit, Camera])
def test_a_kinds_tensors_are_the_tables_fields(kind: type[Orbit | Camera]) -> None:
    tensors = [field.name for field in dataclasses.fields(kind) if field.name != "up"]
    assert tensors == list(kind.fields) == [p.field for p in kind.parameters]
    assert set(kind.moves_by_default) <= {p.name for p in kind.parameters}


def test_names_are_unique() -> None:
    rows = ORBIT + POSE
    assert len({p.name for p in rows}) == len(rows)
    assert widths(("at", "distance", "principal")) == [3, 1, 2]
    assert parameter("fov").label == "field of view"
    with pytest.raises(KeyError):
        parameter("roll")


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_kernels_take_an_orbits_fields_in_the_tables_order(name: str, dtype: torch.dtype) -> None:
    orbit = Orbit.create(2.0, 10.0, 20.0, 50.0, (1.0, 2.0, 3.0), dtype=dtype)
    coordinates = OrbitCoordinates(orbit, (name,), 1.5)
    moved = coordinates.retract(orbit, torch.full((1, parameter(name).width), 0.1, dtype=dtype))
    for other in PARAMETERS:
        assert torch.equal(getattr(moved, other), getattr(orbit, other)) == (other != name)


def test_intervals_say_what_they_hold() -> None:
    assert str(Interval(-90.0, 90.0)) == "-90 to 90"
    assert str(Interval(0.0, math.inf, open=True)) == "a number above 0"
    assert str(Interval(0.0, 180.0, open=True)) == "more than 0 and less than 180"
    assert str(Interval(-math.inf, math.inf)) == "a finite number"
    assert 90.0 in Interval(-90.0, 90.0)
    assert 180.0 not in Interval(0.0, 180.0, open=True)
    assert math.inf not in Interval(0.0, math.inf, open=True)
    assert math.nan not in Interval(-math.inf, math.inf)


def row(p: Parameter) -> str:
    """The docs' row of a parameter."""
    low, high = p.limits
    limits = f"{low:g} to {high:g} {p.limits_unit}" if math.isfinite(high) else "none"
    return f"| `{p.name}` | {p.width} | {p.unit} | {SCALES[p.scale]} | {limits} | {p.description} |"


def test_the_docs_have_the_table() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for kind in (ORBIT, POSE):
        table = "\n".join(row(p) for p in kind)
        assert f"\n{table}\n\n" in text, f"docs/conventions.md wants these rows:\n{table}"
