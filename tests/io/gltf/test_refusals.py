"""glTF files that are refused by name, and broken ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.io.examples import TRIANGLES, VERTICES
from tests.io.gltf.test_materials import UV, textured
from tests.io.gltf.writer import GltfFile, quad, read
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh


def _meshopt(file: GltfFile) -> None:
    file.mesh(VERTICES, TRIANGLES)  # one mesh of several
    for view in file.tree["bufferViews"][-2:]:
        view["extensions"] = {"EXT_meshopt_compression": {"buffer": 0}}
        view["buffer"] = file.add("buffers", {"byteLength": view["byteLength"]})
    file.tree["extensionsRequired"] = ["EXT_meshopt_compression"]


def _ktx2(file: GltfFile) -> None:
    texture = file.texture(b"\xabKTX 20\xbb\r\n\x1a\n")
    file.tree["textures"][0] = {"extensions": {"KHR_texture_basisu": {"source": 0}}}
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": texture}}}
    file.tree["meshes"][0]["primitives"][0]["material"] = file.add("materials", material)


def _edit(*path: Any, value: Any) -> Callable[[GltfFile], None]:
    def change(file: GltfFile) -> None:
        at = file.tree
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


def _dag(file: GltfFile) -> None:
    file.tree["nodes"] += [{"children": [0, 0]}]
    file.tree["scenes"][0]["nodes"] = [1]


REFUSED: dict[str, tuple[Callable[[GltfFile], None], str]] = {
    "meshopt": (_meshopt, r"EXT_meshopt_compression.*`gltf-transform copy a\.glb plain\.glb`"),
    "ktx2": (_ktx2, r"KTX2.*`gltf-transform ktxdecompress a\.glb plain\.glb`"),
    "unknown": (_edit("extensionsRequired", value=["ACME_shape"]), "needs the glTF extension ACME_shape"),
    "version": (_edit("asset", "version", value="1.0"), r"is glTF 1\.0"),
    "least": (_edit("asset", "minVersion", value="2.1"), r"needs a reader of glTF 2\.1 \(asset\.minVersion\)"),
    "uint32": (_edit("accessors", 0, "componentType", value=5125), "POSITION is stored as uint32"),
    "stride": (_edit("bufferViews", 0, "byteStride", value=4), "elements of 12 bytes that are 4 bytes apart"),
    "scene": (_edit("scene", value="0"), r"scenes\['0'\] is not there; it has 1"),
    "index": (_edit("meshes", 0, "primitives", 0, "indices", value=9), r"accessors\[9\] is not there"),
    "negative": (_edit("nodes", 0, "mesh", value=-1), r"meshes\[-1\] is not there"),
    "huge": (_edit("accessors", 0, "count", value=2**40), "1099511627776 elements"),
    "huge-zeros": (_edit("accessors", 0, value={"count": 2**40, "componentType": 5126, "type": "VEC3"}), "without any"),
    "cut": (_edit("bufferViews", 0, "byteLength", value=10**6), "reaches to byte"),
    "missing": (_edit("bufferViews", 0, value={"buffer": 0}), "'byteLength' is missing"),
    "scale": (_edit("nodes", 0, "scale", value=[1, "x", 1]), "cannot be parsed"),
    "nan": (_edit("nodes", 0, "translation", value=[1, float("nan"), 1]), "not 3 finite numbers"),
    "cycle": (_edit("nodes", 0, "children", value=[0]), "holds no triangles|more than one parent"),
    "dag": (_dag, "more than one parent"),
    "kinds": (_edit("nodes", value={"a": 1}), "'nodes' is no list"),
    "strings": (_edit("meshes", 0, "primitives", value="abc"), "an entry is of another type than the specification"),
    "buffer": (_edit("buffers", 0, "uri", value="gone.bin"), r"its buffer gone\.bin was not found"),
    "cloud": (
        _edit("meshes", 0, "primitives", 0, "mode", value=0),
        r"holds no triangles\. Its primitives of points \(1\)",
    ),
    "mode": (_edit("meshes", 0, "primitives", 0, "mode", value=9), "mode 9"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    change, message = REFUSED[kind]
    file = quad()
    change(file)
    with pytest.raises(InputError, match=message) as caught:
        read(file, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/a.glb: ")
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_gltf(tmp_path: Path) -> None:
    whole = quad().write(tmp_path / "a.glb").read_bytes()
    path = tmp_path / "b.glb"
    for data in (b"glTFnonsense" * 9, b"hello", whole[:-40], whole[:30], b"{", b"[]", b'{"asset": 3}', b"[" * 100_000):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"b\.glb: "):
            load_mesh(path)


def test_bytes_after_the_end_of_a_glb_are_noted(tmp_path: Path) -> None:
    path = quad().write(tmp_path / "a.glb")
    path.write_bytes(path.read_bytes() + b"more bytes")
    assert load_mesh(path).notes == ("10 bytes after its end are not read.",)


def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    g = np.random.default_rng(0)
    whole = np.frombuffer(textured(UV, {}).write(tmp_path / "a.glb").read_bytes(), dtype=np.uint8)
    refused = 0
    for _ in range(400):
        data = whole.copy()
        data[g.integers(0, len(data), g.integers(1, 6))] = g.integers(0, 256)
        (tmp_path / "b.glb").write_bytes(data.tobytes())
        try:
            load_mesh(tmp_path / "b.glb")
        except InputError:
            refused += 1
    assert 0 < refused < 400


@pytest.mark.parametrize("kind", ["", "file:", "../../", "../scene/../../", "..%2F..%2F", "nothing/../../../"])
def test_a_buffer_of_another_folder_is_not_read(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "scenes" / "scene"
    folder.mkdir(parents=True)
    file = quad()
    file.write(folder / "a.gltf")
    secret = tmp_path / "secret.bin"
    (folder / "buffer one.bin").rename(secret)
    uri = kind + (str(secret) if kind in ("", "file:") else "secret.bin")
    file.tree["buffers"][0]["uri"] = uri
    (folder / "a.gltf").write_text(json.dumps(file.tree))
    with pytest.raises(InputError, match=r"its buffer .* was not found; put it beside the file"):
        load_mesh(folder / "a.gltf")
    secret.rename(folder.parent / "secret.bin")  # a folder beside the scene's may have it
    file.tree["buffers"][0]["uri"] = "../secret.bin"
    (folder / "a.gltf").write_text(json.dumps(file.tree))
    assert load_mesh(folder / "a.gltf").num_faces == len(TRIANGLES)
