"""Our side of a comparison: images, face ids, losses and gradients of a case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.parity.cases import NAMES, Case
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.ops import mean_squared_error
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.shading import PhongLight

Arrays = dict[str, np.ndarray]


class Ours:
    """One scene on our side, with hard visibility unless asked otherwise."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._kept: dict[tuple[object, ...], Renderer] = {}

    def renderer(self, case: Case, dtype: torch.dtype = torch.float32, antialias: bool = False) -> Renderer:
        """A renderer of the case's light, size and clip planes."""
        key = case.light, dtype, antialias
        if key not in self._kept:
            light = PhongLight(case.light)
            self._kept[key] = Renderer(self.mesh, 8, light=light, dtype=dtype, antialias=antialias)
        return self._kept[key].at_resolution((case.height, case.width)).with_clip_planes(**case.clip_planes)

    def render(self, case: Case, dtype: torch.dtype = torch.float32) -> Render:
        """The hard image, without gradients."""
        with torch.no_grad():
            return self.renderer(case, dtype)(case.look(case.leaves(dtype)))

    def target(self, case: Case) -> np.ndarray:
        """[H, W, 3] uint8: the scene from a little farther and from the side, for the loss "mse"."""
        image = self.render(case.moved(1.06, -5.0 if case.elevation > 0 else 5.0, 7.0)).rgb[0]
        return (255 * image.clamp(0, 1)).round().to(torch.uint8).numpy()

    def camera_gradient(
        self,
        case: Case,
        loss: str,
        target: np.ndarray | None,
        mask: np.ndarray | None = None,
        *,
        dtype: torch.dtype = torch.float32,
        antialias: bool = False,
    ) -> tuple[float, Tensor]:
        """The loss, and its gradient by distance, elevation, azimuth, fov and at, [7] float64."""
        leaves = case.leaves(dtype)
        render = self.renderer(case, dtype, antialias)(case.look(leaves))
        value = objective(render, loss, target, mask)
        if not value.requires_grad:  # the coverage without antialiasing: it is constant but for jumps
            return float(value), torch.zeros(7, dtype=torch.float64)
        return float(value.detach()), flat(torch.autograd.grad(value, list(leaves.values())))

    def scene_gradient(
        self,
        case: Case,
        loss: str,
        target: np.ndarray | None,
        mask: np.ndarray | None = None,
        *,
        dtype: torch.dtype = torch.float32,
    ) -> dict[str, Tensor]:
        """The loss's gradient by vertices and colours, [V, 3] each."""
        mesh = replace(
            self.mesh,
            vertices=self.mesh.vertices.clone().requires_grad_(),
            colors=self.mesh.colors.clone().requires_grad_(),
        )
        light, size = PhongLight(case.light), (case.height, case.width)
        renderer = Renderer(mesh, size, light=light, antialias=False, dtype=dtype, **case.clip_planes)
        render = renderer(case.look({name: leaf.detach() for name, leaf in case.leaves(dtype).items()}))
        slopes = torch.autograd.grad(objective(render, loss, target, mask), [mesh.vertices, mesh.colors])
        return dict(zip(("vertices", "colors"), slopes, strict=True))


def objective(render: Render, loss: str, target: np.ndarray | None, mask: np.ndarray | None = None) -> Tensor:
    """The heuristic, mean alpha or squared error of one image; pixels outside `mask` [1, H, W] are background."""
    if mask is not None:
        inside = torch.from_numpy(mask)[..., None]
        rgb = torch.where(inside, render.rgb, torch.ones_like(render.rgb))
        render = showing(render, rgb, torch.where(inside, render.alpha, torch.zeros_like(render.alpha)))
    if loss == "mse":
        assert target is not None
        # As PyTorch3D compares: what is brighter than 1 counts. `MatchImage` clips renders, as pictures are.
        return mean_squared_error(render.rgba, as_image(target).to(render.rgba), clip=False).sum()
    return view_heuristic(render).sum() if loss == "heuristic" else render.alpha.mean()


def showing(render: Render, rgb: Tensor, alpha: Tensor) -> Render:
    """The same cameras' render with other images."""
    return render.showing(torch.cat([rgb, alpha], dim=-1))


def as_image(target: np.ndarray) -> Tensor:
    """[H, W, 3] float32 in [0, 1], from uint8."""
    return torch.from_numpy(target).float() / 255 if target.dtype == np.uint8 else torch.from_numpy(target)


def flat(parts: object) -> Tensor:
    """[7] float64 from gradients by each of `NAMES`, in their order."""
    return torch.cat([torch.as_tensor(part).double().reshape(-1) for part in parts])  # type: ignore[union-attr]


def matrices(case: Case) -> Arrays:
    """What the reference takes for the camera: the orbit's parameters, or our R and T."""
    leaves = case.leaves(torch.float32)
    if not case.matrices:
        return {name: leaf.detach().numpy() for name, leaf in leaves.items()}
    camera = case.look(leaves)
    return {"R": camera.R.detach().numpy(), "T": camera.T.detach().numpy(), "fov": leaves["fov"].detach().numpy()}


def pulled_back(case: Case, gradient: Arrays) -> Tensor:
    """[7] float64: a reference's gradient by the orbit's parameters; of one by R and T, through the orbit's formula."""
    if not case.matrices:
        return flat(gradient[name] for name in NAMES)
    leaves = case.leaves(torch.float64)
    camera = case.look(leaves)
    names = [name for name in NAMES if name != "fov"]
    by_matrix = [torch.from_numpy(gradient[name]).double() for name in ("R", "T")]
    slopes = torch.autograd.grad([camera.R, camera.T], [leaves[name] for name in names], by_matrix)
    found = dict(zip(names, slopes, strict=True))
    return flat(torch.from_numpy(gradient["fov"]) if name == "fov" else found[name] for name in NAMES)
