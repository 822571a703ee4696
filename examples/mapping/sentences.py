"""The mapping that the package has: from a sentence to a view of a room that it has not seen.

python sentences.py [--rooms 48] [--unseen 8] [--steps 1800] [--out default.pt]

Trains on furnished rooms made by code, by the gradient of `FocusOn` through the renderer. A query is the sentence
encoder's embedding of one of many phrasings. It is tested in rooms that it was not trained on: with a phrasing that it
knows, with other phrasings of the same name, with other names, and with other things that people do with it.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rooms import THINGS, best_view, random_views, scores, tasks_in

from tvdrnet_nv import scene_orbit
from tvdrnet_nv.language import load_text_encoder
from tvdrnet_nv.mapping import CameraMapping, Task, answers, save_mapping, train
from tvdrnet_nv.scenes import Room, make_room

# Of each thing: names and uses to learn from; other names and other uses to be tested with.
WORDS = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
LEARNED = ("{}", "the {}", "a {}", "show me the {}", "where is the {}?", "look at the {}", "I am looking for the {}")
OTHER = ("could you point the camera at the {}, please?", "take a photograph of the {}", "turn to the {} in this room")
PULL = 3.0


def phrases(thing: str) -> list[str]:
    """What the mapping learns from."""
    words = WORDS[thing]
    return [template.format(name) for name in words["names"] for template in LEARNED] + words["uses"]


def others(thing: str) -> dict[str, list[str]]:
    """What it is tested with."""
    words = WORDS[thing]
    name = words["names"][0]
    return {
        "the NAME": [f"the {name}"],
        "other phrasings": [template.format(name) for template in OTHER],
        "other names": [f"the {other}" for other in words["other names"]],
        "other uses": words["other uses"],
    }


def places(room: Room, thing: str) -> torch.Tensor:
    """[N, 3]: the middles of the things of this kind."""
    which = [i for i, name in enumerate(room.names) if name.rsplit("_", 1)[0] == thing]
    return torch.stack([room.mesh.vertices[room.labels.long() == i].mean(0) for i in which])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=48, help="to train on")
    parser.add_argument("--unseen", type=int, default=8, help="rooms to test on")
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--out", type=Path, default=Path("default.pt"))
    args = parser.parse_args()
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:4.0f} s  {text}", flush=True)

    encoder = load_text_encoder()
    rng = np.random.default_rng(0)
    learned = [encoder.encode(phrases(thing)) for thing in THINGS]
    tasks: list[Task] = []
    for seed in range(1000, 1000 + args.rooms):
        room = make_room(5000, seed, shuffled=True)
        for task, thing, queries in zip(tasks_in(room, rng), THINGS, learned, strict=True):
            tasks += [replace(task, query=query, places=places(room, thing)) for query in queries]
    unseen = [t for seed in range(args.unseen) for t in tasks_in(make_room(5000, seed, shuffled=True), rng)]
    say(f"{args.rooms} rooms to learn from and {args.unseen} others, {len(THINGS)} things in each")

    mapping = CameraMapping(encoder.size)
    recent: list[float] = []

    def watch(step: int, loss: float) -> None:
        recent.append(loss)
        if step % max(1, args.steps // 20) == 0:
            say(f"step {step}, mean loss {np.mean(recent[-200:]):.3f}")

    train(mapping, tasks, steps=args.steps, pull=PULL, callback=watch)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save_mapping(mapping, args.out)
    say(f"wrote {args.out}")

    found = {}
    for kind in others(THINGS[0]):
        asked = []
        for row, task in enumerate(unseen):
            texts = others(THINGS[row % len(THINGS)])[kind]
            asked.append([replace(task, query=query) for query in encoder.encode(texts)])
        found[kind] = torch.stack([scores(each, answers(mapping, each)).mean() for each in asked])
    found["the default view"] = scores(unseen, [scene_orbit(t.renderer.mesh, up="z") for t in unseen])
    found["random views, mean"] = scores(unseen, [random_views(t, rng) for t in unseen])
    found["searched, knowing the place"] = scores(unseen, [best_view(t) for t in unseen])
    say("scores in [0, 1], the means over rooms")
    print(f"{'':36s}{'all':>6s}  " + " ".join(f"{thing[:9]:>9s}" for thing in THINGS))
    for name, values in found.items():
        each = " ".join(f"{value:9.2f}" for value in values.reshape(-1, len(THINGS)).mean(0).tolist())
        print(f"{name:36s}{values.mean():6.3f}  {each}")
    known = float(found["searched, knowing the place"].mean())
    print(json.dumps({name: round(float(values.mean()) / known, 3) for name, values in found.items()}))


if __name__ == "__main__":
    main()
