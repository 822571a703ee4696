"""Whole files of every kind that is read, and how each is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.io.cameras.examples import random_cameras
from tests.io.gltf.writer import GltfFile
from tests.io.test_stl import binary, text
from tvdrnet_nv.datasets import Referral
from tvdrnet_nv.datasets.scannet_labels import with_table
from tvdrnet_nv.evaluation import (
    FoundInstance,
    Query,
    encode_runs,
    open_answers,
    read_instances,
    read_mask,
    read_truth,
    scanrefer_entry,
    write_entries,
    write_instances,
    write_mask,
)
from tvdrnet_nv.evaluation.mask_files import MASK_SUFFIXES
from tvdrnet_nv.io import Labels, load_camera, load_labels, load_mesh, save_labels, save_ply
from tvdrnet_nv.io.cameras import FORMATS, matterport, read_cameras, write_cameras
from tvdrnet_nv.scenes import textured_box

Reader = Callable[[Path], Any]

_OBJ = """mtllib m.mtl
v 0 0 0 255 0 0
v 4 0 0
v 4 3 0
v 0 3 0
v 2 1 1
vt 0 0
vt 1 0
vt 1 1
usemtl a
f 1/1 2/2 3/3 4/1
f -1/-1 -2/-2 -3/-3
f 1 2 5
"""
_PAINTED = "v 0 0 0\nv 4 0 0\nv 4 3 0\n#MRGB ff0000ffff00ff00ffff0000\nfo 1 2 \\\n 3\n"
_TABLE = "id\traw_category\tnyu40id\n1\twall\t1\n2\toffice chair\t5\n"
_MATTERPORT = """dataset matterport
color_directory pictures
intrinsics_matrix 1000 0 640 0 1000 512 0 0 1
scan a_d0_0.png a_i0_0.jpg 1 0 0 1 0 1 0 2 0 0 1 3 0 0 0 1
"""
_OFF = "COFF\n4 2 0\n0 0 0 255 0 0 255\n4 0 0 9 9 9 255\n4 3 0 0 0 0 0\n0 3 0 1 2 3 4\n4 0 1 2 3 1 0 0\n3 0 1 2\n"
_PLY = """ply
format ascii 1.0
comment TextureFile none.png
element vertex 4
property float x
property float y
property double z
property uchar red
property uchar green
property uchar blue
element face 2
property list uchar int vertex_indices
property list uchar float texcoord
end_header
0 0 0 1 2 3
1 0 0 1 2 3
1 1 0 1 2 3
0 1 0 1 2 3
3 0 1 2 6 0 0 1 0 1 1
4 0 1 2 3 0
"""


def examples(folder: Path) -> Iterator[tuple[Path, Path, Reader]]:
    """A file, what of it is read (the file, or the folder that it is in), and the reader."""
    mesh = textured_box(2)
    save_ply(mesh, folder / "binary.ply")
    (folder / "text.ply").write_text(_PLY)
    (folder / "a.obj").write_text(_OBJ)
    (folder / "m.mtl").write_text("newmtl a\nKd 0.5 0.2 0.1\nmap_Kd -s 2 2 none.png\n")
    file = GltfFile()
    colors = file.accessor(np.full((4, 3), 40000, dtype="u2"), normalized=True)
    file.mesh(np.eye(4, 3), [[0, 1, 2], [0, 2, 3]], COLOR_0=colors)
    file.write(folder / "a.glb")
    (folder / "painted.obj").write_text(_PAINTED)
    (folder / "a.off").write_text(_OFF)
    (folder / "binary.stl").write_bytes(binary())
    (folder / "text.stl").write_bytes(text())
    for name in ("binary.ply", "text.ply", "a.obj", "painted.obj", "a.glb", "a.off", "binary.stl", "text.stl"):
        yield folder / name, folder / name, load_mesh
    yield folder / "m.mtl", folder / "a.obj", load_mesh
    (folder / "labels.tsv").write_text(_TABLE)
    yield folder / "labels.tsv", folder / "labels.tsv", partial(with_table, Labels(np.arange(3), {}))
    (folder / "house.conf").write_text(_MATTERPORT)
    yield folder / "house.conf", folder / "house.conf", matterport.read
    save_labels(mesh, Labels(np.arange(mesh.num_vertices) % 3, {1: "chair"}), folder / "a.labels.ply")
    yield folder / "a.labels.ply", folder / "a.labels.ply", load_labels
    cameras = random_cameras(3, centred=True)
    for name in FORMATS:
        path = folder / f"cameras-{name}"
        path = path if FORMATS[name].folder else path.with_suffix((FORMATS[name].suffixes or (".json",))[0])
        write_cameras(path, cameras, name)
        read = partial(read_cameras, format=name, lens=cameras[0].lens if name in ("tum", "kitti") else None)
        for part in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
            yield part, path, read
    trajectory = folder / "trajectory.log"
    write_cameras(trajectory, cameras, "open3d")
    yield trajectory, trajectory, partial(read_cameras, format="open3d", lens=cameras[0].lens)
    one = folder / "one.json"
    one.write_text(
        '{"R": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "T": [0.0, 0.5, 4.0], "fov": 60.0, "near": 0.1, "far": 90}'
    )
    yield one, one, load_camera
    yield from _evaluated(folder)


def _evaluated(folder: Path) -> Iterator[tuple[Path, Path, Reader]]:
    """Predictions and what they are compared with."""
    mask = np.arange(40) % 3 == 0
    for suffix in MASK_SUFFIXES:
        file = folder / f"mask{suffix}"
        write_mask(file, mask)
        yield file, file, partial(read_mask, num_vertices=40)
    (folder / "truth.txt").write_text("0\n5\n5001\n39002\n")
    yield folder / "truth.txt", folder / "truth.txt", read_truth
    instances = write_instances(folder, "scene0000_00", [FoundInstance(mask, 5, 0.5)])
    yield instances, instances, partial(_all_instances, num_vertices=40)
    query = Query("a-1-0", Referral("a", (1,), "it", "scanrefer", number="0"))
    for name, entry in (("boxes.json", scanrefer_entry(query, np.eye(2, 3))), ("m.jsonl", {"mask": encode_runs(mask)})):
        file = folder / name
        write_entries(file, [{"query": query.key, **entry}])
        yield file, file, partial(_answer, query)


def _all_instances(path: Path, num_vertices: int) -> Any:
    return list(read_instances(path, num_vertices))


def _answer(query: Query, path: Path) -> Any:
    return open_answers(path, [query]).load(query.key, 40, 0.5)
