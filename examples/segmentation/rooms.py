"""The segmenter that the package has: a small network that finds named things in pictures of rooms.

python rooms.py [--rooms 24] [--pictures 80] [--renew 15] [--steps 900] [--unseen 4] [--out rooms.pt]

Trains on pictures of furnished rooms made by code. A query is the sentence encoder's embedding of a name. Then it is
tried in rooms that it was not trained on: in pictures, and by `tvdr-nv segment`'s search, whose mask of the room's
vertices is compared with the things.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from pictures import Pictures, kinds_of, phrases
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv import Renderer, scene_orbit
from tvdrnet_nv.language import load_text_encoder
from tvdrnet_nv.lifting import MaskOfViews
from tvdrnet_nv.scenes import make_room
from tvdrnet_nv.segmentation import explore, looking_with, overlap
from tvdrnet_nv.segmentation.files import load_network, save_network
from tvdrnet_nv.segmentation.network import TextConditionedNetwork
from tvdrnet_nv.segmentation.small import KINDS, SmallSegmenter
from tvdrnet_nv.shading import UNLIT

ABSENT = ("bed", "toilet", "refrigerator", "bathtub", "dog", "car", "dinosaur", "piano", "sink", "curtain", "bicycle")
SMALL = ("ball", "books", "bowl", "box", "can", "cushion", "keyboard", "lamp", "mug", "pile", "vase")
_BATCH = 12
_ABSENT_EACH = 2  # absent things that are asked for in each step
_EACH = 3.0  # what each sentence by itself counts, beside which of them it is


def loss_of(logits: Tensor, kinds: Tensor, weights: Tensor) -> Tensor:
    """Which of the sentences a pixel shows, and for each sentence whether it does.

    Args:
        logits: [B, K, h, w].
        kinds: [B, h, w], the sentence that each pixel shows; -1 for none of them.
        weights: [K + 1], what pixels count that show none, and each kind.
    """
    every = functional.pad(logits, (0, 0, 0, 0, 1, 0))  # none's logit is 0
    number = kinds.long() + 1
    which = functional.cross_entropy(every, number, weights)
    shown = every.gather(1, number[:, None]).sum()
    return which + _EACH * (functional.softplus(logits).sum() - shown) / logits.numel()


def train(network: TextConditionedNetwork, seen: Pictures, unseen: Pictures, encode, args, say) -> None:
    """Teach a network the things' names; `args` are the command's.

    Every `args.renew` steps, pictures of a new room take the place of the oldest ones.
    """
    random, rng = torch.Generator().manual_seed(0), np.random.default_rng(0)
    known = [encode(phrases(kind)) for kind in KINDS]
    absent = encode([f"the {word}" for word in ABSENT])
    optimizer = torch.optim.AdamW(network.parameters(), lr=args.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.rate, total_steps=args.steps, pct_start=0.1)
    weights = weights_of(seen)
    queries = encode([f"the {kind}" for kind in KINDS])
    say(f"before: {in_pictures(network, unseen, queries)}")
    network.train().requires_grad_(True)
    losses = []
    for step in range(1, min(args.steps, args.stop or args.steps) + 1):
        pictures, kinds = seen.batch(torch.randint(len(seen.pictures), (_BATCH,), generator=random), random)
        asked = torch.stack([of_kind[rng.integers(len(of_kind))] for of_kind in known])
        others = absent[rng.integers(len(absent), size=_ABSENT_EACH)]
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bfloat16):
            logits = network(pictures, torch.cat([asked, others])).float()
        loss = loss_of(logits, smaller(kinds, logits), weights)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if args.renew and step % args.renew == 0:
            seen.renew()
        if step % 500 == 0:
            save_network(network, args.out)
        if step % max(1, args.steps // 10) == 0:
            say(f"step {step}: loss {np.mean(losses):.3f}; {in_pictures(network, unseen, queries)}")
            network.train()
            losses.clear()
    network.eval()


def smaller(kinds: Tensor, logits: Tensor) -> Tensor:
    """[B, h, w]: what is in the middle of each pixel of logits [B, K, h, w], of kinds [B, 2 h, 2 w]."""
    return kinds[:, 1::2, 1::2][:, : logits.shape[2], : logits.shape[3]]


def weights_of(pictures: Pictures) -> Tensor:
    """[K + 1 + absent]: rare kinds count more, by the root of how rare they are; on average 1."""
    counts = torch.bincount(pictures.shown.flatten().long() + 1, minlength=len(KINDS) + 1).float()
    found = (counts + counts.mean() / 100).rsqrt()
    found = found * counts.sum() / (found * counts).sum()
    return torch.cat([found, torch.ones(_ABSENT_EACH)])


def in_pictures(network: TextConditionedNetwork, pictures: Pictures, queries: Tensor) -> str:
    """In words: the mean over the kinds of the IoU over all pictures, each by itself and in competition."""
    network.eval()
    both, either = torch.zeros(2, len(KINDS)), torch.zeros(2, len(KINDS))
    with torch.no_grad():
        for rows in torch.arange(len(pictures.pictures)).split(_BATCH):
            seen, kinds = pictures.batch(rows, None)
            logits = network(seen, queries)
            wanted = smaller(kinds, logits)[:, None] == torch.arange(len(queries))[:, None, None]
            highest = logits == logits.amax(1, keepdim=True)
            for way, found in enumerate((logits > 0, (logits > 0) & highest)):
                both[way] += (found & wanted).sum((0, 2, 3))
                either[way] += (found | wanted).sum((0, 2, 3))
    ious = both / either.clamp_min(1)
    small = torch.tensor([kind in SMALL for kind in KINDS])
    each, competing = (f"{one.mean():.3f} (small {one[small].mean():.3f})" for one in ious)
    return f"mean IoU in pictures of other rooms {each}, in competition {competing}"


def in_rooms(
    segmenter: SmallSegmenter, seeds: range, triangles: int, things: list[str] | None, *, told: bool, say
) -> dict[str, list[float]]:
    """The IoU of each kind's vertices in rooms, by views that the search chooses.

    Args:
        segmenter: trained.
        seeds: of the rooms.
        triangles: of the rooms.
        things: the kinds that are looked for; None for all.
        told: whether the first views are of the thing, as labels tell; otherwise they are all over the room.
        say: is told of each room.
    """
    found: dict[str, list[float]] = {}
    for seed in seeds:
        room = make_room(triangles, seed, shuffled=True)
        kinds = kinds_of(room)
        renderer, start = Renderer(room.mesh, (480, 640), light=UNLIT), scene_orbit(room.mesh, up="z")
        builder = MaskOfViews(room.mesh)
        for kind in sorted(set(kinds) if things is None else set(things) & set(kinds)):
            truth = torch.tensor([other == kind for other in kinds])[room.labels.long()]
            done = explore(
                renderer,
                looking_with(segmenter, f"the {kind}"),
                builder.empty(),
                start,
                part=truth if told else None,
                first=3 if told else 6,
            )
            found.setdefault(kind, []).append(overlap(done.lifted.mask, truth))
        say(f"room {seed}: mean IoU {np.mean([values[-1] for values in found.values()]):.3f}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=24, help="to train on, at a time")
    parser.add_argument("--first", type=int, default=1000, help="number of the first of them")
    parser.add_argument("--pictures", type=int, default=80, help="of each room")
    parser.add_argument("--renew", type=int, default=0, help="steps after which a new room replaces the oldest")
    parser.add_argument("--steps", type=int, help="by default 900, and with --model none: it is only tried")
    parser.add_argument("--stop", type=int, help="step to end at, before the learning rate has fallen; by default none")
    parser.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate")
    parser.add_argument("--width", type=int, default=64, help="channels at a quarter of the picture's sides")
    parser.add_argument(
        "--bfloat16", action="store_true", help="half the time, where the processor knows these numbers"
    )
    parser.add_argument("--unseen", type=int, default=4, help="rooms to try it in")
    parser.add_argument("--triangles", type=int, default=100_000, help="of the rooms that it is tried in")
    parser.add_argument("--things", nargs="+", help="to look for in these; all by default")
    parser.add_argument("--model", type=Path, help="begin with this network instead of a new one")
    parser.add_argument("--out", type=Path, default=Path("rooms.pt"))
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:4.0f} s  {text}", flush=True)

    encoder = load_text_encoder()
    new = args.model is None
    args.steps = (900 if new else 0) if args.steps is None else args.steps
    network = TextConditionedNetwork(encoder.size, width=args.width) if new else load_network(args.model)
    if args.steps:
        unseen = Pictures(range(100, 100 + min(args.rooms, 6)), args.pictures, seed=1)
        seen = Pictures(range(args.first, args.first + args.rooms), args.pictures, seed=0)
        say(f"{len(seen.pictures)} pictures of {args.rooms} rooms to begin with, {len(KINDS)} kinds of things")
        train(network, seen, unseen, encoder.encode, args, say)
        save_network(network, args.out)
        say(f"wrote {args.out}")
    segmenter = SmallSegmenter(network, encoder)
    for told in (True, False) if args.unseen else ():
        found = in_rooms(segmenter, range(args.unseen), args.triangles, args.things, told=told, say=say)
        means = {kind: float(np.mean(values)) for kind, values in found.items()}
        large = [value for kind, value in means.items() if kind not in SMALL]
        mean = f"mean IoU {np.mean(list(means.values())):.3f}"
        if large:
            mean += f", {np.mean(large):.3f} without small things"
        say(f"first views {'of the thing' if told else 'all over the room'}: {mean}")
        print("  " + ", ".join(f"{kind} {value:.2f}" for kind, value in means.items()), flush=True)


if __name__ == "__main__":
    main()
