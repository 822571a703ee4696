"""`python -m tvdrnet_nv.benchmarks.photos.make_path_traced`: makes the kept pictures again, in some ten minutes.

Needs mitsuba (`pip install 'tvdrnet_nv[peers]'`). Runs from a checkout.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tvdrnet_nv.benchmarks.photos import cameras
from tvdrnet_nv.benchmarks.photos.development import Development, developed
from tvdrnet_nv.benchmarks.photos.methods import renderer_for
from tvdrnet_nv.benchmarks.photos.path_traced import FOLDER, INDEX, RoomChoice
from tvdrnet_nv.benchmarks.photos.path_tracer import SAMPLES, VARIANT, Person, radiance
from tvdrnet_nv.camera import Camera

RESOLUTION = (120, 160)
TRIANGLES = 300_000
QUALITY = 88  # of the JPEG files
ROOMS = {RoomChoice(1, False): (4, 2), RoomChoice(2, True): (3, 1)}  # how many pictures from inside and from outside
_FOR_THE_ROOM = 2.0  # from outside the exposure is for the room, not for the sky beside it
_PEOPLE = {1: Person(1.7, 0.5), 3: Person(2.1, -0.6), 7: Person(1.9, 0.35)}  # in which pictures somebody stands


def main(folder: Path) -> None:
    """Write the pictures and their index into a folder."""
    import mitsuba as mi  # pyright: ignore[reportMissingImports]

    rng = np.random.default_rng(20)
    entries: list[dict[str, Any]] = []
    for choice, (within, without) in ROOMS.items():
        mesh = choice.mesh(TRIANGLES)
        renderer = renderer_for(mesh, RESOLUTION)
        places = [*islice(cameras.inside(renderer, rng), within), *islice(cameras.outside(renderer, rng), without)]
        for index, camera in enumerate(places):
            number = len(entries)
            print(f"picture {number} of {choice.name}", file=sys.stderr)
            indoors, person = index < within, _PEOPLE.get(number)
            light = radiance(mesh, camera, RESOLUTION, indoors=indoors, person=person, seed=number)
            how = _development(rng, indoors=indoors)
            name = f"{number:02d}.jpg"
            pixels = developed(light, how, rng)
            Image.fromarray(np.round(255 * pixels).astype(np.uint8)).save(folder / name, quality=QUALITY)
            entries.append(_entry(name, choice, camera, indoors, person, how))
    made_by = {"program": f"Mitsuba {mi.__version__}, {VARIANT}, path", "samples": SAMPLES, "triangles": TRIANGLES}
    lines = ",\n  ".join(json.dumps(entry) for entry in entries)
    text = f'{{\n "made_by": {json.dumps(made_by)},\n "pictures": [\n  {lines}\n ]\n}}\n'
    (folder / INDEX).write_text(text, "utf-8")


def _development(rng: np.random.Generator, *, indoors: bool) -> Development:
    red, blue = np.round(np.exp(rng.uniform(-0.15, 0.15, 2)), 3).tolist()
    return Development(
        exposure=round(float(rng.uniform(0.8, 1.25)) * (1 if indoors else _FOR_THE_ROOM), 3),
        white_balance=(red, 1.0, blue),
        vignetting=round(float(rng.uniform(0.15, 0.4)), 3),
        blur=round(float(rng.uniform(0.4, 0.8)), 3),
        noise=round(float(rng.uniform(0.01, 0.03)), 4),
    )


def _entry(
    name: str, choice: RoomChoice, camera: Camera, indoors: bool, person: Person | None, how: Development
) -> dict[str, Any]:
    return {
        "file": name,
        "room": asdict(choice),
        "camera": camera.to_dict(),
        "indoors": indoors,
        "person": None if person is None else asdict(person),
        "development": asdict(how),
    }


if __name__ == "__main__":
    main(FOLDER)
