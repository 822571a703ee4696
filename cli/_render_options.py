"""The options of `tvdr-nv render` that say which pictures are wanted."""

from __future__ import annotations

from tvdrnet_nv.choices import Mode, TurntableFormat
from tvdrnet_nv.cli._options import OUTPUT, PICTURE, Group, option

RENDER_OPTIONS: Group = {
    "mode": option(
        Mode,
        "--mode",
        "MODE",
        "single: one view; turntable: once around the scene; grid: 4 elevations × 8 azimuths; all: these three.",
        OUTPUT,
    ),
    "format": option(
        TurntableFormat | None,
        "--format",
        "gif|mp4|png",
        "Format of the turntable; png writes numbered pictures. The other pictures are PNG. Default: gif.",
        OUTPUT,
    ),
    "num_views": option(int, "--num-views", "N", "Number of views in the turntable.", OUTPUT),
    "image_size": option(
        str | None,
        "--image-size",
        "N|WxH",
        "Size in pixels. Default: the size in the --camera file, otherwise 512.",
        PICTURE,
    ),
}
