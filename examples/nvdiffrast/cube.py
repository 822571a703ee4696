"""A cube's corners and colours, found from pictures of a few pixels (Laine et al. 2020; nvdiffrast's `cube`).

    python cube.py [--resolution 16] [--iterations 400] [--seed 0]

Corners start displaced at random, colours at random; each step compares pictures from random directions. At so few
pixels what moves the corners is the gradient of `antialias`.
"""

import argparse
import sys

import nvdiffrast.torch as dr
import torch
from common import cube, random_quaternions, report, rotation_matrices, to_clip

VIEWS, DISTANCE = 8, 4.0


def render(context, positions, tri, colors, color_tri, rotation, resolution):
    """[VIEWS, resolution, resolution, 3]"""
    clip = to_clip(positions, rotation, DISTANCE)
    rast, _ = dr.rasterize(context, clip, tri, resolution=[resolution, resolution])
    color, _ = dr.interpolate(colors[None], rast, color_tri)
    return dr.antialias(color, rast, clip, tri)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resolution", type=int, default=16)
    parser.add_argument("--iterations", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    context = dr.RasterizeCudaContext()
    true_positions, tri = cube()
    # Each side has four corners of its own to colour.
    side = torch.arange(6, dtype=torch.int32, device="cuda")[:, None]
    within = torch.tensor([0, 1, 2, 0, 2, 3], dtype=torch.int32, device="cuda")
    color_tri = (4 * side + within).reshape(12, 3).contiguous()
    true_colors = torch.rand(24, 3, device="cuda")

    positions = (true_positions + 0.5 * (torch.rand(8, 3, device="cuda") - 0.5)).requires_grad_()
    colors = torch.rand(24, 3, device="cuda").requires_grad_()
    optimizer = torch.optim.Adam([positions, colors], lr=2e-2)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: 10 ** (-1.5 * i / args.iterations))

    def error():
        return (positions - true_positions).norm(dim=1).mean().item()

    first = error()
    for _ in range(args.iterations):
        rotation = rotation_matrices(random_quaternions(VIEWS))
        with torch.no_grad():
            target = render(context, true_positions, tri, true_colors, color_tri, rotation, args.resolution)
        picture = render(context, positions, tri, colors, color_tri, rotation, args.resolution)
        loss = (picture - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    last = error()
    return report("cube", first, last, "(mean distance of the corners)", last < first / 5)


if __name__ == "__main__":
    sys.exit(main())
