"""A small segmenter's network on disk."""

from __future__ import annotations

import os

import torch

from tvdrnet_nv.network_files import read_network, write_network
from tvdrnet_nv.segmentation.network import TextConditionedNetwork


def save_network(network: TextConditionedNetwork, path: str | os.PathLike[str]) -> None:
    """Write a network's sizes and weights, these in half precision, whole or not at all; `load_network` reads it."""
    tensors = network.state_dict().items()
    state = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in tensors}
    write_network(path, TextConditionedNetwork, network.config, state)


def load_network(path: str | os.PathLike[str], device: torch.device | str = "cpu") -> TextConditionedNetwork:
    """The network that `save_network` wrote, in float32. Only tensors and plain types are read.

    Raises:
        InputError: the file is missing, or holds no network, or one whose weights do not fit its sizes.
    """
    network = read_network(path, TextConditionedNetwork, "segmenter", "save_network", {})
    return network.eval().requires_grad_(False).to(device)
