"""The mapping that the package has: from a sentence to a view of a room that it has not seen.

python sentences.py [--rooms 40] [--aiming 2500] [--steps 5000] [--out default.pt]
python sentences.py --judge default.pt                 tests a file again
python sentences.py --without plant window --out x.pt  trains without some kinds, and tests what it makes of them

Trains on furnished rooms made by code: first where to look, then by the gradient of `FocusOn` through the renderer.
A query is the sentence encoder's embedding of one of many phrasings of a thing's names and uses, or of a relation
that says which of several things is meant. It is tested in other rooms, with sentences that it was not trained on
(held_out.txt, relations.py).
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from asks import KINDS, asks
from furnished import Furnished
from judging import Judge
from relations import relations_in, things_of

from tvdrnet_nv.grounding import Grounder
from tvdrnet_nv.language import TextEncoder, load_text_encoder
from tvdrnet_nv.mapping import CameraMapping, Task, aim, load_mapping, save_mapping, train
from tvdrnet_nv.scenes import make_room

PULL, BLUR, RATE = 0.5, 1.0, 2e-3
WIDTH, GLANCES = 64, 2
STARTS = 4
_USUAL = 6  # every sixth room to learn from is of the usual layout
_VARIED = 4  # every fourth is varied
_BATCH = 256  # sentences that are embedded at once


def embeddings(encoder: TextEncoder, sentences: list[str]) -> dict[str, torch.Tensor]:
    """[Q] for each sentence."""
    distinct = list(dict.fromkeys(sentences))
    parts = [encoder.encode(distinct[i : i + _BATCH]) for i in range(0, len(distinct), _BATCH)]
    return dict(zip(distinct, torch.cat(parts), strict=True)) if distinct else {}


def tasks_of(count: int, encoder: TextEncoder, kinds: list[str], rng: np.random.Generator) -> list[Task]:
    """What is to be learned from `count` rooms."""
    sentences = asks(kinds)
    known = embeddings(encoder, [sentence for group in sentences.values() for sentence in group])
    learned = {ask: torch.stack([known[sentence] for sentence in group]) for ask, group in sentences.items()}
    tasks: list[Task] = []
    for seed in range(1000, 1000 + count):
        room = make_room(5000, seed, shuffled=seed % _USUAL != 0)
        meant = relations_in(Grounder(things_of(room), encoder))
        meant = [
            item
            for item in meant
            if not item.kept and item.title.rsplit("_", 1)[0] in kinds and item.anchor.replace(" ", "_") in kinds
        ]
        known |= embeddings(encoder, [s for item in meant for s in item.sentences if s not in known])
        tasks += Furnished(room, rng, varied=seed % _VARIED == 0).tasks(learned, meant, known)
    return tasks


def learn(mapping: CameraMapping, tasks: list[Task], args: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Both kinds of lessons; every twentieth of the steps, what was learned so far is written beside `args.out`."""
    checkpoint = args.out.with_suffix(".checkpoint.pt")
    args.out.parent.mkdir(parents=True, exist_ok=True)

    def watch(name: str, steps: int) -> Callable[[int, float], None]:
        recent: list[float] = []

        def callback(step: int, loss: float) -> None:
            recent.append(loss)
            if step % max(1, steps // 20) == 0:
                save_mapping(mapping, checkpoint)
                say(f"{name}: step {step}, mean loss {np.mean(recent[-200:]):.3f}")

        return callback

    if args.aiming:
        aim(mapping, tasks, steps=args.aiming, blur=BLUR, callback=watch("aiming", args.aiming))
    if args.steps:
        options = {"starts": STARTS, "learning_rate": RATE, "pull": PULL, "blur": BLUR}
        train(mapping, tasks, steps=args.steps, **options, callback=watch("showing", args.steps))
    save_mapping(mapping, args.out)
    checkpoint.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=40, help="to train on")
    parser.add_argument("--unseen", type=int, default=8, help="rooms to test on")
    parser.add_argument("--aiming", type=int, default=2500, help="steps without renders")
    parser.add_argument("--steps", type=int, default=5000, help="steps with renders")
    parser.add_argument("--without", nargs="*", default=[], choices=KINDS, metavar="KIND", help="kinds to leave out")
    parser.add_argument("--start", type=Path, metavar="FILE", help="a mapping to go on with, such as a checkpoint")
    parser.add_argument("--judge", type=Path, nargs="+", metavar="FILE", help="test these mappings, and train none")
    parser.add_argument("--out", type=Path, default=Path("default.pt"))
    args = parser.parse_args()
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:4.0f} s  {text}", flush=True)

    encoder = load_text_encoder()
    if args.judge is None:
        kinds = [kind for kind in KINDS if kind not in args.without]
        tasks = tasks_of(args.rooms, encoder, kinds, np.random.default_rng(0))
        say(f"{len(tasks)} tasks in {args.rooms} rooms")
        mapping = CameraMapping(encoder.size, width=WIDTH, glances=GLANCES)
        learn(mapping if args.start is None else load_mapping(args.start), tasks, args, say)
        say(f"wrote {args.out}")

    rng = np.random.default_rng(1)
    made = [make_room(5000, seed, shuffled=True) for seed in range(args.unseen)]
    meant = [relations_in(Grounder(things_of(room), encoder)) for room in made]
    shuffled = [Furnished(room, rng) for room in made]
    usual = [Furnished(make_room(5000, seed), rng) for seed in range(min(1, args.unseen))]
    judge = Judge(encoder)
    for file in args.judge or [args.out]:
        say(f"{file}")
        judge(load_mapping(file), shuffled, meant, usual)
    say("done")


if __name__ == "__main__":
    main()
