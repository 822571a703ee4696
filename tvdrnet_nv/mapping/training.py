"""Training a mapping over many scenes and queries, through the renderer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.mapping.network import CameraMapping
from tvdrnet_nv.mapping.scene_points import SYMMETRIES, ScenePoints, Symmetry
from tvdrnet_nv.objectives.objective import Objective, checked_losses
from tvdrnet_nv.optimization.columns import column
from tvdrnet_nv.renderer import Renderer

_CLIP = 1.0  # the longest gradient of one camera that counts in full, and of all weights together
_MOVING = ("distance", "elevation", "azimuth", "at")
_TURNS = 4  # the first of the symmetries, which do not mirror
_RADIAN = 180 / math.pi
_WARM_UP = 0.05  # of the steps


@dataclass(frozen=True, eq=False)
class Task:
    """One query about one scene, and what makes a view a good answer.

    Attributes:
        scene: what the mapping sees; tasks about one scene share it.
        renderer: of the scene.
        start: the cameras that one may come from; training draws some of them each time.
        query: [Q], the embedding, empty where Q is 0; or [P, Q], several that mean the same, of which training draws.
        objective: from a render to one loss per camera, lower is better.
        places: [N, 3], the middles of what the query means, world frame, of which any will do; None: not known. See
            `train`'s `pull`, and `aim`.
        anchors: [N, 3], where to look first, such as the desk in "the chair next to the desk"; None: at the places.
        handed: left and right matter to the query, so that the scene is not to be mirrored.
        weight: how often it is drawn, against other tasks.
    """

    scene: ScenePoints
    renderer: Renderer
    start: Orbit
    query: Tensor
    objective: Objective
    places: Tensor | None = None
    anchors: Tensor | None = None
    handed: bool = False
    weight: float = 1.0


def train(
    mapping: CameraMapping,
    tasks: Sequence[Task],
    *,
    steps: int = 2000,
    batch: int = 16,
    starts: int = 1,
    learning_rate: float = 4e-3,
    symmetries: bool = True,
    pull: float = 0.0,
    blur: float = 0.0,
    seed: int = 0,
    callback: Callable[[int, float], bool | None] | None = None,
) -> list[float]:
    """Train a mapping so that the views it answers with have low losses, as TVDRNet trains its MLP: by the objective's
    gradient through the render, without any known good view.

    Each step answers a random minibatch of the tasks. The gradient at each camera is shortened to length 1
    (lengths in radii, angles in radians), so that a camera that grazes a surface does not drown the others; Adam's
    learning rate rises at first, then falls as a cosine. A camera whose loss or gradient is not a finite number is left
    out of the step and its mean.

    Args:
        mapping: trained in place, from the weights that it has.
        tasks: scenes, queries and their objectives.
        steps: how many.
        batch: tasks per step.
        starts: cameras per task and step, of the task's, each with one of its queries; one call of the objective judges
            them all, which costs little more than to judge one.
        learning_rate: Adam's, at most.
        symmetries: show the scenes in eight ways, mirrored and turned by quarters about the pole, so that fewer scenes
            teach as much; `handed` tasks are turned only. Not where compass directions matter to the queries.
        pull: how much the look-at point's distance to the nearest of a task's `places`, in radii, counts beside its
            objective at first; it counts less and less, and after half of the steps not at all. A view that does not
            show what the query means has no gradient towards it, but for this.
        blur: the length of a random vector added to each query, whose own length is made 1: other phrasings, which the
            mapping has not seen, lie near those that it has.
        seed: of the draws. The same seed and number of threads give the same weights on the CPU.
        callback: called with the step, from 1, and its mean loss; returning True ends the training.

    Returns:
        The mean loss of each step's batch.

    Raises:
        ValueError: no tasks, or a number out of range.
        FloatingPointError: no task of a batch has a finite loss and gradient.
    """
    if not tasks:
        raise ValueError("tasks is empty; training needs at least one")
    good = math.isfinite(learning_rate) and learning_rate > 0
    if min(steps, batch, starts) < 1 or not good or not 0 <= pull < math.inf or not 0 <= blur < math.inf:
        raise ValueError(
            "wanted steps, batch and starts of 1 or more, a positive learning_rate and a pull and a blur of 0 or more; "
            f"got steps={steps}, batch={batch}, starts={starts}, learning_rate={learning_rate}, pull={pull}, "
            f"blur={blur}"
        )
    generator = torch.Generator().manual_seed(seed)
    weights = torch.tensor([task.weight for task in tasks])
    optimizer = torch.optim.Adam(mapping.parameters(), learning_rate, betas=(0.9, 0.98))
    history: list[float] = []
    for step in range(1, steps + 1):
        optimizer.param_groups[0]["lr"] = learning_rate * rate_at(step, steps)
        rows = torch.multinomial(weights, min(batch, len(tasks)), generator=generator).tolist()
        chosen = [tasks[i] for i in rows]
        drawn = [drawn_starts(task.start, starts, generator) for task in chosen]
        asked = [drawn_queries(task.query, len(s), blur, generator) for task, s in zip(chosen, drawn, strict=True)]
        ways = torch.randint(len(SYMMETRIES) if symmetries else 1, (len(chosen),), generator=generator).tolist()
        shown = [SYMMETRIES[way % _TURNS if t.handed else way] for way, t in zip(ways, chosen, strict=True)]
        optimizer.zero_grad()
        pulled = pull * max(0.0, 1 - 2 * step / steps)
        history.append(_backward(mapping, chosen, drawn, asked, shown, pulled))
        torch.nn.utils.clip_grad_norm_(mapping.parameters(), _CLIP)
        optimizer.step()
        if callback is not None and callback(step, history[-1]):
            break
    return history


@torch.no_grad()
def answers(mapping: CameraMapping, tasks: Sequence[Task]) -> list[Orbit]:
    """The mapping's view for each task and each of its queries, from the first of its starts; no optimisation."""
    found = []
    for task in tasks:
        query = task.query.reshape(-1, mapping.query_size) if mapping.query_size else task.query[None]
        found.append(mapping(task.start[0].expand(len(query)), query, task.scene))
    return found


@torch.no_grad()
def losses(tasks: Sequence[Task], views: Sequence[Orbit]) -> Tensor:
    """[T, K]: what each task's objective says of its K views."""
    return torch.stack([_loss(task, view) for task, view in zip(tasks, views, strict=True)])


def _backward(
    mapping: CameraMapping,
    tasks: Sequence[Task],
    starts: Sequence[Orbit],
    queries: Sequence[Tensor],
    shown: Sequence[Symmetry],
    pull: float = 0.0,
) -> float:
    """The mean loss of the tasks, each from its starts; its gradient and the pull's go to the mapping's parameters."""
    counts = [len(start) for start in starts]
    rows = [row for row, count in enumerate(counts) for _ in range(count)]
    moved = [way.camera(s.to("cpu"), task.scene) for task, s, way in zip(tasks, starts, shown, strict=True)]
    query = torch.cat([query.cpu() for query in queries])
    scenes = [task.scene.shown(way) for task, way in zip(tasks, shown, strict=True)]
    answered = mapping(concatenate(moved), query, [scenes[row] for row in rows])
    ends = list(itertools.accumulate(counts))
    views = [
        way.inverse.camera(answered[end - count : end], task.scene)
        for task, way, count, end in zip(tasks, shown, counts, ends, strict=True)
    ]
    values = torch.cat([view.pack(_MOVING) for view in views])
    found = [_gradient(task, view.detach(), pull) for task, view in zip(tasks, views, strict=True)]
    loss, gradient = (torch.cat(parts) for parts in zip(*found, strict=True))
    units = torch.stack([_units(task.scene) for task in tasks])[rows]
    gradient = gradient * units
    good = loss.isfinite() & gradient.isfinite().all(1)
    if not bool(good.any()):
        raise FloatingPointError("no task of the batch has a finite loss and gradient; look at the objectives")
    gradient = gradient / gradient.norm(dim=1, keepdim=True).clamp_min(_CLIP)
    gradient = torch.where(good[:, None], gradient / units, 0) / good.sum()
    values.backward(gradient.to(values))
    return float(loss[good].mean())


def _gradient(task: Task, views: Orbit, pull: float) -> tuple[Tensor, Tensor]:
    """The objective's losses of K cameras, [K], and their gradients, the pull's added, [K, 6] as `pack` orders them."""
    values = views.pack(_MOVING).to(task.renderer.mesh.device).requires_grad_()
    moved = views.to(values.device).unpack(values, _MOVING)
    loss = _loss(task, moved)
    total = loss.sum()
    if pull > 0 and task.places is not None:
        away = (moved.at[:, None] - task.places.to(moved.at)).norm(dim=-1).amin(1)
        total = total + pull * away.sum() / task.scene.radius
    (gradient,) = torch.autograd.grad(total, values)
    return loss.detach().cpu(), gradient.cpu()


def rate_at(step: int, steps: int) -> float:
    """The learning rate at a step, from 1, as a share of the highest: it rises at first, then falls as a cosine."""
    return min(1.0, step / (_WARM_UP * steps + 1)) * 0.5 * (1 + math.cos(math.pi * step / (steps + 1)))


def drawn_starts(start: Orbit, count: int, generator: torch.Generator) -> Orbit:
    """Some of the cameras of a task, at most `count`, none twice."""
    return start[torch.randperm(len(start), generator=generator)[:count].to(start.device)]


def drawn_queries(query: Tensor, count: int, blur: float, generator: torch.Generator) -> Tensor:
    """[count, Q]: of a task's [Q] or [P, Q], blurred as `train` says."""
    if query.dim() == 2:
        query = query[torch.randint(len(query), (count,), generator=generator).to(query.device)]
    else:
        query = query.expand(count, -1)
    if blur and query.shape[1]:
        noise = torch.randn(query.shape, generator=generator).to(query)
        query = normalize(query, dim=1) + blur / math.sqrt(query.shape[1]) * noise
    return query


def _loss(task: Task, views: Orbit) -> Tensor:
    return checked_losses(task.objective, task.renderer(views.camera()))


def _units(scene: ScenePoints) -> Tensor:
    """[6]: a radius in scene units and a radian in degrees, as `pack` orders them."""
    return column(
        _MOVING,
        {"distance": scene.radius, "elevation": _RADIAN, "azimuth": _RADIAN, "at": scene.radius},
        torch.empty(0),
    )
