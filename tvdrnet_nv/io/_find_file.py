"""Files that a scene file names, found as the program that wrote it would find them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from urllib.parse import unquote


def find_file(folder: Path, name: str) -> Path | None:
    """The file `name` beside a scene in `folder`; None where there is none.

    Backslashes are taken as slashes, quotes are left out, `%20` is a blank, and letters of the other case match, and
    accents written in another way, where no exact name does. A path of another machine is looked for by its last
    parts, the most of them first.

    Only files in `folder` and in the folder that holds it are found: a scene of unknown origin shall not read others.
    """
    plain = name.strip().strip('"').replace("\\", "/")
    whole = dict.fromkeys((name, plain, unquote(plain)))
    parts = [part for part in plain.split("/") if part]
    tails = ["/".join(parts[first:]) for first in range(1, len(parts)) if parts[first] != ".."]
    for variant in (*whole, *tails, *(unquote(tail) for tail in tails if "%" in tail)):
        found = _walk(folder, variant)
        if found is not None:
            return found
    return None


def decode_name(raw: bytes) -> str:
    """A name in UTF-8, or else in Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _walk(folder: Path, name: str) -> Path | None:
    if not name or "\0" in name:
        return None
    try:
        name = os.path.normpath(name)
        exact = folder / name
        if not _near(folder, exact):
            return None
        if exact.is_file():
            return exact
        at = folder
        for part in Path(name).parts:
            if part in ("..", ".", "/") or (at / part).exists():
                at = at / part
                continue
            with os.scandir(at) as entries:
                same = sorted(entry.name for entry in entries if _alike(entry.name) == _alike(part))
            if not same:
                return None
            at = at / same[0]
        return at if at.is_file() else None
    except (OSError, ValueError):  # a name too long or not encodable, a folder that may not be read
        return None


def _alike(name: str) -> str:
    """The same for names that differ in case, in how their accents are written (macOS takes them apart), or in being
    Latin-1 bytes, as of an archive from Windows."""
    return unicodedata.normalize("NFC", decode_name(os.fsencode(name))).lower()


def _near(folder: Path, file: Path) -> bool:
    """Whether a path leads into `folder` or into its parent, which a root folder does not count as. Links are the
    user's own, and are followed."""
    inside = Path(os.path.abspath(folder))
    base = inside if inside.parent == Path(inside.anchor) else inside.parent
    return Path(os.path.abspath(file)).is_relative_to(base)
