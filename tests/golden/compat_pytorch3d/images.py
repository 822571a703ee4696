"""Fragments, shaders, gradients, textures."""

from __future__ import annotations

import torch
from pytorch3d.renderer import (
    AmbientLights,
    BlendParams,
    DirectionalLights,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    Materials,
    MeshRasterizer,
    MeshRenderer,
    MeshRendererWithFragments,
    PerspectiveCameras,
    PointLights,
    RasterizationSettings,
    TexturesUV,
    TexturesVertex,
    look_at_view_transform,
)
from pytorch3d.structures import Meshes, join_meshes_as_batch, join_meshes_as_scene

from .scene import SIZE, all_cameras, numbers, scene, view

WITH_DISTANCES = ("one", "portrait", "layers", "fov_ortho")
WITH_BARYCENTRICS = (*WITH_DISTANCES, "culled", "linear", "clipped", "inside", "inside_focal", "pixels")


def fragments(out: dict[str, torch.Tensor]) -> None:
    """Every setting that changes what is seen, and every camera."""
    mesh, _, _ = scene()
    R, T = view()
    close_R, close_T = look_at_view_transform(0.9, 15.0, 30.0)
    inside = FoVPerspectiveCameras(R=close_R, T=close_T, fov=90.0, znear=0.4)
    settings = {
        "inside_focal": ({}, PerspectiveCameras(R=close_R, T=close_T, focal_length=0.8)),
        "inside_ortho": ({}, FoVOrthographicCameras(R=close_R, T=close_T)),
        "one": ({}, FoVPerspectiveCameras(R=R, T=T)),
        "portrait": ({"image_size": SIZE[::-1]}, FoVPerspectiveCameras(R=R, T=T)),
        "square": ({"image_size": 16}, FoVPerspectiveCameras(R=R, T=T)),
        "layers": ({"faces_per_pixel": 5}, FoVPerspectiveCameras(R=R, T=T)),
        "culled": ({"cull_backfaces": True, "faces_per_pixel": 2}, FoVPerspectiveCameras(R=R, T=T)),
        "linear": ({"perspective_correct": False}, FoVPerspectiveCameras(R=R, T=T)),
        "inside": ({}, inside),
        "clipped": ({"z_clip_value": 2.6}, FoVPerspectiveCameras(R=R, T=T)),
    }
    for name, (camera, _) in all_cameras().items():
        settings[name] = ({}, camera)
    for name, (given, camera) in settings.items():
        size = given.get("image_size", SIZE)
        rasterizer = MeshRasterizer(camera, RasterizationSettings(**{"image_size": size, **given}))
        found = rasterizer(mesh)
        key = f"fragments/{name}"
        out[f"{key}/ids"] = found.pix_to_face
        out[f"{key}/zbuf"] = found.zbuf
        if name in (
            "one",
            "portrait",
            "layers",
            "culled",
            "linear",
            "clipped",
            "inside",
            "inside_focal",
            "fov_ortho",
            "pixels",
        ):
            out[f"{key}/bary"] = found.bary_coords
        if name in WITH_DISTANCES:
            out[f"{key}/dists"] = found.dists
        if name in ("one", "pixels"):
            out[f"{key}/transformed"] = rasterizer.transform(mesh).verts_packed()


def shaders(out: dict[str, torch.Tensor]) -> None:
    """Every hard shader with every light."""
    mesh, _, _ = scene()
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    point = PointLights(location=((2.0, 2.0, -3.0), (-1.0, 2.0, 3.0)), specular_color=((0.3, 0.4, 0.5),))
    materials = Materials(diffuse_color=((0.7, 0.8, 0.9),), specular_color=((0.5, 1.0, 0.2),), shininess=8.0)
    directional = DirectionalLights(direction=((0.3, 0.5, 0.8),), ambient_color=((0.2, 0.1, 0.3),))
    for name, shader, given in (
        ("phong", HardPhongShader, {"lights": point}),
        ("phong_default", HardPhongShader, {}),
        ("phong_materials", HardPhongShader, {"lights": point, "materials": materials}),
        ("phong_directional", HardPhongShader, {"lights": directional}),
        ("phong_ambient", HardPhongShader, {"lights": AmbientLights()}),
        ("phong_background", HardPhongShader, {"blend_params": BlendParams(background_color=(0.1, 0.2, 0.3))}),
        ("gouraud", HardGouraudShader, {"lights": point, "materials": materials}),
        ("gouraud_default", HardGouraudShader, {}),
        ("flat", HardFlatShader, {"lights": point, "materials": materials}),
    ):
        rasterizer = MeshRasterizer(camera, RasterizationSettings(image_size=SIZE))
        image, found = MeshRendererWithFragments(rasterizer, shader(cameras=camera, **given))(mesh)
        out[f"color/{name}"] = image
        out["shaders/ids"] = found.pix_to_face[..., 0]
    # The same, with everything given at the call.
    renderer = MeshRenderer(
        MeshRasterizer(raster_settings=RasterizationSettings(image_size=16, faces_per_pixel=3)), HardPhongShader()
    )
    out["color/at_the_call"] = renderer(
        mesh, cameras=FoVPerspectiveCameras(), R=R, T=T, lights=point, materials=materials, fov=50.0
    )


def gradients(out: dict[str, torch.Tensor]) -> None:
    """Of losses on what is rendered, for all that is optimised."""
    mesh, verts, colors = scene(requires_grad=True)
    R, T = (t.requires_grad_() for t in view())
    light = torch.tensor([[2.0, 2.0, -3.0]], requires_grad=True)
    fov = torch.tensor([55.0], requires_grad=True)
    camera = FoVPerspectiveCameras(fov=fov)
    renderer = MeshRendererWithFragments(
        MeshRasterizer(camera, RasterizationSettings(image_size=SIZE, faces_per_pixel=2)),
        HardPhongShader(cameras=camera, lights=PointLights(location=light)),
    )
    image, found = renderer(mesh, R=R, T=T)
    weights = numbers(*image.shape, seed=40)
    losses = {
        "phong": (image * weights)[..., :3].mean(),
        "zbuf": (found.zbuf * weights[..., :2]).mean(),
        "bary": (found.bary_coords * numbers(*found.bary_coords.shape, seed=41)).mean(),
        "dists": (found.dists * weights[..., :2]).mean(),
    }
    wanted = {"R": R, "T": T, "fov": fov, "light": light, "colors": colors[0], "verts": verts[0], "verts_1": verts[1]}
    for name, loss in losses.items():
        found_gradients = torch.autograd.grad(loss, list(wanted.values()), retain_graph=True, allow_unused=True)
        out[f"loss/{name}"] = loss.detach()
        for of, gradient in zip(wanted, found_gradients, strict=True):
            if gradient is not None and bool((gradient != 0).any()):
                out[f"gradient/{name}/{of}"] = gradient


def pictures(out: dict[str, torch.Tensor]) -> None:
    """Textures: how they are sampled, and joined."""
    mesh, verts, _ = scene()
    R, T = view()
    camera = FoVPerspectiveCameras(R=R, T=T)
    found = MeshRasterizer(camera, RasterizationSettings(image_size=SIZE))(mesh)
    faces = mesh.faces_list()
    uvs = [numbers(len(v), 2, seed=50 + i) * 1.4 - 0.2 for i, v in enumerate(verts)]
    same = [numbers(6, 9, 3, seed=52), numbers(6, 9, 3, seed=53)]
    differ = [numbers(6, 9, 3, seed=54), numbers(4, 5, 3, seed=55)]
    ids = [torch.arange(len(f)) % 2 for f in faces]
    stacks = [torch.stack([m, m.flip(0)]) for m in same]
    inner = [uv.clamp(0.02, 0.98) for uv in uvs]
    for name, textures in {
        "default": TexturesUV(same, faces, uvs),
        "padded": TexturesUV(torch.stack(same), mesh.faces_padded(), torch.nn.utils.rnn.pad_sequence(uvs, True)),
        "corners": TexturesUV(same, faces, uvs, align_corners=False),
        "zeros": TexturesUV(same, faces, uvs, padding_mode="zeros"),
        "reflection": TexturesUV(same, faces, uvs, padding_mode="reflection"),
        "nearest": TexturesUV(same, faces, uvs, sampling_mode="nearest"),
        "sizes": TexturesUV(differ, faces, uvs),
        "sizes_corners": TexturesUV(differ, faces, uvs, align_corners=False),
        "ids": TexturesUV(stacks, faces, uvs, maps_ids=ids),
    }.items():
        textured = Meshes(verts, faces, textures)
        covered = (found.pix_to_face >= 0)[..., None]
        out[f"texture/{name}/sampled"] = textured.sample_textures(found) * covered
        out[f"texture/{name}/corners"] = textured.textures.faces_verts_textures_packed()
        if name in ("default", "sizes", "sizes_corners"):
            out[f"texture/{name}/maps"] = textured.textures.maps_padded()
            joined = join_meshes_as_batch([textured, textured[0]])
            out[f"texture/{name}/joined"] = joined.textures.faces_verts_textures_packed()
    one = join_meshes_as_scene(Meshes(verts, faces, TexturesUV(same, faces, inner)))
    seen = MeshRasterizer(camera[0], RasterizationSettings(image_size=SIZE))(one)
    out["texture/scene/sampled"] = one.sample_textures(seen) * (seen.pix_to_face >= 0)[..., None]
    colors = Meshes(verts, faces, TexturesVertex([numbers(len(v), 4, seed=60) for v in verts]))
    out["texture/vertex/sampled"] = colors.sample_textures(found)
    out["texture/vertex/corners"] = colors.textures.faces_verts_textures_packed(colors.faces_packed())
