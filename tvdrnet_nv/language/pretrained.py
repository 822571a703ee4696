"""Models of transformers from their files, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.loading import why_not_loaded, without_network

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Found = TypeVar("Found")


def load_pretrained(
    model: str, classes: Mapping[str, str], what: str, *, dtype: torch.dtype, device: torch.device
) -> PreTrainedModel:
    """The model of a folder, or of a name whose files are in the cache of Hugging Face, for inference; no network is
    asked.

    Args:
        model: the name or the folder.
        classes: the class in transformers, by the type that a model's config names.
        what: begins the message of an error: "image-text model".
        dtype: of the model.
        device: likewise.

    Raises:
        InputError: transformers is not installed or lacks the class, or the model is of another type, or is not whole.
    """
    where = f"{what} {model}"
    try:
        import transformers
    except ImportError:
        raise InputError(f"{where}: needs transformers; type: pip install 'tvdrnet_nv[text]'") from None
    config = readable(where, lambda: transformers.AutoConfig.from_pretrained(model))
    known = classes.get(config.model_type)
    if known is None:
        raise InputError(
            f"{where}: is of the type {config.model_type}; give one of the type {' or '.join(dict.fromkeys(classes))}"
        )
    if not hasattr(transformers, known):
        raise InputError(
            f"{where}: transformers {transformers.__version__} has no {known}; type: pip install -U transformers"
        )
    with _without_progress_bars():
        load = getattr(transformers, known).from_pretrained
        found, loading = readable(where, lambda: load(model, output_loading_info=True))
    missing = sorted([*loading["missing_keys"], *(str(key) for key in loading["mismatched_keys"])])
    if missing:
        raise InputError(
            f"{where}: {len(missing)} of its weights are missing or of another shape, such as {missing[0]}; get the "
            "model's files again"
        )
    return found.to(device=device, dtype=dtype).eval().requires_grad_(False)


def readable(where: str, read: Callable[[], Found]) -> Found:
    """What `read` reads of a model's files on this machine.

    Raises:
        InputError: it cannot.
    """
    try:
        with without_network():
            return read()
    except InputError:
        raise
    except Exception as error:  # the hub's and the readers' errors have no common class
        raise InputError(f"{where}: {why_not_loaded(error)}") from error


def processor_settings(model: str) -> tuple[dict[str, Any], str]:
    """The settings of a model's image processor, and the name of the file that they are from."""
    from transformers.image_processing_base import ImageProcessingMixin

    settings, _ = ImageProcessingMixin.get_image_processor_dict(model)
    files = ("processor_config.json", "preprocessor_config.json")
    return settings, next((name for name in files if (Path(model) / name).is_file()), files[-1])


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
