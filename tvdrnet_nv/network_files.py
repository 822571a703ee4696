"""Networks on disk: their sizes and weights, as plain types and tensors."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError

_VERSION = 1

NetworkT = TypeVar("NetworkT", bound=nn.Module)


def write_network(
    path: str | os.PathLike[str], kind: type[nn.Module], config: Any, state: Mapping[str, Tensor]
) -> None:
    """Write a network's sizes and weights, whole or not at all; `read_network` reads them.

    Args:
        path: the file.
        kind: the network's class, whose name is the file's format.
        config: the class's arguments, but for its seed.
        state: its state dict.
    """
    state = {name: tensor.detach().cpu() for name, tensor in state.items()}
    with atomic_path(path) as temporary:
        torch.save({"format": _format(kind), "version": _VERSION, "config": config, "state": state}, temporary)


def read_network(
    path: str | os.PathLike[str], kind: type[NetworkT], what: str, saver: str, added: Mapping[str, Any]
) -> NetworkT:
    """The network that `write_network` wrote, on the CPU. Only tensors and plain types are read: no code in it is run.

    Args:
        path: the file.
        kind: the network's class.
        what: it is, in messages.
        saver: the function that writes such files, in messages.
        added: sizes that older files do not say, and what they are there.

    Raises:
        InputError: the file is missing, or holds no such network, or one whose weights do not fit its sizes.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{what} {path}: {'is a folder' if path.is_dir() else 'no such file'}")
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the unpickler stumbles over in a file of another kind
        raise InputError(f"{what} {path}: cannot be read; give a file that {saver} wrote") from error
    if not isinstance(content, dict) or content.get("format") != _format(kind):
        raise InputError(f"{what} {path}: holds no {what}; give a file that {saver} wrote")
    if content.get("version") != _VERSION:
        raise InputError(f"{what} {path}: version {content.get('version')!r}, and this program reads {_VERSION}")
    config, state = content.get("config"), content.get("state")
    if isinstance(config, dict):
        config = {**added, **config}
    wanted = set(inspect.signature(kind).parameters) - {"seed"}
    if not isinstance(config, dict) or set(config) != wanted or not isinstance(state, dict):
        raise InputError(f"{what} {path}: its sizes are not {', '.join(sorted(wanted))}; train and save it again")
    try:
        network = kind(**config)
        network.load_state_dict(state)
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"{what} {path}: its weights do not fit its sizes {config}; train and save it again"
        ) from error
    return network


def _format(kind: type[nn.Module]) -> str:
    return f"tvdrnet_nv.{kind.__name__}"
