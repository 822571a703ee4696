"""The library's messages in the words of the command line."""

from __future__ import annotations

import re
from functools import cache
from typing import get_args

from typer.models import OptionInfo

from tvdrnet_nv.cli._batch_options import BATCH_OPTIONS
from tvdrnet_nv.cli._evaluate_options import EVALUATE_OPTIONS
from tvdrnet_nv.cli._options import CAMERA_OPTIONS, OUTPUT_OPTIONS, RENDERING_OPTIONS
from tvdrnet_nv.cli._render_options import RENDER_OPTIONS
from tvdrnet_nv.cli._search_options import SEARCH_OPTIONS
from tvdrnet_nv.cli._segment_options import SEGMENT_OPTIONS
from tvdrnet_nv.cli._view_options import VIEW_OPTIONS


def in_flags(text: str) -> str:
    """A message in which the name of a job's field, in backticks, has become its option: `learning_rate`, --lr."""
    return re.sub(r"`([\w=]+)`", lambda found: _flags().get(found[1], found[0]), text)


@cache
def _flags() -> dict[str, str]:
    """The option of each field; "search=False" is the one that switches off."""
    flags = {}
    groups = (SEGMENT_OPTIONS, SEARCH_OPTIONS, RENDER_OPTIONS, CAMERA_OPTIONS, RENDERING_OPTIONS, OUTPUT_OPTIONS)
    # In a batch `scene` is a column as well.
    for group in (VIEW_OPTIONS, *groups, EVALUATE_OPTIONS, BATCH_OPTIONS):
        for name, kind in group.items():
            if name == "scene":
                continue
            option = next(part for part in get_args(kind) if isinstance(part, OptionInfo))
            on, _, off = str(option.default).strip().partition("/")
            flags[name] = on or off
            if off:
                flags[f"{name}=False"] = off
    return flags
