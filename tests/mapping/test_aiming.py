"""What a mapping learns without renders."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.mapping.small import SMALL
from tests.mapping.test_training import tasks_of
from tvdrnet_nv import Render
from tvdrnet_nv.mapping import CameraMapping, Task, aim, answers


def never(render: Render) -> torch.Tensor:
    raise AssertionError("nothing is to be judged")


def placed(seeds: range) -> list[Task]:
    """The red box and the green one, and "what is not the red one", for which to look at the red one first."""
    found = []
    for red, green in zip(*[iter(tasks_of(seeds, size=8))] * 2, strict=True):
        boxes = [_middle(task, kind) for kind, task in enumerate((red, green))]
        rows = (red, green, dataclasses.replace(green, query=torch.tensor([0.7, -0.7])))
        for task, place, anchor in zip(rows, (0, 1, 1), (None, None, 0), strict=True):
            anchors = None if anchor is None else boxes[anchor]
            found.append(dataclasses.replace(task, objective=never, places=boxes[place], anchors=anchors))
    return found


def _middle(task: Task, kind: int) -> torch.Tensor:
    colors = task.renderer.mesh.colors
    return task.renderer.mesh.vertices[colors[:, kind] > 0.7].mean(0, keepdim=True)


def away(mapping: CameraMapping, tasks: list[Task]) -> float:
    """The mean distance of the look-at points from the places, in radii."""
    views = answers(mapping, tasks)
    gaps = [(view.at - task.places).norm() / task.scene.radius for view, task in zip(views, tasks, strict=True)]
    return float(torch.stack(gaps).mean())


def test_it_looks_at_the_places_in_scenes_that_it_has_not_seen() -> None:
    mapping, unseen = CameraMapping(2, glances=2, **SMALL), placed(range(8))
    before = away(mapping, unseen)
    history = aim(mapping, placed(range(100, 124)), steps=150, scenes=6, queries=6, learning_rate=5e-3)
    after = away(mapping, unseen)
    print(f"{before:.3f} radii away, then {after:.3f}")
    assert len(history) == 150
    assert after < 0.15 < 0.4 < before
    _, (first, last) = mapping.look(unseen[2].start, unseen[2].query, unseen[2].scene)
    looked = [attention[0] @ mapping.cells * unseen[2].scene.radius for attention in (first, last)]
    center = unseen[2].scene.center
    for at, place in zip(looked, (unseen[2].anchors, unseen[2].places), strict=True):
        assert place is not None
        assert (at - (place - center)[0, ::2]).norm() < 0.3


def test_any_of_several_places_will_do() -> None:
    task = placed(range(1))[0]
    places = torch.cat([task.places + torch.tensor([0.5, 0.0, 0.0]), task.places])  # type: ignore[operator]
    mapping = CameraMapping(2, **SMALL)
    aim(mapping, [dataclasses.replace(task, places=places)], steps=80, scenes=1, queries=2, symmetries=False)
    (view,) = answers(mapping, [task])
    assert (view.at - places).norm(dim=1).amin() < 0.1


def test_wrong_lessons_are_refused() -> None:
    mapping, tasks = CameraMapping(2, **SMALL), placed(range(1))
    with pytest.raises(ValueError, match="each with places"):
        aim(mapping, [dataclasses.replace(tasks[0], places=None)])
    with pytest.raises(ValueError, match="sees_scene"):
        aim(CameraMapping(2, sees_scene=False, **SMALL), tasks)
    with pytest.raises(ValueError, match="scenes=0"):
        aim(mapping, tasks, scenes=0)


def test_the_callback_may_stop() -> None:
    seen: list[int] = []
    history = aim(
        CameraMapping(2, **SMALL),
        placed(range(1)),
        steps=9,
        scenes=1,
        callback=lambda step, _: seen.append(step) or step == 2,
    )
    assert len(history) == 2
    assert seen == [1, 2]
