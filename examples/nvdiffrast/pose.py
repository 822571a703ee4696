"""A cube's pose, found from one picture (Laine et al. 2020; nvdiffrast's `pose`).

    python pose.py [--resolution 64] [--iterations 200] [--seed 0]

First without gradients: of many random poses the 16 that match best are kept. Then Adam moves these, all at once: a
cube turned by 90 degrees matches well enough to trap a single one.
"""

import argparse
import math
import sys

import nvdiffrast.torch as dr
import torch
from common import cube, random_quaternions, report, rotation_matrices, to_clip

DISTANCE, POOL = 4.0, 16
SIDES = [[0.9, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.2, 0.9], [0.9, 0.8, 0.1], [0.8, 0.1, 0.8], [0.1, 0.8, 0.8]]


def degrees_between(p, q):
    """The angle of the turn from p to q, quaternions [4]."""
    p, q = (torch.nn.functional.normalize(quaternion.double(), dim=0) for quaternion in (p, q))
    chord = min((p - q).norm().item(), (p + q).norm().item())  # q and -q are the same turn
    return math.degrees(4 * math.asin(chord / 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    context = dr.RasterizeCudaContext()
    positions, tri = cube()
    colors = torch.tensor(SIDES, device="cuda")
    color_tri = torch.arange(6, dtype=torch.int32, device="cuda").repeat_interleave(2)[:, None].repeat(1, 3)

    def render(quaternions):
        clip = to_clip(positions, rotation_matrices(quaternions), DISTANCE)
        rast, _ = dr.rasterize(context, clip, tri, resolution=[args.resolution, args.resolution])
        color, _ = dr.interpolate(colors[None], rast, color_tri)
        return dr.antialias(color, rast, clip, tri)

    def losses(quaternions):
        return (render(quaternions) - target).square().mean(dim=(1, 2, 3))

    true_pose = random_quaternions(1)
    with torch.no_grad():
        target = render(true_pose)
        pool = random_quaternions(POOL)
        pool_losses = losses(pool)
        first = degrees_between(pool[pool_losses.argmin()], true_pose[0])
        search = args.iterations // 2
        for _ in range(search):
            tried = random_quaternions(POOL)
            candidates, all_losses = torch.cat((pool, tried)), torch.cat((pool_losses, losses(tried)))
            pool_losses, kept = all_losses.topk(POOL, largest=False)
            pool = candidates[kept]

    poses = pool.clone().requires_grad_()
    optimizer = torch.optim.Adam([poses], lr=2e-2)
    refine = args.iterations - search
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: 10 ** (-2 * i / refine))
    for _ in range(refine):
        optimizer.zero_grad()
        losses(poses).sum().backward()
        optimizer.step()
        scheduler.step()
    best = losses(poses).argmin()
    last = degrees_between(poses.detach()[best], true_pose[0])
    return report("pose", first, last, "degrees", last < 1.0)


if __name__ == "__main__":
    sys.exit(main())
