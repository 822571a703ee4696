"""A job's row in the table of results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NUMBERS = ("distance", "elevation", "azimuth", "fov", "roll")


def schema() -> Any:
    """The Arrow schema of results.parquet. All columns but `attempts` and `seconds` are the same in every run."""
    import pyarrow as pa

    numbers = pa.list_(pa.float64())
    return pa.schema(
        [
            ("number", pa.int64()),
            ("name", pa.string()),
            ("scene", pa.string()),
            ("state", pa.string()),
            ("kind", pa.string()),
            ("reason", pa.string()),
            ("status", pa.string()),
            ("found", pa.bool_()),
            ("loss", pa.float64()),
            ("initial_loss", pa.float64()),
            ("quality", pa.float64()),
            ("iterations", pa.int64()),
            *((name, pa.float64()) for name in _NUMBERS),
            ("at", numbers),
            ("width", pa.int64()),
            ("height", pa.int64()),
            ("camera_to_world", pa.list_(numbers)),
            ("K", pa.list_(numbers)),
            ("warnings", pa.list_(pa.string())),
            ("files", pa.list_(pa.string())),
            ("folder", pa.string()),
            ("fields", pa.string()),
            ("attempts", pa.int64()),
            ("seconds", pa.float64()),
        ]
    )


def found_row(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a row has of a job's JSON file, optimized_params.json or views.json.

    `camera_to_world` has for each view 16 numbers, row by row, with OpenCV's axes; `K` has 9.
    """
    from tvdrnet_nv.optimization import Status  # late: the driver, which has the table, needs no torch

    views = facts.get("views")
    views = views if isinstance(views, list) else [facts]
    status = facts.get("status")  # several views have none: those that are written were found
    row = {
        "status": status,
        "found": status is None or Status(status).is_found,
        **{name: facts.get(name) for name in ("loss", "initial_loss", "quality", "iterations")},
        "width": facts["image_size"]["width"],
        "height": facts["image_size"]["height"],
        "camera_to_world": [_flat(view["matrices"]["camera_to_world"]) for view in views],
        "K": [_flat(view["matrices"]["opencv"]["K"]) for view in views],
        "warnings": [text for view in views for text in view.get("warnings", [])],
    }
    if len(views) == 1:
        row |= {name: views[0].get(name) for name in (*_NUMBERS, "at")}
    return row


def _flat(matrix: list[list[float]]) -> list[float]:
    return [float(value) for row in matrix for value in row]
