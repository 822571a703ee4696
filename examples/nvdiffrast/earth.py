"""A globe's texture, found from pictures from far and near (Laine et al. 2020; nvdiffrast's `earth`).

    python earth.py [--no-mip] [--resolution 64] [--iterations 200] [--seed 0]

From afar many texels fall on one pixel. With mipmaps the gradient reaches all of them; without, a few at random, and
the texture is found more slowly: compare the errors with `--no-mip`. The target pictures average 4 x 4 samples to the
pixel.
"""

import argparse
import sys

import nvdiffrast.torch as dr
import torch
from common import random_quaternions, report, rotation_matrices, sphere, to_clip

VIEWS, SUPERSAMPLING, TEXTURE, MAX_MIP_LEVEL = 4, 4, (64, 128), 5


def continents():
    """A made-up map, [1, 64, 128, 3]: random waves; blue where they are low, green to white where they are high."""
    height, width = TEXTURE
    rows, columns = torch.arange(height, device="cuda") / height, torch.arange(width, device="cuda") / width
    v, u = torch.meshgrid(rows, columns, indexing="ij")
    land = torch.zeros(TEXTURE, device="cuda")
    for octave in range(1, 6):
        for _ in range(4):
            phase = 2 * torch.pi * torch.rand(2, device="cuda")
            land += (2 * torch.pi * octave * u + phase[0]).sin() * (torch.pi * octave * v + phase[1]).sin() / octave
    land = land[..., None]
    water = torch.tensor([0.1, 0.2, 0.6], device="cuda") * (1 + 0.3 * land.clamp(-2, 0))
    ground = torch.tensor([0.2, 0.5, 0.2], device="cuda") + 0.25 * land.clamp(0, 3)
    return torch.where(land < 0, water, ground).clamp(0, 1)[None].contiguous()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mip", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    context = dr.RasterizeCudaContext()
    positions, uv, tri = sphere(24, 48)

    def render(texture, clip, resolution, mip):
        rast, rast_db = dr.rasterize(context, clip, tri, resolution=[resolution, resolution])
        if mip:
            coordinates, slopes = dr.interpolate(uv[None], rast, tri, rast_db=rast_db, diff_attrs="all")
            color = dr.texture(
                texture, coordinates, slopes, filter_mode="linear-mipmap-linear", max_mip_level=MAX_MIP_LEVEL
            )
        else:
            coordinates, _ = dr.interpolate(uv[None], rast, tri)
            color = dr.texture(texture, coordinates, filter_mode="linear")
        return torch.where(rast[..., 3:] > 0, color, torch.zeros_like(color))

    def target_pictures(clip):
        fine = render(true_texture, clip, SUPERSAMPLING * args.resolution, mip=False)
        size = (VIEWS, args.resolution, SUPERSAMPLING, args.resolution, SUPERSAMPLING, 3)
        return fine.reshape(size).mean(dim=(2, 4))

    true_texture = continents()
    texture = torch.full_like(true_texture, 0.4).requires_grad_()
    optimizer = torch.optim.Adam([texture], lr=3e-2)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: 10 ** (-i / args.iterations))

    # A texel's area on the globe.
    area = (torch.pi * (torch.arange(TEXTURE[0], device="cuda") + 0.5) / TEXTURE[0]).sin()[:, None, None]

    def error():
        squares = (texture.detach() - true_texture).square()
        return ((squares * area).mean() / area.mean()).sqrt().item()

    first = error()
    for _ in range(args.iterations):
        rotation = rotation_matrices(random_quaternions(VIEWS))
        distance = 3.0 + 5.0 * torch.rand(VIEWS, 1, device="cuda")
        clip = to_clip(positions, rotation, distance)
        with torch.no_grad():
            target = target_pictures(clip)
        loss = (render(texture, clip, args.resolution, args.mip) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    last = error()
    return report("earth", first, last, "(root mean square over the globe)", last < first / 4)


if __name__ == "__main__":
    sys.exit(main())
