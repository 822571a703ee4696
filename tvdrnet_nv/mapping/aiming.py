"""A mapping's first lessons: where to look. They need no renders."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.mapping.network import CameraMapping
from tvdrnet_nv.mapping.scene_points import SYMMETRIES, ScenePoints, Symmetry
from tvdrnet_nv.mapping.training import Task, drawn_queries, drawn_starts, rate_at

_CLIP = 1.0
_SPREAD = 0.1  # radii, how far off a place attention still counts: about a cell
_LEAST = 1e-4  # added to a likelihood before its logarithm
_FAR = 1e3  # radii, where there is no place


def aim(
    mapping: CameraMapping,
    tasks: Sequence[Task],
    *,
    steps: int = 2000,
    scenes: int = 4,
    queries: int = 16,
    learning_rate: float = 4e-3,
    symmetries: bool = True,
    blur: float = 0.0,
    seed: int = 0,
    callback: Callable[[int, float], bool | None] | None = None,
) -> list[float]:
    """Teach a mapping where to look, before `train` teaches it how to show what is there.

    What a task means is at its `places`, and any of them will do. The loss is the negative logarithm of the attention
    near one of them, and the distance of the look-at point from the nearest. All glances but the last are taught in the
    same way to look at the `anchors`. Nothing is rendered, so a step costs a small part of one of `train`'s, and shows
    the mapping many more queries.

    Args:
        mapping: trained in place; it must see the scene.
        tasks: each with `places`; their objectives are not used.
        steps: how many.
        scenes: per step.
        queries: per scene and step.
        learning_rate: Adam's, at most; it changes as `train`'s does.
        symmetries: as for `train`.
        blur: as for `train`.
        seed: of the draws.
        callback: called with the step, from 1, and its mean loss; returning True ends the training.

    Returns:
        The mean loss of each step.

    Raises:
        ValueError: no tasks, one without places, a number out of range, or a mapping that sees no scene.
    """
    if not tasks or any(task.places is None or not len(task.places) for task in tasks):
        raise ValueError("tasks must be one or more, each with places to look at")
    if not mapping.sees_scene:
        raise ValueError("the mapping does not see the scene; make it with sees_scene=True")
    if min(steps, scenes, queries) < 1 or not 0 < learning_rate < math.inf or not 0 <= blur < math.inf:
        raise ValueError(
            "wanted steps, scenes and queries of 1 or more, a positive learning_rate and a blur of 0 or more; "
            f"got steps={steps}, scenes={scenes}, queries={queries}, learning_rate={learning_rate}, blur={blur}"
        )
    about: dict[int, list[Task]] = {}
    for task in tasks:
        about.setdefault(id(task.scene), []).append(task)
    groups = list(about.values())
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(mapping.parameters(), learning_rate, betas=(0.9, 0.98))
    history: list[float] = []
    for step in range(1, steps + 1):
        optimizer.param_groups[0]["lr"] = learning_rate * rate_at(step, steps)
        drawn: list[tuple[Symmetry, list[Task]]] = []
        for row in torch.randperm(len(groups), generator=generator)[:scenes].tolist():
            way = SYMMETRIES[int(torch.randint(len(SYMMETRIES) if symmetries else 1, (1,), generator=generator))]
            fitting = [task for task in groups[row] if not (task.handed and way.mirrored)]
            if fitting:
                weights = torch.tensor([task.weight for task in fitting])
                chosen = torch.multinomial(weights, queries, replacement=True, generator=generator).tolist()
                drawn.append((way, [fitting[i] for i in chosen]))
        if not drawn:
            continue
        loss = _loss(mapping, drawn, blur, generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(mapping.parameters(), _CLIP)
        optimizer.step()
        history.append(float(loss.detach()))
        if callback is not None and callback(step, history[-1]):
            break
    return history


def _loss(
    mapping: CameraMapping, drawn: Sequence[tuple[Symmetry, list[Task]]], blur: float, generator: torch.Generator
) -> Tensor:
    """The mean over tasks; those of one scene are all shown it in the same way."""
    starts: list[Orbit] = []
    asked: list[Tensor] = []
    shown: list[ScenePoints] = []
    places: list[Tensor] = []
    anchors: list[Tensor] = []
    for way, tasks in drawn:
        scene = tasks[0].scene
        start = concatenate([drawn_starts(task.start, 1, generator) for task in tasks])
        starts.append(way.camera(start.to("cpu"), scene))
        asked += [drawn_queries(task.query, 1, blur, generator).cpu() for task in tasks]
        shown += [scene.shown(way)] * len(tasks)
        places += _placed([task.places for task in tasks], scene, way)
        anchors += _placed([task.places if task.anchors is None else task.anchors for task in tasks], scene, way)
    view, attention = mapping.look(concatenate(starts), torch.cat(asked), shown)
    wanted = _padded(places)
    losses = -_likelihood(attention[-1], wanted, mapping.cells).log()
    for glance in attention[:-1]:
        losses = losses - 0.5 * _likelihood(glance, _padded(anchors), mapping.cells).log()
    center = torch.stack([scene.center for scene in shown])
    radius = torch.tensor([scene.radius for scene in shown])[:, None]
    at = (view.at - center) @ view.frame / radius
    return (losses + (at[:, None] - wanted).norm(dim=2).amin(1)).mean()


def _placed(places: Sequence[Tensor | None], scene: ScenePoints, way: Symmetry) -> list[Tensor]:
    """Places of the world, [N, 3] each, as the scene so shown has them, in the orbit's axes about its centre, radii."""
    given = [one for one in places if one is not None]
    frame = Orbit.create(1.0, 0.0, 0.0, up=scene.up).frame
    moved = way.of((torch.cat(given).cpu().float() - scene.center) @ frame / scene.radius)
    return list(moved.split([len(one) for one in given]))


def _padded(places: Sequence[Tensor]) -> Tensor:
    """[K, N, 3] of K tensors [n, 3]; what is missing is far away."""
    padded = torch.full((len(places), max(map(len, places)), 3), _FAR)
    for row, own in enumerate(places):
        padded[row, : len(own)] = own
    return padded


def _likelihood(attention: Tensor, places: Tensor, cells: Tensor) -> Tensor:
    """[K]: the share of the attention [K, C] that is near one of the places [K, N, 3], seen from above."""
    away = (cells[None, :, None] - places[:, None, :, ::2]).square().sum(-1).amin(2)
    return (attention * (-away / (2 * _SPREAD**2)).exp()).sum(1) + _LEAST
