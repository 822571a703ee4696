#!/usr/bin/env python3
"""Whether two versions of tvdrnet_nv give the same results to the last bit, on the CPU.

    python benchmarks/same_results.py record FILE [--scan SCAN.ply]    what this interpreter's version gives
    python benchmarks/same_results.py compare OLD.json NEW.json        exit code 1 where they differ

Run it with the interpreter that has the version to ask. It calls public names only, so that one copy of this file
serves an older version as well. A case is a name and the SHA-256 of a result: images, gradients, forward-mode
derivatives, every camera of an optimisation, and the pictures and numbers that the command writes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tvdrnet_nv as tv
from tvdrnet_nv import ops
from tvdrnet_nv.renderer import default_clip_planes

# What differs between two runs of one version, or between two folders.
VOLATILE = {"seconds", "created", "versions", "command", "render_command", "scene", "files", "out"}

Case = tuple[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    record = actions.add_parser("record")
    record.add_argument("file", type=Path)
    record.add_argument("--scan", type=Path, help="a real scan, for one more set of cases")
    compare = actions.add_parser("compare")
    compare.add_argument("old", type=Path)
    compare.add_argument("new", type=Path)
    given = parser.parse_args()
    if given.action == "compare":
        return compared(given.old, given.new)
    torch.set_num_threads(2)
    found = dict(cases(given.scan))
    given.file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} cases written to {given.file}")
    return 0


def compared(old: Path, new: Path) -> int:
    """Print which cases differ; 0 where none does."""
    before, after = (json.loads(path.read_text(encoding="utf-8")) for path in (old, new))
    wrong = [name for name in before if before[name] != after.get(name)]
    for name in wrong:
        print(f"differs: {name}" if name in after else f"missing: {name}")
    print(f"{len(before) - len(wrong)} of {len(before)} cases are the same")
    return 1 if wrong or not before else 0


def digest(value: Any) -> str:
    """SHA-256 of tensors, arrays, files and plain values, nested in any way."""
    sha = hashlib.sha256()

    def add(part: Any) -> None:
        if isinstance(part, torch.Tensor):
            part = part.detach().cpu().contiguous().numpy()
        if isinstance(part, np.ndarray):
            sha.update(f"{part.dtype}{part.shape}".encode())
            sha.update(part.tobytes())
        elif isinstance(part, Path):
            sha.update(part.read_bytes())
        elif isinstance(part, dict):
            for key in sorted(part):
                add(str(key))
                add(part[key])
        elif isinstance(part, list | tuple):
            sha.update(f"{len(part)}".encode())
            for item in part:
                add(item)
        else:
            sha.update(repr(part).encode())

    add(value)
    return sha.hexdigest()


def cases(scan: Path | None) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command("scene", folder / "room.ply", "--triangles", 20000, "--labels", "--quiet")
        yield "room", digest([folder / "room.ply", folder / "room.labels.ply"])
        meshes = {"room": tv.load_mesh(folder / "room.ply"), "textured": textured()}
        if scan is not None:
            meshes["scan"] = tv.load_mesh(scan)
        parts = [op_cases(torch.float32), op_cases(torch.float64), command_cases(folder)]
        for mesh_name, mesh in meshes.items():
            parts += [render_cases(mesh_name, mesh), optimization_cases(mesh_name, mesh)]
        for part in parts:
            for name, value in part:
                yield name, digest(value)
                print(name, flush=True)


# --- ops -------------------------------------------------------------------------------------------------------------


def op_cases(dtype: torch.dtype) -> Iterator[Case]:
    """A soup of triangles that overlap and cross the image's edges, with a textured surface."""
    generator = torch.Generator().manual_seed(3)

    def rand(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64).to(dtype)

    pos = torch.cat([2.4 * rand(2, 90, 3) - 1.2, 1 + rand(2, 90, 1)], 2).requires_grad_()
    tri = torch.randint(90, (60, 3), generator=generator, dtype=torch.int32)
    attr = rand(90, 5).requires_grad_()
    ctx = ops.RasterizeCudaContext()
    rast, rast_db = ops.rasterize(ctx, pos, tri, (37, 53))
    out, out_da = ops.interpolate(attr, rast, tri, rast_db=rast_db, diff_attrs="all")
    picture = rand(1, 32, 32, 3).requires_grad_()
    texels = ops.texture(picture, out[..., :2].contiguous(), out_da[..., :4].contiguous())
    smooth = ops.antialias(texels, rast, pos, tri)
    name = f"ops {str(dtype)[6:]}"
    yield f"{name} forward", [rast, rast_db, out, out_da, texels, smooth]
    weight = rand(*smooth.shape)
    yield f"{name} backward", torch.autograd.grad((smooth * weight).sum(), [pos, attr, picture])
    layers = []
    with ops.DepthPeeler(ctx, pos.detach(), tri, (20, 30)) as peeler:
        for _ in range(3):
            layers += list(peeler.rasterize_next_layer())
    yield f"{name} layers", layers

    def image(points: torch.Tensor) -> torch.Tensor:
        rast, _ = ops.rasterize(ctx, points, tri, (37, 53))
        colors, _ = ops.interpolate(attr.detach(), rast, tri)
        return ops.antialias(colors, rast, points, tri)

    yield f"{name} jvp", torch.func.jvp(image, (pos.detach(),), (rand(*pos.shape),))


# --- rendering -------------------------------------------------------------------------------------------------------


def textured() -> tv.Mesh:
    """A square with a picture of noise on one triangle, and vertex colours on the other."""
    from tvdrnet_nv.mesh import Textures

    vertices = torch.tensor([[-1.0, -1, 0.3], [1, -1, 0], [1, 1, -0.2], [-1, 1, 0]])
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    colors = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.5]])
    picture = torch.rand(32, 32, 3, generator=torch.Generator().manual_seed(1))
    uv = torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    return tv.Mesh(vertices, faces, colors, Textures(uv, (picture,), torch.tensor([0, -1], dtype=torch.int32)))


def orbits(mesh: tv.Mesh, dtype: torch.dtype = torch.float32) -> tv.Orbit:
    """Three cameras: one that sees everything, one from above, one close by."""
    one = tv.scene_orbit(mesh)
    far = one.distance.item()
    return tv.Orbit.create(
        [far, 0.8 * far, 0.3 * far], [30.0, 70.0, 10.0], [45.0, 200.0, -80.0], [60.0, 50.0, 75.0], one.at, one.up
    ).to(dtype)


def camera_of(viewpoint: Any, mesh: tv.Mesh) -> Any:
    """The cameras; versions up to 0.1 gave them the clip planes that belong to the renderer since."""
    try:
        return viewpoint.camera()
    except TypeError:
        return viewpoint.camera(*default_clip_planes(mesh))


def render_cases(name: str, mesh: tv.Mesh) -> Iterator[Case]:
    for dtype in (torch.float32, torch.float64):
        for antialias in (True, False):
            where = orbits(mesh, dtype)
            fields = {
                n: getattr(where, n).clone().requires_grad_() for n in ("distance", "elevation", "azimuth", "fov", "at")
            }
            renderer = tv.Renderer(mesh, (60, 90), light=tv.scene_light(orbits(mesh)), antialias=antialias, dtype=dtype)
            render = renderer(camera_of(where.replace(**fields), mesh))
            title = f"{name} {str(dtype)[6:]} {'smooth' if antialias else 'hard'}"
            yield f"{title} images", [render.rgba, render.face_ids, render.depth, render.normals]
            loss = (render.rgba * torch.linspace(0, 1, 90, dtype=dtype)[:, None]).square().sum()
            yield f"{title} gradients", torch.autograd.grad(loss, list(fields.values()), allow_unused=True)
            yield f"{title} heuristic", tv.view_heuristic(renderer(camera_of(where, mesh)))
    where = orbits(mesh)
    camera = camera_of(where, mesh)
    pose = {n: getattr(camera, n).detach().clone().requires_grad_() for n in ("R", "T", "focal", "principal")}
    render = tv.Renderer(mesh, 48)(camera.replace(**pose))
    yield f"{name} pose gradients", torch.autograd.grad(render.rgba.square().sum(), list(pose.values()))


# --- optimisation ----------------------------------------------------------------------------------------------------


def optimization_cases(name: str, mesh: tv.Mesh) -> Iterator[Case]:
    true = tv.scene_orbit(mesh, elevation=41, azimuth=52)
    start = tv.scene_orbit(mesh)
    renderer = tv.Renderer(mesh, (48, 64), light=tv.scene_light(start))
    with torch.no_grad():
        target = renderer(camera_of(true, mesh)).rgb[0].clamp(0, 1)
    pose = camera_of(start, mesh)
    orbit_all = ("distance", "elevation", "azimuth", "fov", "at")
    pose_all = ("rotation", "position", "focal", "principal")
    match = tv.MatchImage(target)
    robust = tv.MatchImage(target, robust="geman-mcclure", exposure=True)
    several = tv.spread_starts(start, 3)
    runs: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "lm": (start, match, {}),
        "lm all": (start, match, {"parameters": orbit_all}),
        "lm robust": (start, robust, {}),
        "lm 3 starts": (several, match, {}),
        "lm pose": (pose, match, {"parameters": pose_all}),
        "lm pose robust": (pose, robust, {"parameters": pose_all[:2]}),
        "adam": (start, tv.view_heuristic, {"parameters": orbit_all, "iterations": 12}),
        "adam match": (several, match, {"method": "adam", "iterations": 12}),
        "adam pose": (pose, tv.view_heuristic, {"parameters": pose_all, "iterations": 8}),
        "tvdrnet": (start, tv.view_heuristic, {"method": "tvdrnet", "iterations": 12}),
        "tvdrnet all": (several, match, {"method": "tvdrnet", "iterations": 6, "parameters": orbit_all}),
    }
    for title, (where, objective, options) in runs.items():
        result = tv.optimize(renderer, where, objective, **options)
        fields = (
            ("distance", "elevation", "azimuth", "fov", "at")
            if isinstance(where, tv.Orbit)
            else ("R", "T", "focal", "principal")
        )
        history = [result.history.loss, *(result.history.array(field) for field in fields)]
        facts = [result.loss, result.initial_loss, result.best_iteration, result.best_start, str(result.status)]
        deviations = None if result.deviations is None else dict(result.deviations)
        yield f"{name} {title}", [*history, facts, deviations]


# --- the command -----------------------------------------------------------------------------------------------------


def command(*arguments: Any) -> None:
    """Run tvdr-nv of this interpreter's environment."""
    program = Path(sys.executable).with_name("tvdr-nv")
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def command_cases(folder: Path) -> Iterator[Case]:
    room, size = folder / "room.ply", ("--image-size", "96x72", "--quiet")
    command("render", room, "--mode", "all", "--out", folder / "views", *size)
    for file in sorted((folder / "views").iterdir()):
        yield f"command render: {file.name}", written(file)
    target = ("--elevation", 52, "--azimuth", 60)
    command("render", room, "--mode", "single", *target, "--out", folder / "target", *size)
    picture = folder / "target" / "single_view.png"
    runs: dict[str, list[Any]] = {
        "heuristic": ["--objective", "tvdrnet", "--iters", 8],
        "everything": [],
        "target": ["--target", picture],
        "pose": ["--target", picture, "--optimize", "pose,focal,principal", "--robust", "huber"],
        "search": ["--target", picture, "--search", "--starts", 3, "--free-exposure"],
        "tvdrnet": ["--method", "tvdrnet", "--at", "origin", "--up", "y", "--no-antialias", "--iters", 6],
        "focus": ["--focus", "label=office_chair"],
        "focus box": ["--focus", "box=3,1,0,6,4,1.5", "--optimize", "distance,elevation,azimuth,fov"],
        "focus views": ["--focus", "label=chair_2", "--views", 3],
    }
    for name, options in runs.items():
        out = folder / name.replace(" ", "-")
        command("optimize", room, *options, "--out", out, *size)
        for file in sorted(out.iterdir()):
            yield f"command optimize {name}: {file.name}", written(file)


def written(file: Path) -> Any:
    """What a file holds; of JSON, what does not differ from run to run."""
    return steady(json.loads(file.read_text(encoding="utf-8"))) if file.suffix == ".json" else file


def steady(value: Any) -> Any:
    if isinstance(value, dict):
        # "reason" is a sentence, whose words may become plainer.
        return {key: steady(item) for key, item in value.items() if key not in VOLATILE | {"reason"}}
    return [steady(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main())
