"""Façades with other libraries' names: code written for those runs on this package.

    import tvdrnet_nv.compat
    tvdrnet_nv.compat.install()
    import pytorch3d, nvdiffrast.torch    # ours

or, for whole programs, `python -m tvdrnet_nv.compat SCRIPT ARGS…`, and for tests `pytest -p tvdrnet_nv.compat.pytest`.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable

__all__ = ["install"]

_installed: list[object] = []  # a context manager that nobody holds would undo what it did


def install(*, pytorch3d: bool = True, nvdiffrast: bool = True, cpu: bool = False) -> Callable[[], None]:
    """From now on `import pytorch3d` and `import nvdiffrast.torch` give ours, in this process.

    What has imported them already keeps what it has.

    Args:
        pytorch3d: provide PyTorch3D.
        nvdiffrast: provide nvdiffrast.
        cpu: whether 'cuda' means the CPU, in this thread; see `tvdrnet_nv.compat.cuda_on_cpu`.

    Returns:
        a function that undoes it; installations are undone in reverse order.
    """
    from contextlib import ExitStack

    from tvdrnet_nv.compat.both import standing_in_for

    undo = ExitStack()
    undo.enter_context(standing_in_for(pytorch3d=pytorch3d, nvdiffrast=nvdiffrast, cpu=cpu))
    _installed.append(undo)

    def uninstall() -> None:
        atexit.unregister(uninstall)
        if undo in _installed:
            _installed.remove(undo)
        undo.close()

    # While Python still has all that it takes; later it would end in a traceback.
    atexit.register(uninstall)
    return uninstall
