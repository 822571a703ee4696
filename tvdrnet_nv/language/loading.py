"""What loaders of models share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_ABSENT = ("connect", "cached", "offline")  # in what the libraries say of a name whose files are not on this machine


def reason_of(error: Exception) -> str:
    """An error of a library in one line: its first, or its class where it says nothing."""
    lines = str(error).strip().splitlines()
    return (lines or [type(error).__name__])[0].strip().rstrip(".:")


@contextmanager
def without_network() -> Iterator[None]:
    """Hugging Face's libraries look for files in their cache alone, and ask no server for anything else."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def why_not_loaded(error: Exception) -> str:
    """What to say of a model that cannot be loaded, and what to do; of a name perhaps that its files are not here."""
    reason = reason_of(error)
    if any(word in reason.lower() for word in _ABSENT):
        return (
            "is no folder, and not in the cache of Hugging Face; nothing is downloaded here. Get its files with "
            "hf download NAME, or give a model's folder"
        )
    return f"cannot be loaded ({reason}); give a model's folder, or a name that is known"
