"""A mapping on disk."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import torch

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.mapping.network import CameraMapping

_FORMAT = "tvdrnet_nv.CameraMapping"
_VERSION = 1
_ADDED = {"glances": 1}  # sizes that older files do not say


def save_mapping(mapping: CameraMapping, path: str | os.PathLike[str]) -> None:
    """Write a mapping's sizes and weights, whole or not at all: plain types and tensors, for `load_mapping`."""
    state = {name: tensor.detach().cpu() for name, tensor in mapping.state_dict().items()}
    with atomic_path(path) as temporary:
        torch.save({"format": _FORMAT, "version": _VERSION, "config": mapping.config, "state": state}, temporary)


def load_mapping(path: str | os.PathLike[str], device: torch.device | str = "cpu") -> CameraMapping:
    """The mapping that `save_mapping` wrote. Only tensors and plain types are read: no code in the file is run.

    Raises:
        InputError: the file is missing, or holds no mapping, or one whose weights do not fit its sizes.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"mapping {path}: {'is a folder' if path.is_dir() else 'no such file'}")
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the unpickler stumbles over in a file of another kind
        raise InputError(f"mapping {path}: cannot be read; give a file that save_mapping wrote") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise InputError(f"mapping {path}: holds no mapping; give a file that save_mapping wrote")
    if content.get("version") != _VERSION:
        raise InputError(f"mapping {path}: version {content.get('version')!r}, and this program reads {_VERSION}")
    config, state = content.get("config"), content.get("state")
    if isinstance(config, dict):
        config = {**_ADDED, **config}
    wanted = set(inspect.signature(CameraMapping).parameters) - {"seed"}
    if not isinstance(config, dict) or set(config) != wanted or not isinstance(state, dict):
        raise InputError(f"mapping {path}: its sizes are not {', '.join(sorted(wanted))}; train and save it again")
    try:
        mapping = CameraMapping(**config)
        mapping.load_state_dict(state)
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"mapping {path}: its weights do not fit its sizes {config}; train and save it again"
        ) from error
    return mapping.to(device)
