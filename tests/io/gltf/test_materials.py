"""glTF materials: colours, pictures, and what is transparent."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.io.examples import COLORS, TRIANGLES, VERTICES
from tests.io.gltf.writer import GltfFile, quad, read
from tvdrnet_nv.io._textures import linear_to_srgb, srgb_to_linear
from tvdrnet_nv.mesh import Mesh

LINEAR = srgb_to_linear(COLORS / 255)
UV = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]], dtype="f4")


def png(pixels: np.ndarray, kind: str = "png") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **({"lossless": True} if kind == "webp" else {}))
    return stream.getvalue()


def quadrants(alpha: tuple[int, int, int, int] = (255, 255, 255, 255)) -> np.ndarray:
    """8 × 8: red, green above blue, yellow."""
    pixels = np.zeros((8, 8, 4), dtype=np.uint8)
    rgb = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    for i in range(4):
        rows, columns = slice(4 * (i // 2), 4 * (i // 2) + 4), slice(4 * (i % 2), 4 * (i % 2) + 4)
        pixels[rows, columns] = (*rgb[i], alpha[i])
    return pixels


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_normalised_colours_are_multiplied_with_the_base_colour(tmp_path: Path, kind: str) -> None:
    file = GltfFile()
    stored = np.round(np.c_[LINEAR, np.ones(4)] * np.iinfo(kind).max).astype(kind)
    material = {"pbrMetallicRoughness": {"baseColorFactor": [0.5, 1, 0.25, 1]}}
    file.mesh(VERTICES, TRIANGLES, material=material, COLOR_0=file.accessor(stored, normalized=True))
    linear = stored[:, :3] / np.iinfo(kind).max * [0.5, 1, 0.25]
    torch.testing.assert_close(read(file, tmp_path).colors, torch.from_numpy(linear_to_srgb(linear)).float())


@pytest.mark.parametrize("with_picture", [False, True])
def test_a_colour_that_is_no_number_is_noted(tmp_path: Path, with_picture: bool) -> None:
    colors = np.c_[LINEAR, np.ones(4)].astype("f4")
    colors[1, 0] = np.nan
    file = GltfFile()
    file.mesh(VERTICES, TRIANGLES, COLOR_0=file.accessor(colors))
    mesh = read(textured(UV, {}, colors=colors) if with_picture else file, tmp_path)
    assert mesh.colors[1].tolist() == [0.5] * 3
    assert mesh.notes == ("vertices without a finite colour, which are grey: 1",)
    if mesh.textures is not None:
        assert mesh.textures.tint is not None
        torch.testing.assert_close(mesh.textures.tint[0], torch.from_numpy(COLORS[0] / 255).float())
        assert mesh.textures.tint[1].tolist() == [1.0] * 3
    else:
        torch.testing.assert_close(mesh.colors[0], torch.from_numpy(COLORS[0] / 255).float())


def textured(uv: np.ndarray, info: dict[str, Any], picture: bytes | None = None, **more: Any) -> GltfFile:
    file = GltfFile()
    sampler = more.pop("sampler", None)
    texture = file.texture(png(quadrants()) if picture is None else picture)
    if sampler is not None:
        file.tree["textures"][0]["sampler"] = file.add("samplers", sampler)
    factor = more.pop("factor", [1, 1, 1, 1])
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": texture, **info}, "baseColorFactor": factor}}
    sets: Any = {f"TEXCOORD_{info.get('texCoord', 0)}": file.accessor(uv)}
    if "colors" in more:
        sets["COLOR_0"] = file.accessor(more.pop("colors"))
    file.mesh(VERTICES, TRIANGLES, material={**material, **more}, **sets)
    return file


RED, GREEN, BLUE, YELLOW = [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [1.0, 1, 0]


def check_corners(mesh: Mesh, corners: list[list[float]], images: int = 1) -> None:
    """The colours at the vertices, of `colors` and of the picture itself."""
    assert mesh.textures is not None
    assert len(mesh.textures.images) == images
    torch.testing.assert_close(mesh.colors, torch.tensor(corners), atol=0.01, rtol=0)
    image = mesh.textures.images[0]
    texel = ((mesh.textures.uv % 1) * torch.tensor([image.shape[1], image.shape[0]])).long()
    shown = image[texel[:, 1], texel[:, 0]] * (1 if mesh.textures.tint is None else mesh.textures.tint)
    torch.testing.assert_close(shown, torch.tensor(corners), atol=0.01, rtol=0)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_picture_and_the_second_set_of_coordinates(tmp_path: Path, kind: str) -> None:
    check_corners(read(textured(UV, {"texCoord": 1}, png(quadrants(), kind)), tmp_path), [RED, GREEN, YELLOW, BLUE])


def test_webp_as_an_extension(tmp_path: Path) -> None:
    file = textured(UV, {}, png(quadrants(), "webp"))
    file.tree["textures"] = [{"extensions": {"EXT_texture_webp": {"source": 0}}}]
    file.tree["extensionsRequired"] = ["EXT_texture_webp"]
    check_corners(read(file, tmp_path), [RED, GREEN, YELLOW, BLUE])


def test_a_texture_transform_turns_scales_and_moves(tmp_path: Path) -> None:
    move = {"offset": [0.5, 0], "scale": [0.5, 1], "rotation": 0}
    file = textured(UV, {"extensions": {"KHR_texture_transform": move}})
    check_corners(read(file, tmp_path), [GREEN, GREEN, YELLOW, YELLOW])
    # By a quarter, from u to v: (u, v) is shown what is at (v, 1 - u).
    turn = {"rotation": np.pi / 2, "offset": [0, 1]}
    file = textured(UV, {"extensions": {"KHR_texture_transform": turn}})
    check_corners(read(file, tmp_path), [BLUE, RED, GREEN, YELLOW])


def test_wrap_modes(tmp_path: Path) -> None:
    wide = np.array([[-0.4, 0.1], [1.1, 0.1], [1.9, 0.9], [2.9, 0.9]], dtype="f4")
    check_corners(read(textured(wide, {}), tmp_path), [GREEN, RED, YELLOW, YELLOW])
    mirror, clamp = {"wrapS": 33648, "wrapT": 10497}, {"wrapS": 33071, "wrapT": 33071}
    check_corners(read(textured(wide, {}, sampler=mirror), tmp_path), [RED, GREEN, BLUE, YELLOW])
    check_corners(read(textured(wide, {}, sampler=clamp), tmp_path), [RED, GREEN, YELLOW, YELLOW])


def test_a_picture_times_base_colour_and_vertex_colours(tmp_path: Path) -> None:
    grey = np.full((4, 4, 3), 188, dtype=np.uint8)  # linear 0.503
    linear = srgb_to_linear(np.array(188 / 255))
    mesh = read(textured(UV, {}, png(grey), factor=[0.5, 1, 0.2, 1]), tmp_path)
    check_corners(mesh, [linear_to_srgb(linear * np.array([0.5, 1, 0.2])).tolist()] * 4)
    mesh = read(textured(UV, {}, png(grey), colors=np.full((4, 3), 0.25, dtype="f4")), tmp_path)
    check_corners(mesh, [linear_to_srgb(linear * np.full(3, 0.25)).tolist()] * 4)
    ramp = np.array([[1, 1, 1], [0.5, 1, 1], [1, 0.1, 1], [1, 1, 0.25]], dtype="f4")
    mesh = read(textured(UV, {}, png(grey), colors=ramp), tmp_path)
    assert mesh.textures is not None
    assert mesh.textures.tint is not None
    exact = torch.from_numpy(linear_to_srgb(linear * ramp.astype(float))).float()
    torch.testing.assert_close(mesh.colors, exact, atol=0.03, rtol=0)


def test_specular_glossiness(tmp_path: Path) -> None:
    extension = {"KHR_materials_pbrSpecularGlossiness": {"diffuseFactor": [0.5, 0, 0, 1]}}
    mesh = read(quad(material={"extensions": extension}), tmp_path)
    torch.testing.assert_close(mesh.colors[0], torch.tensor([0.7354, 0, 0]), atol=1e-4, rtol=0)


def test_what_is_cut_out_is_not_drawn(tmp_path: Path) -> None:
    # One triangle on the transparent upper half, one on the opaque lower one.
    uv = np.array([[0.1, 0.1], [0.4, 0.1], [0.4, 0.3], [0.1, 0.9], [0.4, 0.9], [0.4, 0.7]], dtype="f4")
    corners = np.array([[i, i % 2, i // 2] for i in range(6)], dtype="f4")
    file = GltfFile()
    texture = file.texture(png(quadrants((0, 0, 255, 255))))
    material = {"alphaMode": "MASK", "pbrMetallicRoughness": {"baseColorTexture": {"index": texture}}}
    file.mesh(corners, [[0, 1, 2], [3, 4, 5]], material=material, TEXCOORD_0=file.accessor(uv))
    mesh = read(file, tmp_path)
    assert mesh.faces.tolist() == [[3, 4, 5]]
    assert mesh.notes == ("Fully transparent triangles, which are left out: 1.",)
    file.tree["materials"][0]["alphaMode"] = "OPAQUE"
    assert read(file, tmp_path).num_faces == 2


@pytest.mark.parametrize(
    ("mode", "alpha", "shown"), [("MASK", 0.4, 0), ("MASK", 0.6, 2), ("BLEND", 0, 0), ("BLEND", 0.2, 2)]
)
def test_alpha_of_the_base_colour(tmp_path: Path, mode: str, alpha: float, shown: int) -> None:
    file = quad(material={"alphaMode": mode, "pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, alpha]}})
    mesh = read(file, tmp_path)
    assert mesh.is_invisible == (shown == 0)
    if shown:
        assert mesh.num_faces == shown
        assert mesh.notes == ("Triangles transparent in part, which are drawn opaque: 2.",)
    else:  # what is not drawn has a place and a size
        assert "All is fully transparent (alphaMode MASK or BLEND; triangles: 2)" in mesh.notes[0]
        torch.testing.assert_close(
            torch.stack(mesh.bounds), torch.from_numpy(np.stack([VERTICES.min(0), VERTICES.max(0)]))
        )


def test_a_picture_that_is_missing_or_has_no_coordinates_leaves_grey(tmp_path: Path) -> None:
    mesh = read(textured(UV, {}, b"no picture"), tmp_path)
    assert mesh.notes == ("Its picture image 0 cannot be read (it is no picture of a known kind).",)
    assert mesh.colors.unique().tolist() == [0.5]
    file = textured(UV, {"texCoord": 1})
    file.tree["meshes"][0]["primitives"][0]["attributes"] = {"POSITION": 0, "COLOR_1": 0, "_LABEL": 0}
    file.tree["meshes"][0]["primitives"][0]["attributes"]["POSITION"] = file.accessor(VERTICES)
    mesh = read(file, tmp_path)
    assert mesh.colors.unique().tolist() == [0.5]
    assert mesh.notes == (
        "Not used of its vertices: COLOR_1, _LABEL.",
        "Triangles with a picture and no texture coordinates, which show the colour: 2.",
    )


def test_what_is_black_and_shines_shows_its_light(tmp_path: Path) -> None:
    file = textured(UV, {}, factor=[0, 0, 0, 1])
    base = file.tree["materials"][0]["pbrMetallicRoughness"]
    file.tree["materials"][0] |= {"emissiveTexture": base.pop("baseColorTexture"), "emissiveFactor": [1, 1, 1]}
    check_corners(read(file, tmp_path), [RED, GREEN, YELLOW, BLUE])
    base["baseColorFactor"] = [0.2, 0, 0, 1]
    mesh = read(file, tmp_path)
    assert mesh.textures is None
    assert mesh.notes == (
        "Not shown of its materials: emission.",
        "Its texture coordinates are not used: no material has a picture.",
    )


def test_vertex_colours_above_white_are_clipped_and_named(tmp_path: Path) -> None:
    file = GltfFile()
    colors = np.array([[0.0, 1.0, 1.002], [0, 0, 1], [0, 3.5, 0], [np.nan, 9, 9]], dtype="f4")
    file.mesh(VERTICES, TRIANGLES, COLOR_0=file.accessor(colors))
    mesh = read(file, tmp_path)
    torch.testing.assert_close(mesh.colors[:3], torch.tensor([[0.0, 1, 1], [0, 0, 1], [0, 1, 0]]))
    assert mesh.notes[0] == "Its vertices' colours go up to 3.5, and are clipped at 1, which is glTF's white."


def test_effects_and_variants_are_named(tmp_path: Path) -> None:
    material = {
        "occlusionTexture": {"index": 0},
        "pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1], "metallicRoughnessTexture": {"index": 0}},
        "extensions": {"KHR_materials_unlit": {}, "KHR_materials_clearcoat": {}, "KHR_materials_ior": {}},
    }
    file = quad(material=material)
    file.tree["extensions"] = {"KHR_materials_variants": {"variants": [{"name": "a"}, {"name": "b"}]}}
    assert read(file, tmp_path).notes == (
        "Its materials have variants (2), of which the default is shown.",
        "Not shown of its materials: clearcoat, maps of gloss, occlusion maps, unlit (--light none draws it so).",
    )


def test_whole_numbers_of_colours_are_normalised_though_the_file_does_not_say_so(tmp_path: Path) -> None:
    file = GltfFile()
    file.mesh(VERTICES, TRIANGLES, COLOR_0=file.accessor(np.array([[255, 0, 51, 255]] * 4, dtype="u1")))
    mesh = read(file, tmp_path)
    torch.testing.assert_close(mesh.colors[0], torch.tensor([1.0, 0.0, 0.4845]), atol=1e-3, rtol=0)
    assert mesh.notes == ()
