"""What a mirror-like shape reflects, and its highlight (Laine et al. 2020; nvdiffrast's `envphong`).

    python envphong.py [--resolution 64] [--iterations 250] [--seed 0]

The shape is known. The surroundings, a cube map, and the highlight of a Phong model, its colour and exponent, are found
from pictures from random directions. The lamp is carried along with the camera, which is what tells the two apart.
"""

import argparse
import math
import sys

import nvdiffrast.torch as dr
import torch
from common import random_quaternions, report, rotation_matrices, sphere, to_clip

VIEWS, DISTANCE, SIDE = 4, 4.0, 16
TO_LAMP = (0.4, 0.5, 0.77)


def normalize(vectors):
    return torch.nn.functional.normalize(vectors, dim=-1)


def dented_sphere():
    """Vertices [V, 3], unit normals [V, 3], triangles int32 [F, 3]."""
    positions, _, tri = sphere(40, 80)
    x, y, z = positions.unbind(1)
    positions = positions * (0.85 + 0.1 * (3 * x).sin() * (3 * y).cos() + 0.05 * (5 * z).sin())[:, None]
    a, b, c = (positions[tri[:, k].long()] for k in range(3))
    across = torch.linalg.cross(b - a, c - a)
    normals = torch.zeros_like(positions)
    for k in range(3):
        normals.index_add_(0, tri[:, k].long(), across)
    outwards = torch.sign((normals * positions).sum())
    return positions, normalize(outwards * normals), tri


def surroundings():
    """Made up: [1, 6, SIDE, SIDE, 3], soft patches of colour."""
    coarse = torch.rand(6, 3, 5, 5, device="cuda")
    soft = torch.nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bilinear", align_corners=True)
    return soft.permute(0, 2, 3, 1)[None].contiguous()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    context = dr.RasterizeCudaContext()
    positions, normals, tri = dented_sphere()

    def render(environment, highlight, log_exponent, rotation):
        clip = to_clip(positions, rotation, DISTANCE)
        rast, _ = dr.rasterize(context, clip, tri, resolution=[args.resolution, args.resolution])
        place, _ = dr.interpolate(positions[None], rast, tri)
        normal, _ = dr.interpolate(normals[None], rast, tri)
        normal = normalize(normal)
        eye = DISTANCE * rotation[:, None, None, 2]  # the camera in the shape's frame: R^T (0, 0, DISTANCE)
        lamp = normalize(torch.tensor(TO_LAMP, device="cuda")) @ rotation
        to_eye = normalize(eye - place)
        mirrored = (2 * (to_eye * normal).sum(-1, keepdim=True) * normal - to_eye).contiguous()
        reflected = dr.texture(environment, mirrored, filter_mode="linear", boundary_mode="cube")
        cosine = (normalize(mirrored) * lamp[:, None, None]).sum(-1, keepdim=True)
        color = reflected + highlight * cosine.clamp(min=1e-4) ** log_exponent.exp()
        color = torch.where(rast[..., 3:] > 0, color, torch.zeros_like(color))
        return dr.antialias(color.contiguous(), rast, clip, tri)

    true_environment = surroundings()
    true_highlight = torch.tensor([0.9, 0.7, 0.5], device="cuda")
    true_exponent = torch.tensor(math.log(25.0), device="cuda")
    environment = torch.full_like(true_environment, 0.5).requires_grad_()
    highlight = torch.full((3,), 0.3, device="cuda").requires_grad_()
    exponent = torch.tensor(math.log(8.0), device="cuda").requires_grad_()
    optimizer = torch.optim.Adam(
        [{"params": [environment], "lr": 4e-2}, {"params": [highlight, exponent], "lr": 8e-2}], betas=(0.9, 0.99)
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: 10 ** (-i / args.iterations))

    def error():
        return (environment.detach() - true_environment).square().mean().sqrt().item()

    first = error()
    for _ in range(args.iterations):
        rotation = rotation_matrices(random_quaternions(VIEWS))
        with torch.no_grad():
            target = render(true_environment, true_highlight, true_exponent, rotation)
        loss = (render(environment, highlight, exponent, rotation) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    last = error()
    print(f"highlight {[round(c, 3) for c in highlight.tolist()]}, exponent {exponent.exp().item():.2f}")
    found = abs(exponent.exp().item() / 25.0 - 1) < 0.1 and (highlight - true_highlight).abs().max().item() < 0.1
    return report("envphong", first, last, "(root mean square over the cube map)", last < first / 4 and found)


if __name__ == "__main__":
    sys.exit(main())
