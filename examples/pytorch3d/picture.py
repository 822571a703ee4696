"""Distance, elevation and azimuth of a camera, found from its picture of a lit scene in a PLY file.

python picture.py [--size 64] [--iterations 150] [--level 3]
"""

import argparse
import sys
import tempfile
from pathlib import Path

import torch
from common import boulder, report
from pytorch3d.io import load_ply, save_ply
from pytorch3d.renderer import (
    FoVPerspectiveCameras,
    MeshRasterizer,
    MeshRenderer,
    PointLights,
    RasterizationSettings,
    SoftPhongShader,
    TexturesVertex,
    look_at_view_transform,
)
from pytorch3d.structures import Meshes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=150)
    parser.add_argument("--level", type=int, default=3)
    args = parser.parse_args()
    device = torch.device("cuda:0")

    with tempfile.TemporaryDirectory() as folder:
        scene = Path(folder) / "boulder.ply"
        save_ply(str(scene), *boulder(args.level, device).get_mesh_verts_faces(0))
        verts, faces = load_ply(str(scene))
    colors = 0.5 + 0.5 * torch.sin(verts * torch.tensor([3.0, 5.0, 4.0]))
    mesh = Meshes([verts.to(device)], [faces.to(device)], TexturesVertex(colors[None].to(device)))

    cameras = FoVPerspectiveCameras(device=device)
    lights = PointLights(device=device, location=((2.0, 2.0, 3.0),))
    renderer = MeshRenderer(
        rasterizer=MeshRasterizer(cameras=cameras, raster_settings=RasterizationSettings(image_size=args.size)),
        shader=SoftPhongShader(device=device, cameras=cameras, lights=lights),
    )

    truth = torch.tensor([3.2, 25.0, 40.0], device=device)
    units = torch.tensor([1.0, 30.0, 30.0], device=device)  # distance in scene units, angles in degrees
    R, T = look_at_view_transform(*truth, device=device)
    with torch.no_grad():
        picture = renderer(mesh, R=R, T=T)[..., :3]

    start = torch.tensor([3.8, 5.0, 65.0], device=device)
    steps = torch.zeros(3, device=device, requires_grad=True)
    optimizer = torch.optim.Adam([steps], lr=0.05)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / args.iterations))
    for _ in range(args.iterations):
        optimizer.zero_grad()
        R, T = look_at_view_transform(*(start + steps * units), device=device)
        loss = (renderer(mesh, R=R, T=T)[..., :3] - picture).square().mean()
        loss.backward()
        optimizer.step()
        scheduler.step()
    first, last = (((start + s * units - truth) / units).abs().max().item() for s in (0 * steps, steps.detach()))
    return report("picture", first, last, "units of 1 and 30 degrees", last < 0.02)


if __name__ == "__main__":
    sys.exit(main())
