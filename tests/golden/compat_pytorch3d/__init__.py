"""What PyTorch3D's public interface answers, as arrays by name: run under PyTorch3D to make the golden file, and under
our façade to compare. Only `pytorch3d`, torch, numpy and the standard library.

A name's first part says what it is; the tests hold each to its own tolerance.
"""
