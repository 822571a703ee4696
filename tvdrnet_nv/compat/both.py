"""PyTorch3D and nvdiffrast in `sys.modules`, provided by us: one of them or both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def standing_in_for(*, pytorch3d: bool = True, nvdiffrast: bool = True, cpu: bool = False) -> Iterator[None]:
    """Within the block `import pytorch3d` and `import nvdiffrast.torch` give ours.

    Args:
        pytorch3d: provide PyTorch3D.
        nvdiffrast: provide nvdiffrast.
        cpu: whether 'cuda' means the CPU, in this thread; see `tvdrnet_nv.compat.cuda_on_cpu`.
    """
    with ExitStack() as undo:
        if pytorch3d:
            from tvdrnet_nv.compat.pytorch3d._stand_in import standing_in_for_pytorch3d

            undo.enter_context(standing_in_for_pytorch3d())
        if nvdiffrast:
            from tvdrnet_nv.compat.stand_in import standing_in_for_nvdiffrast

            undo.enter_context(standing_in_for_nvdiffrast())
        if cpu:
            from tvdrnet_nv.compat.cuda_on_cpu import cuda_on_cpu

            undo.enter_context(cuda_on_cpu())
        yield
