"""The options of `tvdr-nv view`."""

from __future__ import annotations

from pathlib import Path

from tvdrnet_nv.cli._options import INPUT, OTHER, PICTURE, Group, option
from tvdrnet_nv.viewer.view_job import HOST, PORT, TRIANGLES

VIEW_OPTIONS: Group = {
    "run_folder": option(
        Path | None,
        "--run",
        "DIR",
        "Show the cameras of a run: a folder that tvdr-nv optimize has written.",
        INPUT,
    ),
    "labels": option(
        Path | None,
        "--labels",
        "FILE",
        "The labels file, for clicks on objects and for sentences. Default: SCENE.labels.ply beside SCENE.ply.",
        INPUT,
    ),
    "text_model": option(
        str | None,
        "--text-model",
        "NAME|DIR",
        "The encoder of sentences' words: a model that sentence-transformers knows. Default: all-MiniLM-L6-v2.",
        INPUT,
    ),
    "host": option(
        str,
        "--host",
        "ADDRESS",
        f"Where the page is served. Whoever reaches the address can use the page: {HOST}, the default, lets in this "
        "machine alone (from another one, forward the port by SSH), 0.0.0.0 everybody.",
        OTHER,
    ),
    "port": option(int, "--port", "N", f"The page's port; 0: any that is free. Default: {PORT}.", OTHER),
    "image_size": option(
        str | None,
        "--image-size",
        "N|WxH",
        "Pixels of the renders beside the scene (default: 512), and of the runs' (default: 256).",
        PICTURE,
    ),
    "triangles": option(
        int,
        "--triangles",
        "N",
        "The browser gets a simplified scene where it has more triangles; renders and runs use all of them. Default: "
        f"{TRIANGLES:,}.",
        PICTURE,
    ),
}
