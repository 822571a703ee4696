"""What a mapping learns."""

from __future__ import annotations

import dataclasses
import math
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.mapping.small import FLAT, SMALL, starts
from tvdrnet_nv import Mesh, Orbit, Render, Renderer
from tvdrnet_nv.jobs.proposal import read_query
from tvdrnet_nv.mapping import CameraMapping, ScenePoints, Task, answers, load_mapping, losses, train
from tvdrnet_nv.mapping.scene_points import Symmetry
from tvdrnet_nv.mapping.training import _backward, drawn_queries
from tvdrnet_nv.scenes import sphere, textured_box

BLUE = torch.tensor([0.1, 0.2, 0.9])
KINDS = torch.tensor([[0.9, 0.1, 0.1], [0.1, 0.8, 0.1]])


def floor_with_two_boxes(seed: int) -> Mesh:
    """A blue floor of 2 x 2 with a red and a green box, each somewhere."""
    rng = np.random.default_rng(seed)
    while True:
        places = rng.uniform(-0.8, 0.8, (2, 2))
        if np.linalg.norm(places[0] - places[1]) > 0.6:
            break
    box = textured_box(1)
    floor = torch.tensor([[-1.0, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]])
    vertices, faces, colors = [floor], [torch.tensor([[0, 1, 2], [0, 2, 3]])], [BLUE.expand(4, 3)]
    for kind, (x, z) in enumerate(places.tolist()):
        faces.append(box.faces.long() + sum(len(v) for v in vertices))
        vertices.append(box.vertices * 0.25 + torch.tensor([x, 0.18, z]))
        colors.append(KINDS[kind].expand(box.num_vertices, 3))
    return Mesh(torch.cat(vertices), torch.cat(faces).int(), torch.cat(colors))


def shows(kind: int) -> Callable[[Render], Tensor]:
    """-log of the share of the picture that the box of this kind covers, as far as a fifth."""
    # 1 at the kind's colour and 0 at the others', linear between.
    colors = torch.stack([KINDS[kind], KINDS[1 - kind], BLUE, torch.ones(3)])
    weights = torch.linalg.solve(torch.cat([colors, torch.ones(4, 1)], 1), torch.eye(4)[0])

    def loss(render: Render) -> Tensor:
        share = (render.rgb @ weights[:3] + weights[3]).mean((1, 2))
        return -(share.clamp_min(0) + 0.005).log() + 10 * (share - 0.2).clamp_min(0)

    return loss


def tasks_of(seeds: range, size: int = 24) -> list[Task]:
    found = []
    for seed in seeds:
        mesh = floor_with_two_boxes(seed)
        renderer = Renderer(mesh, size, light=FLAT)
        start = Orbit.create(2.0, 40.0, 0.0, 60.0)
        scene = ScenePoints.of(mesh, "y", 2048)
        found += [Task(scene, renderer, start, torch.eye(2)[kind], shows(kind)) for kind in range(2)]
    return found


def test_what_it_learns_holds_in_scenes_that_it_has_not_seen() -> None:
    learned, unseen = tasks_of(range(100, 124)), tasks_of(range(8))
    seeing = CameraMapping(2, **SMALL)
    before = losses(unseen, answers(seeing, unseen)).mean()
    blind = CameraMapping(2, sees_scene=False, **SMALL)
    for mapping in (seeing, blind):
        history = train(mapping, learned, steps=150, batch=12, learning_rate=5e-3)
        assert len(history) == 150
    after = losses(unseen, answers(seeing, unseen)).mean()
    unaware = losses(unseen, answers(blind, unseen)).mean()
    print(f"untrained {before:.3f}, without the scene {unaware:.3f}, with it {after:.3f}")
    assert after < before - 0.4
    assert after < unaware - 0.3


def test_a_pull_leads_to_what_is_not_in_view() -> None:
    """No picture has a gradient, but for the pull; it ends after half of the steps."""
    far = torch.tensor([[0.7, 0.0, 0.7], [9.0, 0.0, 9.0]])
    task = dataclasses.replace(
        tasks_of(range(1))[0], places=far, objective=lambda render: 0 * render.rgb.mean((1, 2, 3))
    )

    def away(mapping: CameraMapping) -> float:
        return float((answers(mapping, [task])[0].at - far[0]).norm())

    pulled, left = CameraMapping(2, **SMALL), CameraMapping(2, **SMALL)
    train(left, [task], steps=60, batch=4)
    ways: list[float] = []
    train(pulled, [task], steps=60, batch=4, symmetries=False, pull=1.0, callback=lambda *_: ways.append(away(pulled)))
    assert away(pulled) < 0.1 < 0.4 < away(left)
    with pytest.raises(ValueError, match="pull"):
        train(left, [task], pull=-1.0)


def test_the_same_seed_trains_the_same_weights() -> None:
    tasks = tasks_of(range(2), size=8)
    states, histories = [], []
    for seed in (0, 0, 1):
        mapping = CameraMapping(2, **SMALL)
        histories.append(train(mapping, tasks, steps=4, batch=2, seed=seed))
        states.append(mapping.state_dict())
    assert histories[0] == histories[1] != histories[2]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_a_task_with_several_queries_is_answered_for_each() -> None:
    task = tasks_of(range(1), size=8)[0]
    several = dataclasses.replace(task, query=torch.eye(2))
    mapping = CameraMapping(2, **SMALL)
    both, (red,) = answers(mapping, [several])[0], answers(mapping, [task])
    assert len(both) == 2
    torch.testing.assert_close(both[0].at, red.at)
    assert (both[1].at - red.at).abs().max() > 1e-4
    assert losses([several], [both]).shape == (1, 2)


def test_queries_are_drawn_of_a_tasks_and_blurred() -> None:
    several, generator = torch.eye(5) * 3, torch.Generator().manual_seed(0)
    drawn = drawn_queries(several, 100, 0.0, generator)
    assert set(drawn.argmax(1).tolist()) == {0, 1, 2, 3, 4}
    assert torch.equal(drawn_queries(several[2], 2, 0.0, generator), several[[2, 2]])
    away = drawn_queries(torch.eye(400)[0], 50, 0.5, generator) - torch.eye(400)[0]
    assert away.norm(dim=1).mean().item() == pytest.approx(0.5, rel=0.05)


def test_weights_say_how_often_a_task_is_drawn_and_handed_ones_are_not_mirrored() -> None:
    tasks = tasks_of(range(2), size=8)
    drawn: list[int] = []

    def counted(number: int) -> Callable[[Render], Tensor]:
        def loss(render: Render) -> Tensor:
            drawn.append(number)
            return render.camera.position.sum(1)

        return loss

    weighted = [
        dataclasses.replace(task, weight=weight, handed=True, objective=counted(number))
        for number, (task, weight) in enumerate(zip(tasks, (1.0, 0.0, 3.0, 0.0), strict=True))
    ]
    train(CameraMapping(2, **SMALL), weighted, steps=60, batch=1)
    assert 8 <= drawn.count(0) <= 24
    assert drawn.count(0) + drawn.count(2) == 60
    shown = {way for task in tasks for way in task.scene._shown}
    assert shown
    assert not any(way.mirrored for way in shown)


def test_the_callback_sees_each_step_and_may_stop() -> None:
    seen: list[tuple[int, float]] = []

    def watch(step: int, loss: float) -> bool:
        seen.append((step, loss))
        return step == 3

    history = train(CameraMapping(2, **SMALL), tasks_of(range(1), size=8), steps=9, batch=2, callback=watch)
    assert seen == list(enumerate(history, start=1))
    assert len(history) == 3


def test_wrong_trainings_are_refused() -> None:
    mapping, tasks = CameraMapping(2, **SMALL), tasks_of(range(1), size=8)
    with pytest.raises(ValueError, match="tasks is empty"):
        train(mapping, [])
    with pytest.raises(ValueError, match="steps=0"):
        train(mapping, tasks, steps=0)
    with pytest.raises(ValueError, match="learning_rate=nan"):
        train(mapping, tasks, learning_rate=math.nan)
    with pytest.raises(ValueError, match=r"blur=-0\.5"):
        train(mapping, tasks, blur=-0.5)
    hopeless = [Task(t.scene, t.renderer, t.start, t.query, lambda r: r.rgb.mean((1, 2, 3)) * math.nan) for t in tasks]
    before = {name: tensor.clone() for name, tensor in mapping.state_dict().items()}
    with pytest.raises(FloatingPointError, match="look at the objectives"):
        train(mapping, hopeless, steps=1)
    assert all(torch.equal(tensor, before[name]) for name, tensor in mapping.state_dict().items())


def test_the_gradient_through_the_render_is_that_of_differences() -> None:
    """Inside a sphere, where no silhouette is and the image is smooth."""
    mesh = sphere(3)
    renderer = Renderer(mesh, 24, light=FLAT, dtype=torch.float64)
    mapping = CameraMapping(2, **SMALL).double()
    last = mapping.answer[-1]
    assert isinstance(last, torch.nn.Linear)
    with torch.no_grad():
        last.bias[6] = -0.4
    points, start = ScenePoints.of(mesh, "y", 512), starts(1).to(torch.float64)

    def loss() -> Tensor:
        view = mapping(start, torch.tensor([0.6, 0.8]), points)
        assert view.distance.item() < 0.6
        image = renderer(view.camera()).rgb
        return (image * torch.linspace(0, 1, 24, dtype=torch.float64)[:, None, None]).mean()

    loss().backward()
    step = 1e-5
    for weight in (mapping.heat.weight, mapping.question[0].weight, last.weight, mapping.eye.first.weight):
        assert weight.grad is not None
        place = np.unravel_index(int(weight.grad.abs().argmax()), weight.shape)
        values = []
        with torch.no_grad():
            for side in (1, -1):
                weight[place] += side * step
                values.append(loss().item())
                weight[place] -= side * step
        assert float(weight.grad[place]) == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-3)


def test_training_follows_the_gradient_of_the_render() -> None:
    """Against autograd through all of it, where no gradient is long enough to be shortened."""
    mapping = CameraMapping(2, **SMALL)
    task = tasks_of(range(1), size=16)[1]
    start, way = Orbit.create(2.0, 40.0, torch.tensor([0.0, 70.0]), 60.0), Symmetry(1, mirrored=True)
    quiet = dataclasses.replace(task, objective=lambda render: 1e-3 * task.objective(render))
    loss = _backward(mapping, [quiet], [start], [quiet.query.expand(2, -1)], [way])
    given = {name: parameter.grad for name, parameter in mapping.named_parameters()}
    mapping.zero_grad(set_to_none=True)
    answer = mapping(way.camera(start, task.scene), task.query, task.scene.shown(way))
    view = way.inverse.camera(answer, task.scene)
    whole = quiet.objective(quiet.renderer(view.camera())).mean()
    whole.backward()
    assert loss == pytest.approx(whole.item(), rel=1e-5)
    for name, parameter in mapping.named_parameters():
        torch.testing.assert_close(given[name], parameter.grad, rtol=1e-3, atol=1e-8, msg=name)
    assert max(float(p.grad.abs().max()) for p in mapping.parameters() if p.grad is not None) > 1e-6


def test_the_example_trains_judges_and_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "examples" / "mapping" / "rooms.py"
    main = runpy.run_path(str(example))["main"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["rooms.py", "--rooms", "1", "--unseen", "1", "--steps", "2", "--out", str(tmp_path)])
        main()
    table = {line[:36].strip(): line[36:].split() for line in capsys.readouterr().out.splitlines() if line[:1] != " "}
    assert float(table["searched, knowing the place"][0]) > 0.6 > 0.2 > float(table["random views, mean"][0])
    query = read_query(str(tmp_path / "sofa.npy"))
    assert load_mapping(tmp_path / "mapping.pt").query_size == len(query)
