"""Where a camera was, found from the outline of what it saw (as PyTorch3D's tutorial on camera positions).

python position.py [--size 64] [--iterations 120] [--level 3]
"""

import argparse
import sys

import torch
from common import boulder, report
from pytorch3d.renderer import (
    BlendParams,
    FoVPerspectiveCameras,
    MeshRasterizer,
    MeshRenderer,
    RasterizationSettings,
    SoftSilhouetteShader,
    look_at_rotation,
    look_at_view_transform,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=120)
    parser.add_argument("--level", type=int, default=3)
    args = parser.parse_args()
    device = torch.device("cuda:0")

    mesh = boulder(args.level, device)
    cameras = FoVPerspectiveCameras(device=device)
    renderer = MeshRenderer(
        rasterizer=MeshRasterizer(cameras, RasterizationSettings(image_size=args.size)),
        shader=SoftSilhouetteShader(blend_params=BlendParams(sigma=1e-4)),
    )

    R, T = look_at_view_transform(3.0, 30.0, 20.0, device=device)
    with torch.no_grad():
        outline = renderer(mesh, R=R, T=T)[..., 3]
        true_position = cameras.get_camera_center()[0]

    position = torch.nn.Parameter(torch.tensor([2.6, 2.4, 2.6], device=device))
    optimizer = torch.optim.Adam([position], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / args.iterations))
    first = (position.detach() - true_position).norm().item()
    for _ in range(args.iterations):
        optimizer.zero_grad()
        R = look_at_rotation(position[None], device=device)
        T = -torch.bmm(R.transpose(1, 2), position[None, :, None])[:, :, 0]
        loss = (renderer(mesh.clone(), R=R, T=T)[..., 3] - outline).square().sum()
        loss.backward()
        optimizer.step()
        scheduler.step()
    last = (position.detach() - true_position).norm().item()
    return report("position", first, last, "units", last < 0.05)


if __name__ == "__main__":
    sys.exit(main())
