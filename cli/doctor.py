"""`tvdr-nv doctor`: what is installed, what will be used, what would give more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.cli._flags import in_flags
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    import torch
    from rich.table import Table

NAME_WIDTH = 14


class Finding(NamedTuple):
    """One line: a name, whether it is as it should be (None: absent, and not needed), what it is, and what to do."""

    name: str
    good: bool | None
    text: str
    advice: str = ""


EXAMPLES = (
    ("Which backend is used here, and why", "tvdr-nv doctor"),
    ("The same for a program", "tvdr-nv doctor --json"),
)


def command(device: o.DeviceOption = o.Device.auto, as_json: o.JsonOption = False) -> int:
    """Check the installation: which backend is used, why, and what is missing for the others.

    Renders one triangle with the backend. Exits with 1 when that fails.
    """
    from tvdrnet_nv.cli._output import print_json, results

    if as_json:
        findings = list(_findings(device))
        print_json([finding._asdict() for finding in findings])
    else:
        console = results(quiet=False)
        findings = []
        for finding in _findings(device):
            findings.append(finding)
            console.print(_line(finding, console.encoding))
    return 1 if any(finding.good is False for finding in findings) else 0


def _line(finding: Finding, encoding: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    from tvdrnet_nv.cli._spelled import spelled

    mark, style = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", "dim")}[finding.good]
    mark = spelled(mark, encoding)
    row = Table.grid(padding=(0, 1))
    row.add_column(width=len(spelled("✓", encoding)))
    row.add_column(width=NAME_WIDTH)
    row.add_column(overflow="fold")
    text = Text(finding.text)
    if finding.advice:
        text.append(f"\n{finding.advice}", "yellow")
    row.add_row(Text(mark, style), Text(finding.name, "bold"), text)
    return row


def _findings(device: str) -> Iterator[Finding]:
    yield from _installed()
    yield from _for_cuda()
    yield from _backends()
    yield from _backend(device)


def _installed() -> Iterator[Finding]:
    import os
    import platform
    import sys
    from importlib.metadata import version

    import torch

    import tvdrnet_nv

    system = f"{platform.system()} {platform.machine()}"
    yield Finding("tvdrnet_nv", True, tvdrnet_nv.__version__)
    yield Finding("python", True, f"{platform.python_version()}, {sys.executable}")
    yield Finding("system", True, f"{system}, {os.cpu_count()} processors")
    yield Finding("torch", True, f"{torch.__version__}, numpy {version('numpy')}")
    from tvdrnet_nv.ops.backends import TABLE

    cpu = TABLE["cpu"]
    missing = cpu.why_unavailable()
    yield Finding("CPU kernels", missing is None, missing or str(cpu.kernels.__file__))


def _for_cuda() -> Iterator[Finding]:
    import torch

    from tvdrnet_nv.ops import cuda_device
    from tvdrnet_nv.ops.nvdiffrast.installed import INSTALL, versions, why_unusable

    absent = cuda_device.why_absent()
    if absent is None:
        names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
        yield Finding("CUDA", True, f"{torch.version.cuda}: {', '.join(names)}")
    else:
        fact, _, advice = absent.partition("; ")
        yield Finding("CUDA", None, fact, f"with an NVIDIA GPU: {advice}")
    found = ", ".join(f"{name} {number}" for name, number in versions().items())
    wrong = why_unusable()
    if wrong is None:
        newer = f"0.4 has fewer faults and compiles nothing later: pip uninstall diffrp-nvdiffrast && {INSTALL}"
        advice = newer if "diffrp-nvdiffrast" in found else ""
        yield Finding("nvdiffrast", True, f"{found or 'found'} (non-commercial use only)", advice)
    elif found:
        yield Finding("nvdiffrast", False, *wrong.split("; ", 1))
    else:
        yield Finding("nvdiffrast", None, "not installed; only CUDA needs it", f"with an NVIDIA GPU: {INSTALL}")


def _backends() -> Iterator[Finding]:
    """What each backend of the table can do, or why it cannot be used."""
    from tvdrnet_nv.ops.backends import TABLE

    for backend in TABLE.values():
        missing = backend.why_unusable()
        if missing is None:
            yield Finding(f"ops: {backend.name}", True, backend.abilities(), backend.drawback() or "")
        else:
            yield Finding(f"ops: {backend.name}", None, missing)


def _backend(device: str) -> Iterator[Finding]:
    import time

    from tvdrnet_nv.device import choose_device

    try:
        backend, reason = choose_device(device)
    except InputError as error:
        yield Finding("backend", False, in_flags(str(error)))
        return
    yield Finding("backend", True, f"{backend}: {reason}")
    began = time.perf_counter()
    try:
        covered = _render_triangle(backend)
    except Exception as error:  # of torch, of compilers, of drivers: all are what this command is to find
        said = (str(error).strip().splitlines() or [""])[0]
        yield Finding("test render", False, f"{type(error).__name__}: {said}")
        return
    took = time.perf_counter() - began
    yield Finding(
        "test render", 0.05 < covered < 0.95, f"one triangle in {took:.2f} s, covers {covered:.0%} of the picture"
    )


def _render_triangle(device: torch.device) -> float:
    import torch

    from tvdrnet_nv.camera import Orbit
    from tvdrnet_nv.mesh import Mesh
    from tvdrnet_nv.renderer import Renderer

    corners = torch.tensor([[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
    mesh = Mesh(corners, torch.tensor([[0, 1, 2]], dtype=torch.int32), torch.rand(3, 3)).to(device)
    render = Renderer(mesh, 32)(Orbit.create(3.0, 0.0, 0.0, device=device).camera())
    return render.alpha.mean().item()
