"""A mapping that finds things in rooms that it has not seen: trained on furnished rooms made by code, by the gradient
of `FocusOn` through the renderer, and asked about others.

python rooms.py [--rooms 48] [--unseen 8] [--steps 1200] [--out mapping]

Each thing (sofa, desk, ...) has an embedding, a fixed random direction that stands for a text encoder's. The mapping
sees a room, an embedding and a random camera, never where the thing is. Writes OUT/mapping.pt and OUT/sofa.npy etc.
for `tvdr-nv optimize ROOM.ply --mapping OUT/mapping.pt --query OUT/sofa.npy`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv import Orbit, Renderer, optimize, scene_orbit, search_orbit
from tvdrnet_nv.mapping import CameraMapping, ScenePoints, Task, answers, losses, save_mapping, train
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.scenes import Room, make_room

THINGS = ("sofa", "desk", "dining_table", "sideboard", "shelf", "plant", "floor_lamp", "coffee_table")
SIZE = 64  # pixels a side
_EMBEDDING = 32
_FLOOR = 0.01  # added to a score before its logarithm
_RANDOM = 16  # random views per thing


def embeddings() -> dict[str, torch.Tensor]:
    """[32] float32 for each thing."""
    draws = torch.randn(len(THINGS), _EMBEDDING, generator=torch.Generator().manual_seed(0))
    return dict(zip(THINGS, torch.nn.functional.normalize(draws, dim=1), strict=True))


class Show:
    """`FocusOn` as a mapping is trained on it: -log(score), so that bad views have a gradient as good ones have."""

    def __init__(self, room: Room, thing: str) -> None:
        mine = [name.rsplit("_", 1)[0] == thing for name in room.names]
        weights = torch.tensor(mine, dtype=torch.float32)[room.labels.long()]
        self.focus = FocusOn(room.mesh, weights, size=SIZE)

    def __call__(self, render) -> torch.Tensor:
        return -(self.focus.scores(render.camera, render.resolution).score + _FLOOR).log()


def starts_in(room: Room, rng: np.random.Generator) -> Orbit:
    """16 random cameras about a room."""
    usual = scene_orbit(room.mesh, up="z")
    return Orbit.create(
        usual.distance * torch.tensor(rng.uniform(0.5, 1.5, 16), dtype=torch.float32),
        torch.tensor(rng.uniform(0, 80, 16), dtype=torch.float32),
        torch.tensor(rng.uniform(0, 360, 16), dtype=torch.float32),
        60.0,
        at=usual.at,
        up="z",
    )


def tasks_in(room: Room, rng: np.random.Generator) -> list[Task]:
    """Each thing in a room, from 16 random cameras."""
    scene, renderer, start = ScenePoints.of(room.mesh, "z"), Renderer(room.mesh, SIZE), starts_in(room, rng)
    return [Task(scene, renderer, start, query, Show(room, thing)) for thing, query in embeddings().items()]


def scores(tasks: list[Task], views: list[Orbit]) -> torch.Tensor:
    """[tasks]: each view's `ViewScores.score` in [0, 1]; a task's several views are averaged."""
    return (losses(tasks, views).neg().exp() - _FLOOR).mean(1)


def random_views(task: Task, rng: np.random.Generator) -> Orbit:
    """Looking from 0.2 to 1.5 radii, 10 to 70 degrees high, at anything between the walls up to half their height."""
    low, high = (bound.double().numpy() for bound in task.renderer.mesh.bounds)
    return Orbit.create(
        torch.tensor(task.scene.radius * np.exp(rng.uniform(np.log(0.2), np.log(1.5), _RANDOM)), dtype=torch.float32),
        torch.tensor(rng.uniform(10, 70, _RANDOM), dtype=torch.float32),
        torch.tensor(rng.uniform(0, 360, _RANDOM), dtype=torch.float32),
        60.0,
        at=torch.tensor(rng.uniform(low, [*high[:2], (low[2] + high[2]) / 2], (_RANDOM, 3)), dtype=torch.float32),
        up="z",
    )


def best_view(task: Task, focus: FocusOn) -> Orbit:
    """By someone who knows where the thing is: the best of 361 views around it, then 40 steps of Adam."""
    around = task.start[0].replace(at=focus.center[None], distance=focus.center.new_tensor([2.2 * focus.radius]))
    begin = search_orbit(task.renderer, task.objective, around, 1)
    moving = ("distance", "elevation", "azimuth", "at")
    return optimize(task.renderer, begin, task.objective, parameters=moving, method="adam", iterations=40).best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=48, help="to train on")
    parser.add_argument("--unseen", type=int, default=8, help="rooms to test on")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--out", type=Path, default=Path("mapping"))
    args = parser.parse_args()
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:4.0f} s  {text}", flush=True)

    rng = np.random.default_rng(0)
    unseen = [t for seed in range(args.unseen) for t in tasks_in(make_room(5000, seed, shuffled=True), rng)]
    seen = [t for seed in range(args.rooms) for t in tasks_in(make_room(5000, 1000 + seed, shuffled=True), rng)]
    say(f"{args.rooms} rooms to learn from and {args.unseen} others, {len(THINGS)} things in each")

    mapping, blind = CameraMapping(_EMBEDDING), CameraMapping(_EMBEDDING, sees_scene=False)
    found = {"untrained": scores(unseen, answers(mapping, unseen))}
    for name, network in (("trained without seeing rooms", blind), ("trained", mapping)):
        recent: list[float] = []

        def watch(step: int, loss: float, recent: list[float] = recent, name: str = name) -> None:
            recent.append(loss)
            if step % max(1, args.steps // 6) == 0:
                say(f"{name}: step {step}, mean loss {np.mean(recent[-100:]):.3f}")

        train(network, seen, steps=args.steps, callback=watch)
        found[name] = scores(unseen, answers(network, unseen))
    args.out.mkdir(parents=True, exist_ok=True)
    save_mapping(mapping, args.out / "mapping.pt")
    for thing, query in embeddings().items():
        np.save(args.out / f"{thing}.npy", query.numpy())

    found["the default view"] = scores(unseen, [scene_orbit(t.renderer.mesh, up="z") for t in unseen])
    found["random views, mean"] = scores(unseen, [random_views(t, rng) for t in unseen])
    found["searched, knowing the place"] = scores(unseen, [best_view(t, t.objective.focus) for t in unseen])
    found["trained, in the rooms learned from"] = scores(seen[: len(unseen)], answers(mapping, seen[: len(unseen)]))
    say("scores in [0, 1], the means over rooms")
    print(f"{'':36s}{'all':>6s}  " + " ".join(f"{thing[:9]:>9s}" for thing in THINGS))
    for name, values in found.items():
        each = " ".join(f"{value:9.2f}" for value in values.reshape(-1, len(THINGS)).mean(0).tolist())
        print(f"{name:36s}{values.mean():6.3f}  {each}")
    share = float(found["trained"].mean() / found["searched, knowing the place"].mean())
    print(f"In rooms that it has not seen, the mapping's views have {share:.0%} of the searched ones' score.")


if __name__ == "__main__":
    main()
