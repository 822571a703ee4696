"""What PyTorch3D keeps in `pytorch3d.common`."""

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device, get_device, make_device

__all__ = ["Device", "get_device", "make_device"]
