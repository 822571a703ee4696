"""Native kernels. `_cpu` is the C++ extension module; `tvdrnet_nv.ops` is its only caller."""
