"""How well the gradient of the mask's loss at the cameras foretells what happens when they move.

python gradient.py [rooms.toml] [--rooms 4] [--directions 16] [--checkpoint phase3/joint-0.pt]

The pixels show other points as soon as the cameras move, and the graph holds the points. So its slope along random
directions is compared with differences of the true loss, in which the points are found anew: with the gradient that
training uses, in which a held point's place in the picture moves, and with one in which the faces of the pixels are
constant and nothing else is corrected.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from joint_lifting import lift, mask_loss, samples_of
from joint_model import THINGS, VIEWS, QueriedRoom
from joint_settings import ARMS, read_settings
from joint_training import MOVING, Training
from rooms import embeddings

from tvdrnet_nv import InputError

STEPS = (0.003, 0.01, 0.03, 0.1)  # length of all cameras' movements together: radii of the room, and radians
_FIRST = 43_000  # rooms of no other use


def slopes(
    training: Training, room: QueriedRoom, thing: int, query: torch.Tensor, directions: int, draws: torch.Generator
) -> np.ndarray:
    """[directions, 2 + len(STEPS)]: by the two gradients, and by differences over each of `STEPS`."""
    model, truth = training.model, room.of_faces[[thing]]
    with torch.no_grad():
        start = training.views(room, query)
    owner = torch.zeros(VIEWS, dtype=torch.int64)
    units = torch.tensor([room.scene.radius, 180 / np.pi, 180 / np.pi, *[room.scene.radius] * 3])

    def loss(values: torch.Tensor, *, moves: bool) -> torch.Tensor:
        camera = start.unpack(values, MOVING).camera()
        render = room.renderer(camera)
        logits = model.decoder(render.rgb, query)[:, 0]
        held = camera if moves else camera.detach()
        found = lift(
            logits, held, samples_of(render, room.mesh), owner, 1, len(room.areas), model.prior, model.settings.doubt
        )
        return mask_loss(found, truth, room.areas).sum()

    at = start.pack(MOVING)
    gradients = []
    for moves in (True, False):
        values = at.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(values, moves=moves), values)
        gradients.append(gradient)
    rows = []
    with torch.no_grad():
        for _ in range(directions):
            way = torch.randn(at.shape, generator=draws)
            way = way / way.norm() * units
            row = [float((gradient * way).sum()) for gradient in gradients]
            for step in STEPS:
                change = loss(at + step * way, moves=True) - loss(at - step * way, moves=True)
                row.append(float(change) / (2 * step))
            rows.append(row)
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path, nargs="?", default=Path(__file__).with_name("rooms.toml"))
    parser.add_argument("--rooms", type=int, default=4)
    parser.add_argument("--directions", type=int, default=16, help="of each thing in each room")
    parser.add_argument("--checkpoint", type=Path, help="of rooms.py; without, the networks are as they begin")
    parser.add_argument("--arm", choices=ARMS, default="joint", help="of the checkpoint")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if min(args.rooms, args.directions) < 1:
        raise InputError(f"--rooms {args.rooms}, --directions {args.directions}: wanted 1 or more")
    settings, queries = read_settings(args.settings), embeddings()
    training = Training(settings, args.arm, args.seed, queries)
    if args.checkpoint is not None:
        training.resume(args.checkpoint)
    training.model.eval().requires_grad_(False)
    draws = torch.Generator().manual_seed(args.seed)
    found = []
    for number in range(args.rooms):
        room = QueriedRoom(_FIRST + number, settings)
        for thing in range(len(THINGS)):
            found.append(slopes(training, room, thing, queries[[thing]], args.directions, draws))
    table = np.concatenate(found)
    print(f"{len(table)} directions; correlation with the true loss's differences, and share of equal signs")
    print(f"{'step':>8s}  {'held points':>16s}  {'constant faces':>16s}")
    for column, step in enumerate(STEPS, 2):
        cells = []
        for gradient in (0, 1):
            same = np.mean(np.sign(table[:, gradient]) == np.sign(table[:, column]))
            cells.append(f"{np.corrcoef(table[:, gradient], table[:, column])[0, 1]:8.2f} {same:7.0%}")
        print(f"{step:8g}  {cells[0]:>16s}  {cells[1]:>16s}")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"gradient.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None
