"""Material files beside OBJ files."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from tvdrnet_nv.io._find_file import decode_name, find_file

_BRIGHT = 1.005  # colours up to here are white, and rounded
_LARGEST = 1 << 26  # bytes; a longer one is no MTL file

# How many words follow each option of a map; the three first ones have one to three numbers.
_OPTIONS = {
    "-s": 3, "-o": 3, "-t": 3, "-mm": 2, "-blendu": 1, "-blendv": 1, "-boost": 1, "-bm": 1, "-cc": 1, "-clamp": 1,
    "-imfchan": 1, "-texres": 1, "-type": 1, "-colorspace": 1,
}  # fmt: skip


@dataclass
class Map:
    """A picture of a material: uv * scale + offset are the coordinates in it."""

    name: str
    scale: tuple[float, float] = (1.0, 1.0)
    offset: tuple[float, float] = (0.0, 0.0)
    clamp: bool = False
    unread: list[str] = field(default_factory=list)  # options that are not followed


@dataclass
class Material:
    """A material: the colour and the picture of its surface."""

    name: str
    folder: Path
    color: tuple[float, float, float] | None = None
    opacity: float = 1.0
    picture: Map | None = None
    unread: set[str] = field(default_factory=set)  # its other maps, and a colour in another form


def read_materials(folder: Path, libraries: list[str]) -> tuple[dict[str, Material], list[str]]:
    """The materials that an OBJ file's `mtllib` lines name, and the names of files that are not there.

    A line may name one file with spaces, or several. Where two files have a material of one name, the first one counts.
    """
    materials: dict[str, Material] = {}
    missing = []
    for line in dict.fromkeys(libraries):
        names = [line] if find_file(folder, line) else re.findall(r"\S.*?\.mtl(?=\s|$)|\S+", line, re.IGNORECASE)
        for name in names:
            path = find_file(folder, name)
            if path is None or path.stat().st_size > _LARGEST:
                missing.append(name)
                continue
            try:
                data = path.read_bytes()
            except OSError:
                missing.append(name)
                continue
            for material in parse_materials(data, path.parent):
                materials.setdefault(material.name, material)
    return materials, missing


def parse_materials(data: bytes, folder: Path) -> list[Material]:
    """The materials of an MTL file's bytes. A line that cannot be read is passed over: it changes a colour at most."""
    materials: list[Material] = []
    text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n")
    for line in text.split(b"\n"):
        keyword, _, rest = decode_name(re.split(rb"(?:^|\s)#", line, maxsplit=1)[0]).strip().partition(" ")
        if "\t" in keyword:
            keyword, _, more = keyword.partition("\t")
            rest = f"{more} {rest}"
        keyword, rest = keyword.lower(), rest.strip()
        if keyword == "newmtl":
            materials.append(Material(rest, folder))
        elif materials:
            _read_line(materials[-1], keyword, rest)
    return materials


def _read_line(material: Material, keyword: str, rest: str) -> None:
    if keyword == "kd":
        words = rest.split()[:3]
        numbers = _numbers(words, 3)
        if len(numbers) != len(words) or len(words) not in (1, 3):
            material.unread.add(f"Kd {' '.join(words)[:40]}".strip())  # `xyz`, `spectral`, or what is no number
            return
        if max(numbers) > 2:
            numbers = [number / 255 for number in numbers]
        elif max(numbers) > _BRIGHT:
            material.unread.add("Kd above 1")
        red, green, blue = numbers * 3 if len(numbers) == 1 else numbers  # one number is a grey
        material.color = (red, green, blue)
    elif keyword == "ke":
        if any(number > 0 for number in _numbers(rest.split(), 3)):
            material.unread.add("Ke")
    elif keyword in ("d", "tr"):
        numbers = _numbers(rest.split()[-1:], 1)
        if numbers:
            material.opacity = numbers[0] if keyword == "d" else 1 - numbers[0]
    elif keyword == "map_kd" and rest:
        if material.picture is not None:
            material.unread.add(f"map_Kd {material.picture.name}")  # the last one counts
        material.picture = parse_map(rest)
    elif keyword.startswith(("map_", "bump", "norm", "disp", "decal", "refl")):
        material.unread.add(keyword)


def _numbers(words: list[str], most: int) -> list[float]:
    found = []
    for word in words[:most]:
        try:
            value = float(word)
        except ValueError:
            break
        if not math.isfinite(value):
            break
        found.append(value)
    return found


def parse_map(text: str) -> Map:
    """What stands behind `map_Kd`: options, then the picture's name, which may have spaces."""
    map_ = Map("")
    rest = text
    while True:
        word, _, after = rest.partition(" ")
        option = word.lower()
        if option not in _OPTIONS:
            break
        words = after.split()
        count = min(_OPTIONS[option], max(len(words) - 1, 0))
        if option in ("-s", "-o", "-t", "-mm"):
            values = _numbers(words[:count], count)
            count = len(values)
        else:
            values = []
        if option == "-s" and values:
            map_.scale = (values[0], values[1] if len(values) > 1 else 1.0)
        elif option == "-o" and values:
            map_.offset = (values[0], values[1] if len(values) > 1 else 0.0)
        elif option == "-clamp":
            map_.clamp = words[:1] == ["on"]
        elif option in ("-t", "-mm", "-imfchan"):
            map_.unread.append(option)
        rest = after.strip()
        for _ in range(count):
            rest = rest.partition(" ")[2].lstrip()
    map_.name = rest.strip().strip('"')
    return map_
