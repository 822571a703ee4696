"""The options of `tvdr-nv render` that say which pictures are wanted."""

from __future__ import annotations

from tvdrnet_nv.choices import Mode, TurntableFormat
from tvdrnet_nv.cli._options import OUTPUT, PICTURE, Group, option

RENDER_OPTIONS: Group = {
    "mode": option(
        Mode,
        "--mode",
        "MODE",
        "single view, turntable (a turn around the scene), grid (4 elevations × 8 azimuths), or all three.",
        OUTPUT,
    ),
    "format": option(
        TurntableFormat | None,
        "--format",
        "gif|mp4|png",
        "Of the turntable; png: numbered pictures. The others are PNG. Default: gif.",
        OUTPUT,
    ),
    "num_views": option(int, "--num-views", "N", "Views of the turntable.", OUTPUT),
    "image_size": option(
        str | None, "--image-size", "N|WxH", "Pixels. Default: what the --camera file says, else 512.", PICTURE
    ),
}
