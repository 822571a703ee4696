"""The library needs torch, numpy and plyfile only: what the command and its pictures need is imported by them alone."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"

# Refuses the other dependencies, as if they were not installed, and says so to whoever asks for one.
BLOCK = """
import sys

MISSING = {"DracoPy", "PIL", "click", "imageio", "imageio_ffmpeg", "matplotlib", "rich", "typer"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""

USE = """
import torch
import tvdrnet_nv as t
import tvdrnet_nv.ops as dr

for name in t.__all__:
    getattr(t, name)

x, y = torch.meshgrid(torch.linspace(-1, 1, 9), torch.linspace(-1, 1, 9), indexing="ij")
vertices = torch.stack([x, 0.3 * torch.sin(3 * x) * torch.cos(2 * y), y], -1).reshape(-1, 3)
corner = torch.arange(8)[:, None] * 9 + torch.arange(8)
quads = torch.stack([corner, corner + 1, corner + 9, corner + 1, corner + 10, corner + 9], -1)
t.save_ply(t.Mesh(vertices, quads.reshape(-1, 3).int(), ((vertices + 1) / 2).clamp(0, 1)), "sheet.ply")
mesh = t.load_mesh("sheet.ply")

clip = torch.cat([mesh.vertices[:, :2], 0 * mesh.vertices[:, 2:], torch.ones(len(mesh.vertices), 1)], 1)[None]
rast, _ = dr.rasterize(dr.RasterizeCudaContext(), clip.contiguous(), mesh.faces, (8, 8))
color, _ = dr.interpolate(mesh.colors, rast, mesh.faces)
color = dr.antialias(color, rast, clip.contiguous(), mesh.faces)

start = t.scene_orbit(mesh, elevation=40, azimuth=30)
renderer = t.Renderer(mesh, (24, 32), light=t.scene_light(start))
result = t.optimize(renderer, start, t.view_heuristic, parameters=("elevation", "azimuth"), iterations=3)
print(color.shape, result.status)
"""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BLOCK + code], cwd=folder, capture_output=True, text=True, check=False)


def test_the_library_works_without_what_the_command_needs(tmp_path: Path) -> None:
    done = run(USE, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("torch.Size([1, 8, 8, 3])")


def test_a_mesh_without_pictures_is_read_and_one_with_says_what_to_install(tmp_path: Path) -> None:
    triangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nusemtl m\nf 1/1 2/1 3/1\n"
    (tmp_path / "plain.obj").write_text(triangle)
    (tmp_path / "sheet.obj").write_text("mtllib sheet.mtl\n" + triangle)
    (tmp_path / "sheet.mtl").write_text("newmtl m\nmap_Kd sheet.png\n")
    (tmp_path / "sheet.png").write_bytes(b"any")
    done = run("import tvdrnet_nv; tvdrnet_nv.load_mesh('plain.obj'); tvdrnet_nv.load_mesh('sheet.obj')", tmp_path)
    assert "sheet.obj: its pictures need Pillow; install it with `pip install 'tvdrnet_nv[formats]'`" in done.stderr
    assert "load_mesh('plain.obj')" not in done.stderr.split("InputError")[-1]


def test_pyproject_says_the_same() -> None:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    plain = [d for d in project["dependencies"] if not d.startswith("tvdrnet_nv")]
    assert [d.split(">")[0] for d in plain] == ["torch", "numpy", "plyfile"]
    assert "tvdrnet_nv[cli,formats,pictures]" in project["dependencies"]
    assert {"cli", "formats", "pictures"} <= set(project["optional-dependencies"])
