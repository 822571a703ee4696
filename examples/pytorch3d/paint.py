"""The picture on a ball, found from several views of it at once.

python paint.py [--size 48] [--iterations 60] [--level 2] [--views 6]
"""

import argparse
import math
import sys

import torch
from common import report
from pytorch3d.renderer import (
    AmbientLights,
    FoVPerspectiveCameras,
    HardPhongShader,
    MeshRasterizer,
    MeshRendererWithFragments,
    RasterizationSettings,
    TexturesUV,
    look_at_view_transform,
)
from pytorch3d.structures import Meshes
from pytorch3d.utils import ico_sphere


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--level", type=int, default=2)
    parser.add_argument("--views", type=int, default=6)
    args = parser.parse_args()
    device = torch.device("cuda:0")

    ball = ico_sphere(args.level, device)
    verts, faces = ball.verts_packed(), ball.faces_packed()
    # Each half of the ball is one disc of the picture, side by side.
    u = (verts[:, :2] * torch.acos(verts[:, 2:].abs().clamp(max=1)) / math.pi + 0.5) * verts.new_tensor([0.5, 1.0])
    uv = torch.cat([u, u + u.new_tensor([0.5, 0.0])])
    behind = verts[faces].mean(1)[:, 2] < 0
    faces_uvs = faces + behind[:, None] * len(verts)

    R, T = look_at_view_transform(2.7, 20.0, torch.linspace(0, 300, args.views), device=device)
    cameras = FoVPerspectiveCameras(device=device, R=R, T=T)
    renderer = MeshRendererWithFragments(
        MeshRasterizer(cameras, RasterizationSettings(image_size=args.size)),
        HardPhongShader(device=device, cameras=cameras, lights=AmbientLights(device=device)),
    )

    def views(picture):
        painted = Meshes([verts], [faces], TexturesUV([picture], [faces_uvs], [uv]))
        return renderer(painted.extend(args.views))

    rows, columns = torch.meshgrid(torch.arange(8.0), torch.arange(16.0), indexing="ij")
    truth = (torch.stack([torch.sin(rows), torch.cos(columns), torch.sin(rows + columns)], -1) / 2 + 0.5).to(device)
    with torch.no_grad():
        targets, fragments = views(truth)
        seen = (fragments.pix_to_face >= 0).sum().item()

    picture = torch.full_like(truth, 0.5).requires_grad_()
    optimizer = torch.optim.Adam([picture], lr=0.05)
    errors = []
    for _ in range(args.iterations):
        optimizer.zero_grad()
        images, _ = views(picture)
        loss = (images - targets)[..., :3].square().sum() / seen
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    return report("paint", errors[0], errors[-1], "squared", errors[-1] < 0.02 * errors[0])


if __name__ == "__main__":
    sys.exit(main())
