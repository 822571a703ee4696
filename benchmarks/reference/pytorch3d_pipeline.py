"""TVDRNet's pipeline as users of PyTorch3D write it, with PyTorch3D's public interface alone.

Runs in an environment that has PyTorch3D, as a plain script's module: it must not import tvdrnet_nv.

TVDRNet (its Adaptive Viewpoint Position Learning): FoVPerspectiveCameras from look_at_view_transform, MeshRasterizer
without blur and with one face per pixel, HardPhongShader with a point light (ambient 0.5, diffuse 0.8, specular 0.3,
shininess 64) before white.

The soft variants have the settings of PyTorch3D's own tutorials: sigma = gamma = 1e-4 and blur radius
log(1 / 1e-4 - 1) sigma in both. SoftPhongShader: 50 faces per pixel and perspective_correct=False, from "Fit a mesh via
rendering" (with True, gradients explode at faces seen edge-on: PyTorch3D's issue 561). SoftSilhouetteShader: 100 faces
per pixel, from "Camera position optimization using differentiable rendering".
"""

from __future__ import annotations

import itertools
import math
import time

import torch
from pytorch3d.renderer import (  # pyright: ignore[reportMissingImports]
    BlendParams,
    FoVPerspectiveCameras,
    HardPhongShader,
    Materials,
    MeshRasterizer,
    MeshRenderer,
    PointLights,
    RasterizationSettings,
    SoftPhongShader,
    SoftSilhouetteShader,
    TexturesVertex,
    look_at_view_transform,
)
from pytorch3d.structures import Meshes  # pyright: ignore[reportMissingImports]

SIGMA = GAMMA = 1e-4
BLUR_RADIUS = math.log(1.0 / 1e-4 - 1.0) * SIGMA
FACES_PER_PIXEL = {"hard_phong": 1, "soft_phong": 50, "soft_silhouette": 100}
CAMERA = ("distance", "elevation", "azimuth", "fov", "at")


class Scene:
    """A mesh with a colour per vertex; [V, 3], [F, 3] and [V, 3]."""

    def __init__(self, vertices: torch.Tensor, faces: torch.Tensor, colors: torch.Tensor) -> None:
        self.vertices, self.faces, self.colors = vertices, faces, colors
        self._batches: dict[int, Meshes] = {}

    def meshes(self, count: int) -> Meshes:
        """The mesh `count` times, made once: what does not change stays warm, its normals too."""
        if count not in self._batches:
            self._batches[count] = self.with_(self.vertices, self.colors).extend(count)
        return self._batches[count]

    def with_(self, vertices: torch.Tensor, colors: torch.Tensor) -> Meshes:
        """The mesh with other vertices and colours, differentiable in both."""
        return Meshes(verts=[vertices], faces=[self.faces], textures=TexturesVertex(verts_features=[colors]))


def cameras(camera: dict[str, torch.Tensor], znear: float, zfar: float) -> FoVPerspectiveCameras:
    """K cameras from distance, elevation, azimuth, fov [K] (degrees) and at [K, 3]; or from R, T and fov."""
    device = camera["fov"].device
    if "R" in camera:
        R, T = camera["R"], camera["T"]
    else:
        R, T = look_at_view_transform(
            camera["distance"], camera["elevation"], camera["azimuth"], at=camera["at"], device=device
        )
    return FoVPerspectiveCameras(znear=znear, zfar=zfar, fov=camera["fov"], R=R, T=T, device=device)


class Pipeline:
    """One scene's renderer at one size, near and far plane, light and shader."""

    def __init__(
        self,
        scene: Scene,
        size: tuple[int, int],
        light: list[float],
        znear: float = 1.0,
        zfar: float = 100.0,
        shader: str = "hard_phong",
    ) -> None:
        self.scene, self.znear, self.zfar = scene, znear, zfar
        self.device = device = scene.vertices.device
        soft = shader != "hard_phong"
        settings = RasterizationSettings(
            image_size=size,
            blur_radius=BLUR_RADIUS if soft else 0.0,
            faces_per_pixel=FACES_PER_PIXEL[shader],
            perspective_correct=False if shader == "soft_phong" else None,
        )
        blend = BlendParams(sigma=SIGMA, gamma=GAMMA, background_color=(1.0, 1.0, 1.0))
        self.lights = PointLights(
            device=device,
            location=[light],
            ambient_color=[[0.5] * 3],
            diffuse_color=[[0.8] * 3],
            specular_color=[[0.3] * 3],
        )
        materials = Materials(device=device, shininess=64)
        if shader == "soft_silhouette":
            shading = SoftSilhouetteShader(blend_params=blend)
        else:
            phong = SoftPhongShader if soft else HardPhongShader
            shading = phong(device=device, lights=self.lights, materials=materials, blend_params=blend)
        self.renderer = MeshRenderer(MeshRasterizer(raster_settings=settings), shading)

    def _cameras(self, camera: dict[str, torch.Tensor]) -> FoVPerspectiveCameras:
        return cameras(camera, self.znear, self.zfar)

    def images(self, camera: dict[str, torch.Tensor], meshes: Meshes | None = None) -> torch.Tensor:
        """[K, H, W, 4], row 0 at the top."""
        cameras = self._cameras(camera)
        meshes = self.scene.meshes(len(cameras)) if meshes is None else meshes
        return self.renderer(meshes, cameras=cameras, lights=self.lights)

    def face_ids(self, camera: dict[str, torch.Tensor]) -> torch.Tensor:
        """[K, H, W]: the nearest face at each pixel, -1 where there is none."""
        cameras = self._cameras(camera)
        packed = self.renderer.rasterizer(self.scene.meshes(len(cameras)), cameras=cameras).pix_to_face[..., 0]
        first = torch.arange(len(cameras), device=packed.device)[:, None, None] * len(self.scene.faces)
        return torch.where(packed < 0, packed, packed - first)


def losses(images: torch.Tensor, loss: str, target: torch.Tensor | None, mask: torch.Tensor | None) -> torch.Tensor:
    """[K]: TVDRNet's heuristic, the mean squared error to `target` [H, W, 3], or the coverage's mean.

    Pixels outside `mask` [K, H, W] count as background.
    """
    rgb, alpha = images[..., :3], images[..., 3]
    if mask is not None:
        rgb = torch.where(mask[..., None], rgb, torch.ones_like(rgb))
        alpha = torch.where(mask, alpha, torch.zeros_like(alpha))
    if loss == "mse":
        if target is None:
            raise ValueError("the loss 'mse' needs the array 'target' [H, W, 3]")
        return ((rgb - target) ** 2).mean(dim=(1, 2, 3))
    coverage = alpha.mean(dim=(1, 2))
    if loss == "coverage":
        return coverage
    if loss != "heuristic":
        raise ValueError(f"loss must be 'heuristic', 'mse' or 'coverage', got {loss!r}")
    values = rgb.flatten(1)
    return (values.mean(1) - 0.5).abs() - 0.1 * values.std(1) - 0.5 * coverage


def gradients(
    pipeline: Pipeline,
    camera: dict[str, torch.Tensor],
    loss: str,
    target: torch.Tensor | None,
    mask: torch.Tensor | None,
    scene_too: bool,
) -> dict[str, torch.Tensor]:
    """The losses [K], and their sum's gradient by each camera parameter (and by vertices and colours)."""
    leaves = {name: value.clone().requires_grad_() for name, value in camera.items()}
    scene, meshes = pipeline.scene, None
    if scene_too:
        leaves |= {"vertices": scene.vertices.clone().requires_grad_(), "colors": scene.colors.clone().requires_grad_()}
        meshes = scene.with_(leaves["vertices"], leaves["colors"]).extend(len(camera["fov"]))
    values = losses(pipeline.images({name: leaves[name] for name in camera}, meshes), loss, target, mask)
    slopes = torch.autograd.grad(values.sum(), list(leaves.values()), allow_unused=True)
    given = {name: torch.zeros_like(leaves[name]) if g is None else g for name, g in zip(leaves, slopes, strict=True)}
    return {"loss": values.detach(), **given}


def trajectory(
    pipeline: Pipeline,
    weights: dict[str, torch.Tensor],
    start: dict[str, torch.Tensor],
    iterations: int,
    loss: str,
    target: torch.Tensor | None,
    learning_rate: float = 1e-3,
) -> dict[str, torch.Tensor]:
    """TVDRNet's recipe from given weights: per iteration, the parameters that were rendered, the loss, and when it was.

    A network of three hidden layers (ReLU, tanh at the end) sees distance/10, elevation/90 and azimuth/180; a tenth of
    its output, in those scales, is added to the parameters. Adam moves the network, and the parameters at a tenth of
    the rate. `weights` are "weight0" [out, in], "bias0" [out] and so on.
    """
    layers: list[torch.nn.Module] = []
    for i in range(len(weights) // 2):
        weight, bias = weights[f"weight{i}"], weights[f"bias{i}"]
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0], device=weight.device)
        with torch.no_grad():
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        layers += [layer, torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1], torch.nn.Tanh())
    names = CAMERA[:3]
    scale = torch.tensor([10.0, 90.0, 180.0], device=pipeline.device)
    values = torch.cat([start[name] for name in names]).clone().requires_grad_()
    rates = [{"params": network.parameters()}, {"params": [values], "lr": 0.1 * learning_rate}]
    optimizer = torch.optim.Adam(rates, lr=learning_rate)
    history: dict[str, list[torch.Tensor]] = {name: [] for name in (*names, "loss", "seconds")}
    began = time.perf_counter()
    for _ in range(iterations):
        optimizer.zero_grad()
        distance, elevation, azimuth = (values + 0.1 * scale * network(values / scale)).split(1)
        camera = {
            "distance": distance.clamp(1.0, 20.0),
            "elevation": elevation.clamp(-90.0, 90.0),
            "azimuth": torch.fmod(azimuth, 360.0),
            "fov": start["fov"],
            "at": start["at"],
        }
        value = losses(pipeline.images(camera), loss, target, None).sum()
        value.backward()
        optimizer.step()
        for name in names:
            history[name].append(camera[name].detach()[0])
        history["loss"].append(value.detach())
        history["seconds"].append(torch.tensor(time.perf_counter() - began, dtype=torch.float64))
    return {name: torch.stack(values) for name, values in history.items()}


def seconds(
    pipeline: Pipeline,
    camera: dict[str, torch.Tensor],
    repeats: int,
    what: str,
    loss: str,
    target: torch.Tensor | None,
) -> list[float]:
    """Wall time of each repetition of a "forward" (images, no gradient) or of a "step".

    A step is images, losses and the gradient by distance, elevation and azimuth, from the parameters on; the optimiser
    is not in it.
    """
    if what not in ("forward", "step"):
        raise ValueError(f"what must be 'step' or 'forward', got {what!r}")
    taken = []
    for _ in itertools.repeat(None, repeats):
        leaves = {n: v.clone().requires_grad_(what == "step" and n in CAMERA[:3]) for n, v in camera.items()}
        synchronize(pipeline.device)
        began = time.perf_counter()
        if what == "forward":
            with torch.no_grad():
                pipeline.images(leaves)
        else:
            losses(pipeline.images(leaves), loss, target, None).sum().backward()
        synchronize(pipeline.device)
        taken.append(time.perf_counter() - began)
    return taken


def synchronize(device: torch.device) -> None:
    """Wait until the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
