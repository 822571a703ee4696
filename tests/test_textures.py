"""Textured meshes: read from OBJ and GLB, shown by the renderer, and carrying the camera's gradient."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.io.gltf.writer import GltfFile
from tvdrnet_nv import MatchImage, Mesh, Orbit, PhongLight, Renderer, load_mesh, ops, optimize
from tvdrnet_nv.mesh import Textures
from tvdrnet_nv.ops import backends

FLAT = PhongLight(ambient=1.0, diffuse=0.0, specular=0.0)
QUADRANTS = np.zeros((8, 8, 3), dtype=np.uint8)
QUADRANTS[:4, :4] = (255, 0, 0)  # upper left of the picture
QUADRANTS[:4, 4:] = (0, 255, 0)
QUADRANTS[4:, :4] = (0, 0, 255)
QUADRANTS[4:, 4:] = (255, 255, 0)

OBJ = """mtllib q.mtl
v -1 -1 0
v 1 -1 0
v 1 1 0
v -1 1 0
vt 0 0
vt 1 0
vt 1 1
vt 0 1
usemtl q
f 1/1 2/2 3/3
f 1/1 3/3 4/4
"""


def write_obj(folder: Path) -> Path:
    Image.fromarray(QUADRANTS).save(folder / "q.png")
    (folder / "q.mtl").write_text("newmtl q\nKd 1 1 1\nmap_Kd q.png\n")
    (folder / "q.obj").write_text(OBJ)
    return folder / "q.obj"


def write_glb(folder: Path) -> Path:
    picture = io.BytesIO()
    Image.fromarray(QUADRANTS).save(picture, "png")
    file = GltfFile()
    uv = file.accessor(np.array([[0, 1], [1, 1], [1, 0], [0, 0]], dtype="f4"))  # v grows downwards
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], dtype="f4")
    texture = file.texture(picture.getvalue())
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": texture}}}
    file.mesh(corners, [[0, 1, 2], [0, 2, 3]], material=material, TEXCOORD_0=uv)
    return file.write(folder / "q.glb")


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("write", [write_obj, write_glb])
def test_a_picture_is_shown_upright(tmp_path, write):
    mesh = load_mesh(write(tmp_path))
    assert mesh.textures is not None
    # Seen from +z the picture is as it was drawn: its corners in the corners.
    rgb = Renderer(mesh, 64, light=FLAT)(Orbit.create(2.0, 0.0, 0.0).camera()).rgb[0]
    for row, column, color in ((20, 20, (1, 0, 0)), (20, 44, (0, 1, 0)), (44, 20, (0, 0, 1)), (44, 44, (1, 1, 0))):
        torch.testing.assert_close(rgb[row, column], torch.tensor(color, dtype=torch.float32), atol=0.01, rtol=0)


@pytest.mark.filterwarnings("default")
def test_a_color_overrides_the_picture(tmp_path):
    mesh = load_mesh(write_obj(tmp_path), color=(0.2, 0.4, 0.6))
    assert mesh.textures is None
    assert torch.equal(mesh.colors, torch.tensor([0.2, 0.4, 0.6]).expand(4, 3))


def patchwork(images: int = 2) -> Mesh:
    """Four squares in a row with different pictures, the last one with vertex colours."""
    g = torch.Generator().manual_seed(0)
    vertices, faces, uv, face_image = [], [], [], []
    for i in range(4):
        x = float(i) - 2
        vertices += [[x, -1.0, 0], [x + 1, -1, 0], [x + 1, 1, 0.2 * i], [x, 1, 0.2 * i]]
        faces += [[4 * i, 4 * i + 1, 4 * i + 2], [4 * i, 4 * i + 2, 4 * i + 3]]
        uv += [[0.0, 0], [1.5, 0], [1.5, 2], [0, 2]]
        face_image += [i % images if i < 3 else -1] * 2
    pictures = tuple(
        torch.nn.functional.interpolate(torch.rand((1, 3, 4, 4), generator=g), 16, mode="bicubic")
        .clamp(0, 1)[0]
        .permute(1, 2, 0)
        .contiguous()
        for _ in range(images)
    )
    textures = Textures(torch.tensor(uv), pictures, torch.tensor(face_image, dtype=torch.int32))
    colors = torch.rand((16, 3), generator=g)
    return Mesh(torch.tensor(vertices), torch.tensor(faces, dtype=torch.int32), colors, textures)


def test_faces_without_a_picture_keep_their_colors():
    mesh = patchwork()
    plain = Mesh(mesh.vertices, mesh.faces, mesh.colors)
    camera = Orbit.create(4.0, 0.0, 0.0).camera()
    textured, colored = (Renderer(m, (40, 80), light=FLAT, antialias=False)(camera) for m in (mesh, plain))
    last = (textured.face_ids >= 6)[..., None]
    torch.testing.assert_close(textured.rgb * last, colored.rgb * last, atol=1e-5, rtol=0)
    others = (textured.face_ids >= 0)[..., None] & ~last
    assert float(((textured.rgb - colored.rgb) * others).abs().max()) > 0.2


def test_the_cameras_gradient_goes_through_the_texture():
    mesh = patchwork()
    renderer = Renderer(mesh, (24, 40), light=PhongLight((0, 2, 4)), antialias=False, dtype=torch.float64)

    def loss(azimuth: torch.Tensor) -> torch.Tensor:
        # So near that the squares fill the image: no silhouette.
        orbit = Orbit.create(0.9, 5.0, azimuth, 50.0, dtype=torch.float64)
        render = renderer(orbit.camera())
        assert (render.face_ids >= 0).all()
        weights = torch.linspace(0, 1, render.rgb.numel(), dtype=torch.float64).reshape(render.rgb.shape)
        return (render.rgb * weights).mean()

    azimuth = torch.tensor([7.0], dtype=torch.float64, requires_grad=True)
    loss(azimuth).backward()
    step = 1e-5
    with torch.no_grad():
        difference = float(loss(azimuth + step) - loss(azimuth - step)) / (2 * step)
    assert azimuth.grad is not None
    assert float(azimuth.grad) == pytest.approx(difference, rel=1e-3)


def test_our_cuda_kernels_and_torchs_look_ups_draw_what_the_cpu_does():
    mesh, found = patchwork(), []
    for name in ("cpu", "cuda-emulated"):
        with backends.using(name):
            renderer = Renderer(mesh, (24, 40), light=PhongLight((0, 2, 4), shininess=3.7))
            azimuth = torch.tensor([7.0, 40.0], requires_grad=True)
            rgb = renderer(Orbit.create(3.6, 5.0, azimuth).camera()).rgb
            (gradient,) = torch.autograd.grad((rgb * torch.linspace(0, 1, 40)[:, None]).sum(), azimuth)
            found.append((rgb.detach(), gradient))
    for have, want in zip(*reversed(found), strict=True):
        torch.testing.assert_close(have, want, rtol=1e-4, atol=1e-5)
        assert want.any()


def test_a_camera_is_found_again_by_the_texture():
    mesh = patchwork()
    renderer = Renderer(mesh, (48, 64), near=0.02, far=100.0)
    target = Orbit.create(3.6, 8.0, 10.0)
    with torch.no_grad():
        image = renderer(target.camera()).rgb[0]
    result = optimize(renderer, Orbit.create(4.0, 0.0, 0.0), MatchImage(image), iterations=80)
    assert float(result.best.azimuth) == pytest.approx(10.0, abs=0.5)
    assert float(result.best.elevation) == pytest.approx(8.0, abs=0.5)
    assert float(result.best.distance) == pytest.approx(3.6, rel=0.01)


def test_a_tint_is_multiplied_with_the_picture():
    mesh = patchwork()
    assert mesh.textures is not None
    tint = torch.tensor([0.25, 0.5, 1.0]).expand(mesh.num_vertices, 3).contiguous()
    tinted = dataclasses.replace(mesh, textures=dataclasses.replace(mesh.textures, tint=tint))
    camera = Orbit.create(4.0, 0.0, 0.0).camera()
    plain, render = (Renderer(m, (40, 80), light=FLAT, antialias=False)(camera) for m in (mesh, tinted))
    textured = (render.face_ids >= 0) & (render.face_ids < 6)
    torch.testing.assert_close(render.rgb[textured], plain.rgb[textured] * tint[0], atol=1e-5, rtol=0)
    others = (render.face_ids >= 6)[..., None]
    torch.testing.assert_close(render.rgb * others, plain.rgb * others)


@pytest.mark.parametrize("longest", [1, 7, 100])
def test_pixels_stand_in_as_many_columns_as_a_grid_of_cuda_needs(monkeypatch, longest):
    mesh = patchwork()
    camera = Orbit.create(4.0, 0.0, 0.0).camera()
    expected = Renderer(mesh, (23, 31))(camera).rgb
    asked: list[tuple[torch.Size, torch.Size]] = []
    texture = ops.texture

    def recorded(tex, uv, uv_da, **options):
        asked.append((uv.shape, uv_da.shape))
        return texture(tex, uv, uv_da, **options)

    monkeypatch.setattr(ops, "texture", recorded)
    monkeypatch.setattr("tvdrnet_nv.surface._LONGEST_COLUMN", longest)
    assert torch.equal(Renderer(mesh, (23, 31))(camera).rgb, expected)
    assert len(asked) == 2
    for uv, uv_da in asked:
        assert uv[1] <= longest
        assert (*uv[:3], 4) == tuple(uv_da)


def test_bad_textures_are_named():
    mesh = patchwork()
    t = mesh.textures
    assert t is not None
    for name, bad in {
        "textures.uv": Textures(t.uv[:3], t.images, t.face_image),
        "textures.face_image": Textures(t.uv, t.images, t.face_image + 1),
        "textures.tint": Textures(t.uv, t.images, t.face_image, t.uv),
        r"textures.images\[0\]": Textures(t.uv, (t.images[0][..., :2], t.images[1]), t.face_image),
    }.items():
        with pytest.raises(ValueError, match=name):
            Mesh(mesh.vertices, mesh.faces, mesh.colors, bad)
