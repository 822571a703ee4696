"""The part of PyTorch3D that camera optimisation uses, on `tvdrnet_nv.ops`: same names, arguments, shapes, conventions.

    from tvdrnet_nv.compat.pytorch3d.renderer import FoVPerspectiveCameras, MeshRenderer, …

or, for unmodified programs, `python -m tvdrnet_nv.compat.pytorch3d SCRIPT ARGS…`. docs/pytorch3d.md says what there is,
and where it differs.
"""
