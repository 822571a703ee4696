"""A pytest plugin: tests written for PyTorch3D and nvdiffrast, on this package.

    pytest -p tvdrnet_nv.compat.pytest [--compat pytorch3d|nvdiffrast|both] [--compat-device auto|cpu|cuda] …

The libraries are provided before the first conftest.py is read. With `--compat-device cpu` 'cuda' means the CPU, which
is the default where torch finds no CUDA device.
"""

from __future__ import annotations

from typing import Any

from tvdrnet_nv.compat import install


def pytest_addoption(parser: Any) -> None:
    """The plugin's options."""
    group = parser.getgroup("tvdrnet_nv", "libraries provided by tvdrnet_nv")
    group.addoption("--compat", choices=("both", "pytorch3d", "nvdiffrast"), default="both", help="what is provided")
    group.addoption(
        "--compat-device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="what 'cuda' means (auto: as torch finds it)",
    )


def pytest_load_initial_conftests(early_config: Any) -> None:
    """Install, and undo it at the end."""
    given = early_config.known_args_namespace
    cpu = given.compat_device == "cpu"
    if given.compat_device == "auto":
        import torch

        cpu = not torch.cuda.is_available()
    undo = install(pytorch3d=given.compat != "nvdiffrast", nvdiffrast=given.compat != "pytorch3d", cpu=cpu)
    early_config.add_cleanup(undo)
