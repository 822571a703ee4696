"""Programs written for PyTorch3D, run unchanged on our façade of it."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tvdrnet_nv.compat import pytorch3d as ours
from tvdrnet_nv.compat.pytorch3d._stand_in import PRIVATE, VERSION, provided, standing_in_for_pytorch3d

PROGRAMS = Path(__file__).parents[3] / "examples" / "pytorch3d"
RUNNER = ("-m", "tvdrnet_nv.compat.pytorch3d")


def python(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # No GPU, so that the tests are the same everywhere; one thread, since the machine may have other work.
    env = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


def run(tmp_path: Path, source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "script.py"
    script.write_text(source)
    return python(*RUNNER, script, *arguments, cwd=tmp_path)


# --- programs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "arguments", "times_smaller", "warns"),
    [
        ("position", ("--size", "48"), 30, True),
        ("picture", ("--size", "48", "--iterations", "120"), 40, True),
        ("paint", ("--size", "32", "--iterations", "50"), 50, False),
    ],
)
def test_programs_in_the_manner_of_pytorch3d_converge(program, arguments, times_smaller, warns, tmp_path):
    done = python(*RUNNER, PROGRAMS / f"{program}.py", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"error (\S+) -> (\S+) .*, converged", done.stdout)
    assert found, done.stdout
    first, last = map(float, found.groups())
    assert 0 <= last < first / times_smaller
    assert done.stderr.count("UserWarning") == int(warns)


TVDRNET = """
import sys
import torch
from pytorch3d.io import load_ply, save_ply
from pytorch3d.structures import Meshes
from pytorch3d.renderer import (FoVPerspectiveCameras, HardPhongShader, MeshRasterizer, MeshRenderer, PointLights,
    RasterizationSettings, TexturesVertex, look_at_view_transform)
from pytorch3d.utils import ico_sphere

device = torch.device("cuda:0")
save_ply("ball.ply", *ico_sphere(2).get_mesh_verts_faces(0))
verts, faces = load_ply("ball.ply")
mesh = Meshes(verts=[verts.to(device)], faces=[faces.to(device)],
              textures=TexturesVertex(verts_features=torch.ones_like(verts)[None].to(device)))
cameras = FoVPerspectiveCameras(device=device)
renderer = MeshRenderer(
    rasterizer=MeshRasterizer(cameras=cameras, raster_settings=RasterizationSettings(image_size=24)),
    shader=HardPhongShader(device=device, cameras=cameras,
                           lights=PointLights(device=device, location=((2.0, 2.0, -3.0),))))
given = [torch.tensor([x], device=device, requires_grad=True) for x in (3.0, 30.0, 45.0)]
R, T = look_at_view_transform(*given, device=device)
image = renderer(meshes_world=mesh, R=R, T=T)
image[..., :3].std().backward()
assert all(g.grad.abs() > 0 for g in given)
print(tuple(image.shape), int((image[..., 3] == 1).sum()), sys.argv[1:])
"""


def test_tvdrnets_pipeline_runs_on_the_cpu_though_it_says_cuda(tmp_path):
    done = run(tmp_path, TVDRNET, "--iterations", "3")
    assert done.returncode == 0, done.stderr
    shape, covered, arguments = re.fullmatch(r"(\(.*\)) (\d+) (\[.*\])\n", done.stdout).groups()  # type: ignore[union-attr]
    assert shape == "(1, 24, 24, 4)"
    assert 100 < int(covered) < 300
    assert arguments == "['--iterations', '3']"


# --- what there is not -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "from pytorch3d.renderer import VolumeRenderer",
        "from pytorch3d.structures import Meshes, Volumes",
        "from pytorch3d.implicitron import eval_demo",
        "import pytorch3d.implicitron",
        "import pytorch3d.renderer.implicit",
        "from pytorch3d import implicitron",
        "from pytorch3d.renderer.mesh._raster import Raster",
    ],
)
def test_what_is_missing_fails_at_import_by_name(statement):
    missing = re.split(r"[ ,]+", statement)[-1]
    path = f"pytorch3d.{missing}" if statement.startswith("from pytorch3d import") else missing
    if "implicitron" in statement:
        path = "pytorch3d.implicitron"
    elif "_raster" in statement:
        path = "pytorch3d.renderer.mesh._raster"
    with standing_in_for_pytorch3d(), pytest.raises(ImportError, match=rf"{re.escape(path)} is not provided by"):
        exec(statement, {})


def test_a_program_that_needs_more_stops_with_the_name(tmp_path):
    done = run(tmp_path, "print('started')\nfrom pytorch3d.implicitron import eval_demo\nprint('never')\n")
    assert done.returncode == 1
    assert done.stdout == "started\n"
    assert "pytorch3d.implicitron is not provided by tvdrnet_nv" in done.stderr.splitlines()[-1]


def test_attributes_that_are_missing_are_named():
    with standing_in_for_pytorch3d():
        module = importlib.import_module("pytorch3d.renderer")
        with pytest.raises(AttributeError, match=r"pytorch3d\.renderer\.VolumeRenderer is not provided"):
            module.VolumeRenderer  # noqa: B018


@pytest.mark.parametrize(("arguments", "says"), [((), "SCRIPT"), (("nowhere.py",), "nowhere.py"), ((".",), "folder")])
def test_bad_usage_is_one_clear_line(arguments, says, tmp_path):
    done = python(*RUNNER, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "tvdrnet_nv.compat.pytorch3d" in line
    assert says in line


# --- the modules -----------------------------------------------------------------------------------------------------


def test_modules_are_where_pytorch3d_has_them():
    homes = {
        "structures": "Meshes join_meshes_as_batch join_meshes_as_scene",
        "structures.meshes": "Meshes",
        "io": "IO load_obj load_objs_as_meshes load_ply save_obj save_ply",
        "renderer": "FoVPerspectiveCameras PerspectiveCameras HardPhongShader SoftSilhouetteShader TexturesUV",
        "renderer.cameras": "CamerasBase FoVOrthographicCameras look_at_rotation camera_position_from_spherical_angles",
        "renderer.mesh": "MeshRasterizer MeshRenderer TexturesVertex",
        "renderer.mesh.rasterizer": "Fragments MeshRasterizer RasterizationSettings",
        "renderer.mesh.renderer": "MeshRenderer MeshRendererWithFragments",
        "renderer.mesh.shader": "HardFlatShader HardGouraudShader ShaderBase SoftPhongShader",
        "renderer.mesh.shading": "phong_shading",
        "renderer.mesh.textures": "TexturesUV TexturesVertex",
        "renderer.lighting": "AmbientLights DirectionalLights PointLights diffuse specular",
        "renderer.blending": "BlendParams hard_rgb_blend",
        "renderer.materials": "Materials",
        "renderer.utils": "TensorProperties",
        "transforms": "Rotate Scale Transform3d Translate axis_angle_to_matrix so3_exp_map",
        "utils": "ico_sphere",
        "ops": "interpolate_face_attributes",
        "common.datatypes": "make_device",
    }
    with standing_in_for_pytorch3d():
        for module, names in homes.items():
            exec(f"from pytorch3d.{module} import {', '.join(names.split())}", {})
        package = importlib.import_module("pytorch3d")
        assert package.__version__ == VERSION
        assert package.renderer.mesh.shader.HardPhongShader is package.renderer.HardPhongShader
    assert not any(name.partition(".")[0] == "pytorch3d" for name in sys.modules)


def test_every_public_name_is_documented_and_public_once():
    for module, names in provided().items():
        for name, value in names.items():
            assert not name.startswith("_") or name in ("__version__", *PRIVATE)
            assert module == "pytorch3d" or callable(value) or name in ("Device",), f"{module}.{name}"
            if isinstance(value, type) or callable(value):
                assert value.__doc__, f"{module}.{name}"


def test_an_installed_pytorch3d_comes_back(tmp_path, monkeypatch):
    (tmp_path / "pytorch3d").mkdir()
    (tmp_path / "pytorch3d" / "__init__.py").write_text("__version__ = 'theirs'\n")
    monkeypatch.syspath_prepend(tmp_path)
    theirs = importlib.import_module("pytorch3d")
    with standing_in_for_pytorch3d():
        assert importlib.import_module("pytorch3d").__version__ == VERSION
    assert importlib.import_module("pytorch3d") is theirs
    monkeypatch.delitem(sys.modules, "pytorch3d")


def test_our_package_can_be_imported_by_its_own_name():
    renderer = importlib.import_module(f"{ours.__name__}.renderer")
    assert set(renderer.__all__) <= set(dir(renderer))
