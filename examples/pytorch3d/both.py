"""A camera that is found by a PyTorch3D loss on nvdiffrast's ops, and can be interrupted: its state is kept in a file.

    python -m tvdrnet_nv.compat examples/pytorch3d/both.py [--iterations N] [--state FILE]

The mesh, the camera's transform and the losses are PyTorch3D's, the pictures are nvdiffrast's. Each run goes on from
the state that the last one left, so `--iterations 40` twice is the same as 80 once.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import nvdiffrast.torch as dr
import torch
from common import report
from pytorch3d.loss import chamfer_distance
from pytorch3d.ops import sample_points_from_meshes
from pytorch3d.renderer import FoVPerspectiveCameras, look_at_view_transform
from pytorch3d.transforms import se3_exp_map
from pytorch3d.utils import torus

SIZE = 64


def picture(context: dr.RasterizeCudaContext, verts: torch.Tensor, faces: torch.Tensor, camera, log) -> torch.Tensor:
    """[1, SIZE, SIZE, 3]: the mesh, coloured by position, moved by the logarithm of a rigid motion."""
    moved = torch.nn.functional.pad(verts, (0, 1), value=1.0) @ se3_exp_map(log)[0]
    clip = moved @ camera.get_full_projection_transform().get_matrix()[0]
    clip = (clip * torch.tensor([-1.0, -1.0, 1.0, 1.0], device=clip.device))[None].contiguous()
    rast, _ = dr.rasterize(context, clip, faces, resolution=[SIZE, SIZE])
    color, _ = dr.interpolate((verts[None] + 1) / 2, rast, faces)
    return dr.antialias(color * (rast[..., 3:] > 0), rast, clip, faces)


def main() -> int:
    """Train, and say how well the camera was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=80)
    parser.add_argument("--state", type=Path, default=Path("both.pickle"))
    given = parser.parse_args()
    device = torch.device("cuda")
    torch.manual_seed(0)
    mesh = torus(0.35, 0.8, 12, 24).to(device)
    verts, faces = mesh.verts_packed(), mesh.faces_packed().to(torch.int32)
    R, T = look_at_view_transform(3.0, 30.0, 20.0)
    camera = FoVPerspectiveCameras(R=R, T=T, device=device)
    context = dr.RasterizeCudaContext(device=device)
    with torch.no_grad():
        target = picture(context, verts, faces, camera, torch.zeros(1, 6, device=device))
        cloud = sample_points_from_meshes(mesh, 300)
    log = torch.tensor([[0.12, -0.1, 0.15, 0.1, -0.15, 0.1]], device=device, requires_grad=True)
    optimizer = torch.optim.Adam([log], lr=0.02)
    first = float((picture(context, verts, faces, camera, log) - target).square().mean().detach())
    done = 0
    if given.state.is_file():
        kept = pickle.loads(given.state.read_bytes())
        log.data.copy_(kept["log"])
        optimizer.load_state_dict(kept["optimizer"])
        done, first = kept["done"], kept["first"]
    points = torch.nn.functional.pad(cloud[0], (0, 1), value=1.0)
    for _ in range(given.iterations):
        optimizer.zero_grad()
        image = (picture(context, verts, faces, camera, log) - target).square().mean()
        near, _ = chamfer_distance((points @ se3_exp_map(log)[0])[None, :, :3], cloud)
        (image + 0.3 * near).backward()
        optimizer.step()
    last = float((picture(context, verts, faces, camera, log) - target).square().mean().detach())
    done += given.iterations
    kept = {"log": log.detach().cpu(), "optimizer": optimizer.state_dict(), "done": done, "first": first}
    given.state.write_bytes(pickle.dumps(kept))
    return report(f"both, {done} iterations", first, last, "squared difference", last < first / 50)


if __name__ == "__main__":
    raise SystemExit(main())
