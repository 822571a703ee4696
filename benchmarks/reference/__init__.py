"""The reference: TVDRNet's pipeline on PyTorch3D, in a process and an environment of its own.

    with Reference(find_reference(None) or sys.executable) as reference:
        reference.call("scene", {"vertices": …, "faces": …, "colors": …}, name="box")
        images = reference.call("render", {**camera, "light": light}, scene="box", height=64, width=64)

`child.py` lists the commands.
"""

from .client import Reference, ReferenceError_, find_reference
from .network import network_weights

__all__ = ["Reference", "ReferenceError_", "find_reference", "network_weights"]
