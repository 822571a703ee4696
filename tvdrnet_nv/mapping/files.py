"""A mapping on disk."""

from __future__ import annotations

import os

import torch

from tvdrnet_nv.mapping.network import CameraMapping
from tvdrnet_nv.network_files import read_network, write_network

_ADDED = {"glances": 1}  # sizes that older files do not say


def save_mapping(mapping: CameraMapping, path: str | os.PathLike[str]) -> None:
    """Write a mapping's sizes and weights, whole or not at all: plain types and tensors, for `load_mapping`."""
    write_network(path, CameraMapping, mapping.config, mapping.state_dict())


def load_mapping(path: str | os.PathLike[str], device: torch.device | str = "cpu") -> CameraMapping:
    """The mapping that `save_mapping` wrote. Only tensors and plain types are read: no code in the file is run.

    Raises:
        InputError: the file is missing, or holds no mapping, or one whose weights do not fit its sizes.
    """
    return read_network(path, CameraMapping, "mapping", "save_mapping", _ADDED).to(device)
