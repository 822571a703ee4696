"""A small segmenter's network on disk."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import torch

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.segmentation.network import TextConditionedNetwork

_FORMAT = "tvdrnet_nv.TextConditionedNetwork"
_VERSION = 1


def save_network(network: TextConditionedNetwork, path: str | os.PathLike[str]) -> None:
    """Write a network's sizes and weights, these in half precision, whole or not at all; `load_network` reads it."""
    tensors = {name: tensor.detach().cpu() for name, tensor in network.state_dict().items()}
    state = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}
    with atomic_path(path) as temporary:
        torch.save({"format": _FORMAT, "version": _VERSION, "config": network.config, "state": state}, temporary)


def load_network(path: str | os.PathLike[str], device: torch.device | str = "cpu") -> TextConditionedNetwork:
    """The network that `save_network` wrote, in float32. Only tensors and plain types are read.

    Raises:
        InputError: the file is missing, or holds no network, or one whose weights do not fit its sizes.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"segmenter {path}: {'is a folder' if path.is_dir() else 'no such file'}")
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the unpickler stumbles over in a file of another kind
        raise InputError(f"segmenter {path}: cannot be read; give a file that save_network wrote") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise InputError(f"segmenter {path}: holds no segmenter; give a file that save_network wrote")
    if content.get("version") != _VERSION:
        raise InputError(f"segmenter {path}: version {content.get('version')!r}, and this program reads {_VERSION}")
    config, state = content.get("config"), content.get("state")
    wanted = set(inspect.signature(TextConditionedNetwork).parameters) - {"seed"}
    if not isinstance(config, dict) or set(config) != wanted or not isinstance(state, dict):
        raise InputError(f"segmenter {path}: its sizes are not {', '.join(sorted(wanted))}; train and save it again")
    try:
        network = TextConditionedNetwork(**config)
        network.load_state_dict(state)
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"segmenter {path}: its weights do not fit its sizes {config}; train and save it again"
        ) from error
    return network.eval().requires_grad_(False).to(device)
