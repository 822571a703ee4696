"""A glTF file's tree and bytes: GLB chunks, buffers, URIs."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._find_file import decode_name, find_file
from tvdrnet_nv.io.json_text import parse_json

TOOL = "npm install --global @gltf-transform/cli"
_JSON, _BINARY = 0x4E4F534A, 0x004E4942  # the types of a GLB's chunks


class Broken(ValueError):
    """The file contradicts the glTF specification; the message says where."""


# What a tree that is not as the specification says runs into.
_BROKEN = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, MemoryError)


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """What goes wrong in reading a file becomes one sentence.

    Raises:
        InputError: whatever the block raises because of the file.
    """
    try:
        yield
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (*_BROKEN, struct.error) as error:
        reason = " ".join(str(error).split())[:200]
        if isinstance(error, AttributeError | TypeError):
            reason = "an entry is of another type than the specification says"
        reason = f"{reason} is missing" if isinstance(error, KeyError) else reason or type(error).__name__
        raise InputError(f"{path}: cannot be parsed ({reason}); export or download it again") from error


class Document:
    """An opened glTF file.

    Attributes:
        path: the file.
        tree: its JSON.
        notes: what was not used, a sentence each; readers append.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        data = path.read_bytes()
        self._binary: memoryview | None = None
        text = self._chunks(data) if data[:4] == b"glTF" else data
        tree = parse_json(bytes(text).decode("utf-8-sig").rstrip("\0 "))
        if not isinstance(tree, dict):
            raise Broken("its JSON is no object")
        self.tree: dict[str, Any] = tree
        self.size = len(data)  # with all that was read: bounds what the file may claim to hold
        self._buffers: dict[int, memoryview] = {}
        self._check_version(tree.get("asset") or {})

    def _check_version(self, asset: dict[str, Any]) -> None:
        version, least = str(asset.get("version", "2.0")), asset.get("minVersion")
        if version.split(".")[0] != "2":
            raise self.refuse(
                f"is glTF {version}, wanted 2.0; convert it with `gltf-pipeline -i {self.path.name} -o converted.glb`"
            )
        if least is not None and str(least) != "2.0":
            raise self.refuse(f"needs a reader of glTF {least} (asset.minVersion), and 2.0 is read; export it as 2.0")

    def _chunks(self, data: bytes) -> bytes | memoryview:
        """The JSON of a GLB; keeps its binary chunk."""
        if len(data) < 20:
            raise Broken("the file ends within its header")
        _, version, length = struct.unpack_from("<4sII", data)
        if version != 2:
            raise InputError(
                f"{self.path}: is a GLB of version {version}, wanted 2; convert it with "
                f"`gltf-pipeline -i {self.path.name} -o converted.glb`"
            )
        if length > len(data):
            raise Broken(f"the file is truncated: it says {length} bytes, but has {len(data)}")
        text: memoryview | None = None
        at = 12
        while at + 8 <= length:
            size, kind = struct.unpack_from("<II", data, at)
            if at + 8 + size > length:
                raise Broken("a chunk reaches beyond the file's end: it is truncated")
            chunk = memoryview(data)[at + 8 : at + 8 + size]
            if kind == _JSON and text is None:
                text = chunk
            elif kind == _BINARY and self._binary is None:
                self._binary = chunk
            at += 8 + size
        if text is None:
            raise Broken("the GLB has no JSON")
        if len(data) - length > 3:  # fewer may fill it up
            self.notes.append(f"{len(data) - length:,} bytes after its end are not read.")
        return text

    def refuse(self, why: str) -> InputError:
        """An error that names the file."""
        return InputError(f"{self.path}: {why}")

    def items(self, kind: str) -> list[Any]:
        """A list at the top of the tree; empty where it is missing."""
        found = self.tree.get(kind, [])
        if not isinstance(found, list):
            raise Broken(f"'{kind}' is no list")
        return found

    def item(self, kind: str, index: Any) -> dict[str, Any]:
        """An entry of such a list."""
        found = self.items(kind)
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(found):
            raise Broken(f"{kind}[{index!r}] is not there; it has {len(found)}")
        if not isinstance(found[index], dict):
            raise Broken(f"{kind}[{index}] is no object")
        return found[index]

    def extensions(self, kind: str) -> list[str]:
        """'extensionsUsed' or 'extensionsRequired'."""
        return [str(name) for name in self.items(kind)]

    def view(self, index: Any) -> tuple[memoryview, int]:
        """A buffer view's bytes, and its stride, 0 for none."""
        view = self.item("bufferViews", index)
        self._check_plain(view)
        offset, length = whole(view.get("byteOffset", 0)), whole(view["byteLength"])
        buffer = self._buffer(view["buffer"])
        if offset + length > len(buffer):
            raise Broken(f"bufferViews[{index}] reaches to byte {offset + length} of a buffer of {len(buffer)}")
        return buffer[offset : offset + length], whole(view.get("byteStride", 0))

    def _check_plain(self, view: dict[str, Any]) -> None:
        """Refuse a view whose bytes are there in compressed form only."""
        for name in ("EXT_meshopt_compression", "KHR_meshopt_compression"):
            if name in (view.get("extensions") or {}):
                buffers, index = self.items("buffers"), view.get("buffer")
                there = isinstance(index, int) and 0 <= index < len(buffers) and "uri" in buffers[index]
                if not there:
                    raise self.refuse(compressed(name, self.path))

    def _buffer(self, index: Any) -> memoryview:
        if index in self._buffers:
            return self._buffers[index]
        buffer = self.item("buffers", index)
        uri = buffer.get("uri")
        if uri is not None:
            found = self.fetch(uri)
            if found is None:
                raise self.refuse(f"its buffer {_short(uri)} was not found; put it beside the file")
            data = memoryview(found)
        elif index == 0 and self._binary is not None:
            data = self._binary
        else:
            raise Broken(f"buffers[{index}] has no data")
        self._buffers[index] = data
        return data

    def fetch(self, uri: Any) -> bytes | None:
        """The bytes at a URI; None where there is no such file. Addresses on the web are refused."""
        if not isinstance(uri, str):
            raise Broken("a URI is no text")
        if uri[:5].lower() == "data:":
            head, comma, body = uri.partition(",")
            if not comma:
                raise Broken("a data URI has no data")
            raw = unquote_to_bytes(body)
            try:
                return base64.b64decode(raw + b"=" * (-len(raw) % 4)) if head.endswith(";base64") else raw
            except binascii.Error as error:
                raise Broken(f"a data URI cannot be decoded ({error})") from None
        name = decode_name(unquote_to_bytes(uri))
        if "://" in name:
            return None
        found = find_file(self.path.parent, uri) or find_file(self.path.parent, name.removeprefix("file:"))
        if found is None:
            return None
        data = found.read_bytes()
        self.size += len(data)
        return data


def compressed(name: str, path: Path) -> str:
    """What to say of compressed geometry that is not decoded."""
    return (
        f"is compressed with {name}, which is not read; type `gltf-transform copy {path.name} plain.glb` ({TOOL}) and "
        "give plain.glb"
    )


def whole(value: Any) -> int:
    """A number of bytes or things, from 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 0:
        raise Broken(f"{value!r} is no number of bytes or elements")
    return int(value)


def floats(value: Any, count: int, default: list[float]) -> np.ndarray:
    """[count] float64 finite numbers of a JSON list; the default where it is missing."""
    if value is None:
        return np.array(default, dtype=np.float64)
    array = np.array(value, dtype=np.float64)
    if array.shape != (count,) or not np.isfinite(array).all():
        raise Broken(f"{str(value)[:60]} are not {count} finite numbers")
    return array


def _short(uri: str) -> str:
    return uri if len(uri) < 80 else f"{uri[:77]}..."
