"""What a comparison is made of: a TOML file, checked field by field."""

import math
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from tvdrnet_nv import InputError

ARMS = {
    "uniform": "four views of the whole room; the decoder is trained",
    "frozen": "the mapping's views as it was; the decoder is trained",
    "detached": "both are trained; FocusOn alone trains the views",
    "joint": "both are trained; the mask's loss and FocusOn train the views",
    "joint-alone": "both are trained; the mask's loss alone trains the views",
}


@dataclass(frozen=True)
class Settings:
    """The numbers of a run; `rooms.toml` says what each is."""

    arms: tuple[str, ...] = tuple(ARMS)
    seeds: tuple[int, ...] = (0, 1, 2)
    rooms: int = 64
    validation: int = 8
    test: int = 16
    triangles: int = 5000
    pixels: int = 96
    steps: int = 1000
    queries: int = 4
    mapping: str = "default"
    decoder: str = "default"
    decoder_rate: float = 5e-4
    mapping_rate: float = 3e-4
    focus: float = 1.0
    doubt: float = 1.0
    save_every: int = 50

    def __post_init__(self) -> None:
        for name in ("rooms", "validation", "test", "steps", "queries", "save_every"):
            if getattr(self, name) < 1:
                raise InputError(f"{name}={getattr(self, name)}: wanted 1 or more")
        for name, least in (("triangles", 5000), ("pixels", 16)):
            if getattr(self, name) < least:
                raise InputError(f"{name}={getattr(self, name)}: wanted {least} or more")
        for name in ("decoder_rate", "mapping_rate", "doubt", "focus"):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0 or (value == 0 and name != "focus"):
                raise InputError(f"{name}={value}: wanted a positive number")
        for arm in self.arms:
            if arm not in ARMS:
                raise InputError(f"arms: {arm!r} is none of {', '.join(ARMS)}")
        for name in ("arms", "seeds"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise InputError(f"{name}={list(values)}: wanted one or more, each once")


def read_settings(file: Path) -> Settings:
    """The settings of a TOML file; what it does not name has its default.

    Raises:
        InputError: no such file, no TOML, an unknown name, a value of another type or out of range.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"settings {file}: cannot be read; give a TOML file such as rooms.toml") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"settings {file}: no TOML: {error}") from error
    known = {field.name: field.default for field in fields(Settings)}
    values: dict = {}
    for name, value in content.items():
        if name not in known:
            raise InputError(f"settings {file}: {name!r} is not known; there are {', '.join(known)}")
        values[name] = _as(known[name], value, f"settings {file}: {name}")
    try:
        return Settings(**values)
    except InputError as error:
        raise InputError(f"settings {file}: {error}") from error


def _as(default: object, value: object, what: str) -> object:
    """A value of the default's type."""
    if isinstance(default, tuple):
        if not isinstance(value, list):
            raise InputError(f"{what}={value!r}: wanted a list")
        return tuple(_as(default[0], one, what) for one in value)
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(default):
        kind = {int: "a whole number", float: "a number", str: "a text"}[type(default)]
        raise InputError(f"{what}={value!r}: wanted {kind}")
    return value
