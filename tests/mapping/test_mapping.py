"""The learned mapping: what it answers, what it learns, and what it leaves on disk."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tvdrnet_nv import InputError, Mesh, Orbit, PhongLight, Render, Renderer, save_ply
from tvdrnet_nv.benchmarks.scenes import sphere, textured_box
from tvdrnet_nv.cli import run
from tvdrnet_nv.jobs.proposal import read_query
from tvdrnet_nv.mapping import (
    CameraMapping,
    ScenePoints,
    Task,
    answers,
    load_mapping,
    losses,
    save_mapping,
    train,
)
from tvdrnet_nv.mapping.network import DISTANCE_LIMITS, ELEVATION_LIMIT
from tvdrnet_nv.mapping.scene_points import SYMMETRIES, Symmetry
from tvdrnet_nv.mapping.training import _backward

SMALL: dict[str, Any] = {"width": 16, "grid": 16, "slices": 4}
FLAT = PhongLight(ambient=1.0, diffuse=0.0, specular=0.0)
BLUE = torch.tensor([0.1, 0.2, 0.9])
KINDS = torch.tensor([[0.9, 0.1, 0.1], [0.1, 0.8, 0.1]])


def starts(count: int, up: str = "y", at: Tensor | None = None) -> Orbit:
    azimuth = torch.linspace(0.0, 200.0, count)
    return Orbit.create(
        3.0, 30.0, azimuth, 60.0, at=(0.0, 0.0, 0.0) if at is None else at, up="z" if up == "z" else "y"
    )


@pytest.fixture(scope="module")
def points() -> ScenePoints:
    return ScenePoints.of(textured_box(4), "y", 2048)


def fields(view: Orbit) -> Tensor:
    return torch.cat([torch.stack([view.distance, view.elevation, view.azimuth, view.fov], 1), view.at], 1)


# What it sees


def test_points_lie_on_the_surface_and_are_spread_by_area() -> None:
    mesh = textured_box(3)
    points = ScenePoints.of(mesh, "y", 4000)
    world = points.positions * mesh.radius + mesh.center
    half = torch.tensor([1.0, 0.7, 0.5])
    on_face = (world.abs() - half).abs() < 1e-5
    assert on_face.any(1).all()
    assert (world.abs() <= half + 1e-5).all()
    sides = torch.tensor([4 * 0.7 * 0.5, 4 * 1.0 * 0.5, 4 * 1.0 * 0.7]) * 2
    torch.testing.assert_close(on_face.float().mean(0), sides / sides.sum(), atol=0.01, rtol=0)
    assert points.area == pytest.approx(float(sides.sum()) / mesh.radius**2, rel=1e-5)


def test_slices_show_where_things_are_and_in_which_colour() -> None:
    """A red box at world +x, low, and a blue one at -x and -z, high."""
    box = textured_box(1)
    places, paints = torch.tensor([[0.8, -0.8, 0.0], [-0.8, 0.8, -0.8]]), torch.eye(3)[[0, 2]]
    vertices = torch.cat([0.1 * box.vertices + place for place in places])
    colors = torch.cat([paint.expand(box.num_vertices, 3) for paint in paints])
    points = ScenePoints.of(Mesh(vertices, torch.cat([box.faces, box.faces + box.num_vertices]), colors), "y", 500)
    slices = points.slices(16, 2)
    assert slices.shape == (8, 16, 16)
    for of_slice, channel, place in zip(slices.split(4), (1, 3), (places - points.center) / points.radius, strict=True):
        covered = of_slice[0] > 0
        torch.testing.assert_close(covered.nonzero().float().mean(0) / 16, (place[[2, 0]] + 1) / 2, atol=0.07, rtol=0)
        assert (of_slice[channel][covered] == 0.5).all()
        assert (of_slice[4 - channel][covered] == -0.5).all()
        assert (of_slice[:, ~covered] == 0).all()


@pytest.mark.parametrize("symmetry", SYMMETRIES)
@pytest.mark.parametrize("up", ["y", "z"])
def test_a_changed_camera_sees_the_changed_scene_as_before(symmetry: Symmetry, up: str) -> None:
    mesh = textured_box(2)
    points = ScenePoints.of(mesh, "z" if up == "z" else "y", 300)
    orbit = starts(3, up, at=torch.tensor([0.3, -0.2, 0.1]))
    moved = symmetry.camera(orbit, points)

    def seen(view: Orbit, scene: ScenePoints) -> Tensor:
        world = scene.positions @ view.frame.T * scene.radius + scene.center
        return world @ view.camera().R + view.camera().T[:, None]

    before, after = seen(orbit, points), seen(moved, points.shown(symmetry))
    side = torch.tensor([-1.0 if symmetry.mirrored else 1.0, 1.0, 1.0])  # a mirror swaps left and right
    torch.testing.assert_close(after, before * side, atol=1e-4, rtol=0)
    back = symmetry.inverse.camera(moved, points)
    torch.testing.assert_close(back.at, orbit.at, atol=1e-5, rtol=0)
    torch.testing.assert_close((back.azimuth - orbit.azimuth + 180) % 360, torch.full((3,), 180.0), atol=1e-3, rtol=0)


# What it answers


@pytest.mark.parametrize("size", [0, 1, 5, 512])
@pytest.mark.parametrize("sees_scene", [True, False])
def test_any_query_size_gives_cameras_within_the_limits(points: ScenePoints, size: int, sees_scene: bool) -> None:
    mapping = CameraMapping(size, sees_scene=sees_scene, **SMALL)
    with torch.no_grad():
        for parameter in mapping.parameters():
            parameter.mul_(5)  # far from the gentle start
    query = torch.randn(3, size, generator=torch.Generator().manual_seed(1))
    view = mapping(starts(3), query if size else None, points)
    assert len(view) == 3
    assert view.up == "y"
    assert fields(view).isfinite().all()
    low, high = (limit * points.radius for limit in DISTANCE_LIMITS)
    assert (view.distance >= 0.999 * low).all()
    assert (view.distance <= 1.001 * high).all()
    assert (view.elevation.abs() <= ELEVATION_LIMIT).all()
    torch.testing.assert_close(view.fov, torch.full((3,), 60.0))
    assert ((view.at - points.center).norm(dim=1) < 2.5 * points.radius).all()


def test_an_untrained_mapping_looks_at_the_scene_from_above(points: ScenePoints) -> None:
    view = CameraMapping(4)(starts(5), torch.eye(4)[0], points)
    assert (view.elevation - 45).abs().max() < 10
    assert (view.distance / points.radius).log().abs().max() < 0.4
    assert (view.at - points.center).norm(dim=1).max() < 0.5 * points.radius


def test_the_gradient_reaches_every_parameter_the_query_and_the_start(points: ScenePoints) -> None:
    mapping = CameraMapping(3, **SMALL)
    query = torch.randn(2, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    start = starts(2)
    start = start.replace(distance=start.distance.clone().requires_grad_())
    view = mapping(start, query, points)
    (fields(view) * torch.randn(2, 7, generator=torch.Generator().manual_seed(1))).sum().backward()
    for name, parameter in mapping.named_parameters():
        # The bias of the heat moves all cells alike, and a softmax does not see it.
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0 or name == "heat.bias", name
    assert query.grad is not None
    assert query.grad.abs().max() > 0
    assert start.distance.grad is not None
    assert start.distance.grad.abs().max() > 0


def test_only_the_direction_of_a_query_counts(points: ScenePoints) -> None:
    mapping = CameraMapping(4, **SMALL)
    query = torch.tensor([0.5, -1.0, 2.0, 0.1])
    torch.testing.assert_close(fields(mapping(starts(1), query, points)), fields(mapping(starts(1), 7 * query, points)))
    assert (fields(mapping(starts(1), -query, points)) - fields(mapping(starts(1), query, points))).abs().max() > 1e-3


def test_one_batch_answers_as_its_cameras_do_alone(points: ScenePoints) -> None:
    other = ScenePoints.of(sphere(2), "y", 1000)
    mapping = CameraMapping(2, **SMALL)
    start, query = starts(4), torch.eye(2).repeat(2, 1)
    scenes = [points, other, points, points]
    together = mapping(start, query, scenes)
    for i, scene in enumerate(scenes):
        torch.testing.assert_close(fields(together[i]), fields(mapping(start[i], query[i], scene)), rtol=0, atol=1e-3)


def test_a_scene_moved_and_scaled_gets_the_view_moved_and_scaled() -> None:
    mesh = textured_box(4)
    mapping = CameraMapping(2, **SMALL)
    query, moved = torch.tensor([1.0, -0.5]), torch.tensor([3.0, -1.0, 2.0])
    view = mapping(starts(1), query, ScenePoints.of(mesh, "y", 2048))
    other = Mesh(2 * mesh.vertices + moved, mesh.faces, mesh.colors)
    start = starts(1, at=moved)
    again = mapping(start.replace(distance=2 * start.distance), query, ScenePoints.of(other, "y", 2048))
    torch.testing.assert_close(again.distance, 2 * view.distance, rtol=1e-4, atol=0)
    torch.testing.assert_close(again.elevation, view.elevation, rtol=0, atol=1e-3)
    torch.testing.assert_close(again.azimuth, view.azimuth, rtol=0, atol=1e-3)
    torch.testing.assert_close(again.at, 2 * view.at + moved, rtol=0, atol=1e-3)


def test_the_pole_may_be_z() -> None:
    mesh = textured_box(4)
    x, y, z = mesh.vertices.unbind(1)
    lying = Mesh(torch.stack([x, -z, y], 1), mesh.faces, mesh.colors)
    mapping = CameraMapping(1, **SMALL)
    view = mapping(starts(1), torch.ones(1), ScenePoints.of(mesh, "y", 2048))
    again = mapping(starts(1, "z"), torch.ones(1), ScenePoints.of(lying, "z", 2048))
    ax, ay, az = view.at.unbind(1)
    torch.testing.assert_close(again.at, torch.stack([ax, -az, ay], 1), rtol=0, atol=1e-3)
    torch.testing.assert_close(fields(again)[:, :4], fields(view)[:, :4], rtol=0, atol=1e-2)
    with pytest.raises(ValueError, match="start's pole is y, a scene's is z"):
        mapping(starts(1), torch.ones(1), ScenePoints.of(lying, "z", 64))


def test_wrong_arguments_are_refused(points: ScenePoints) -> None:
    mapping = CameraMapping(3, **SMALL)
    with pytest.raises(ValueError, match=r"query must have shape \[2, 3\] or \[3\]; got \[2, 4\]"):
        mapping(starts(2), torch.ones(2, 4), points)
    with pytest.raises(ValueError, match="query: none given, and the mapping wants 3 numbers"):
        mapping(starts(2), None, points)
    with pytest.raises(ValueError, match="2 cameras; got 3"):
        mapping(starts(2), torch.ones(3), [points] * 3)
    with pytest.raises(ValueError, match="query_size=-1"):
        CameraMapping(-1)
    with pytest.raises(ValueError, match="grid=15"):
        CameraMapping(1, grid=15)


def test_the_seed_decides_the_first_weights_and_leaves_torchs_alone() -> None:
    state = torch.get_rng_state()
    first, again, other = (CameraMapping(2, seed=seed, **SMALL).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["ask.weight"], other["ask.weight"])


# What it learns


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


def test_the_same_seed_trains_the_same_weights() -> None:
    tasks = tasks_of(range(2), size=8)
    states, histories = [], []
    for seed in (0, 0, 1):
        mapping = CameraMapping(2, **SMALL)
        histories.append(train(mapping, tasks, steps=4, batch=2, seed=seed))
        states.append(mapping.state_dict())
    assert histories[0] == histories[1] != histories[2]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


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
    loss = _backward(mapping, [quiet], [start], [way])
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


# What it leaves on disk


def test_a_saved_mapping_is_the_same_to_the_last_bit(tmp_path: Path, points: ScenePoints) -> None:
    mapping = CameraMapping(3, seed=5, **SMALL)
    save_mapping(mapping, tmp_path / "mapping.pt")
    again = load_mapping(tmp_path / "mapping.pt")
    assert again.config == mapping.config
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in mapping.state_dict().items())
    query = torch.tensor([1.0, 2.0, 3.0])
    assert torch.equal(fields(again(starts(2), query, points)), fields(mapping(starts(2), query, points)))
    assert [file.name for file in tmp_path.iterdir()] == ["mapping.pt"]
    content = torch.load(tmp_path / "mapping.pt", weights_only=True)
    assert content["config"] == {"query_size": 3, "sees_scene": True, **SMALL}


class _Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_no_code_in_a_file_is_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    torch.save({"format": "tvdrnet_nv.CameraMapping", "version": 1, "config": _Trap(sprung)}, tmp_path / "trap.pt")
    with pytest.raises(InputError, match=r"trap\.pt: cannot be read"):
        load_mapping(tmp_path / "trap.pt")
    assert not sprung.exists()
    pickle.loads(pickle.dumps(_Trap(sprung)))
    assert sprung.exists()  # it is a trap


def _saved(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    path = tmp_path / "mapping.pt"
    save_mapping(CameraMapping(3, **SMALL), path)
    content = torch.load(path, weights_only=True)
    torch.save(change(content) or content, path)
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: [1, 2], "holds no mapping"),
        (lambda c: c["state"], "holds no mapping"),
        (lambda c: c.update(version=2), "version 2, and this program reads 1"),
        (lambda c: c["config"].pop("grid"), "its sizes are not grid, query_size"),
        (lambda c: c["config"].update(query_size=4), "do not fit its sizes"),
        (lambda c: c["config"].update(query_size="4"), "do not fit its sizes"),
        (lambda c: c["config"].update(width=0), "do not fit its sizes"),
        (lambda c: c["state"].pop("heat.weight"), "do not fit its sizes"),
        (lambda c: c["state"].update(more=torch.ones(1)), "do not fit its sizes"),
    ],
)
def test_files_that_hold_something_else(tmp_path: Path, change: Callable[[Any], Any], said: str) -> None:
    def changed(content: dict[str, Any]) -> Any:
        result = change(content)
        return result if isinstance(result, list) or result is content["state"] else content

    path = _saved(tmp_path, changed)
    with pytest.raises(InputError) as error:
        load_mapping(path)
    assert str(error.value).startswith(f"mapping {path}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_mapping(tmp_path / "absent.pt")
    with pytest.raises(InputError, match="is a folder"):
        load_mapping(tmp_path)
    whole = _saved(tmp_path, lambda content: None)
    for name, content in {"empty": b"", "text": b"solid cube\n", "cut": whole.read_bytes()[:3000]}.items():
        path = tmp_path / f"{name}.pt"
        path.write_bytes(content)
        with pytest.raises(InputError, match=rf"{name}\.pt: cannot be read"):
            load_mapping(path)


# The command line


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "box.ply"
    save_ply(textured_box(4), path)
    return path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mapping") / "mapping.pt"
    save_mapping(CameraMapping(3, **SMALL), path)
    return path


def test_optimize_starts_from_what_the_mapping_proposes(box: Path, saved: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "query.npy", np.array([[0.1, 0.2, -0.3]], dtype=np.float16))
    torch.save(torch.tensor([0.1, 0.2, -0.3]), tmp_path / "query.pt")
    started = []
    for query in ("0.1,0.2,-0.3", str(tmp_path / "query.npy"), str(tmp_path / "query.pt")):
        out = tmp_path / "out"
        options = ["--iters", "2", "--image-size", "16", "--out", str(out), "--up", "y", "--quiet"]
        assert run(["optimize", str(box), "--mapping", str(saved), "--query", query, *options]) == 0
        params = json.loads((out / "optimized_params.json").read_text(encoding="utf-8"))
        names = ("initial_distance", "initial_elevation", "initial_azimuth", "initial_at")
        started.append([number for name in names for number in np.atleast_1d(params[name])])
    mesh = textured_box(4)
    start = Orbit.create(2 * mesh.radius, 30.0, 45.0, 60.0, at=mesh.center)
    with torch.no_grad():
        view = load_mapping(saved)(start, torch.tensor([0.1, 0.2, -0.3]), ScenePoints.of(mesh, "y"))
    wanted = [view.distance.item(), view.elevation.item(), view.azimuth.item() % 360, *view.at[0].tolist()]
    for numbers, tolerance in zip(started, (1e-4, 1e-2, 1e-4), strict=True):
        numbers[2] %= 360
        assert numbers == pytest.approx(wanted, rel=tolerance, abs=tolerance)


def test_what_is_proposed_is_said(box: Path, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--iters", "1", "--image-size", "16", "--out", str(tmp_path / "out"), "--up", "y"]
    assert run(["optimize", str(box), "--mapping", str(saved), "--query", "1,2,3", *options]) == 0
    assert "mapping.pt proposes distance" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--query", "1,2,3"], "--query 1,2,3: asks a learned mapping; name its file with --mapping"),
        (["--mapping", "SAVED"], "it answers queries of 3 numbers; give one with --query"),
        (["--mapping", "SAVED", "--query", "1,2"], "--query 1,2: 2 numbers, and the mapping SAVED wants 3"),
        (["--mapping", "absent.pt", "--query", "1,2,3"], "mapping absent.pt: no such file"),
        (["--mapping", "SAVED", "--query", "a chair"], "--query a chair: wanted numbers"),
        (["--mapping", "SAVED", "--query", "absent.npy"], "--query absent.npy: no such file"),
    ],
)
def test_wrong_mappings_and_queries_end_in_one_line(
    box: Path,
    saved: Path,
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["optimize", str(box), "--quiet", *(a.replace("SAVED", str(saved)) for a in arguments)]) == 2
    error = capsys.readouterr().err
    assert said.replace("SAVED", str(saved)) in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_mapping_without_queries(box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_mapping(CameraMapping(0, **SMALL), tmp_path / "m.pt")
    options = ["--iters", "1", "--image-size", "16", "--out", str(tmp_path / "out"), "--quiet"]
    assert run(["optimize", str(box), "--mapping", str(tmp_path / "m.pt"), *options]) == 0
    assert run(["optimize", str(box), "--mapping", str(tmp_path / "m.pt"), "--query", "1", *options]) == 2
    assert "takes none; leave --query out" in capsys.readouterr().err


def test_queries_that_are_none(tmp_path: Path) -> None:
    np.save(tmp_path / "table.npy", np.ones((2, 3)))
    np.save(tmp_path / "words.npy", np.array(["a"]))
    np.save(tmp_path / "infinite.npy", np.array([1.0, np.inf]))
    np.save(tmp_path / "none.npy", np.ones(0))
    (tmp_path / "text.npy").write_text("1,2,3", encoding="utf-8")
    torch.save({"query": torch.ones(3)}, tmp_path / "dict.pt")
    (tmp_path / "text.pt").write_text("1,2,3", encoding="utf-8")
    for name, said in {
        "table.npy": "wanted one embedding",
        "words.npy": "holds no array of numbers",
        "infinite.npy": "finite",
        "none.npy": "one or more",
        "text.npy": "cannot be read",
        "dict.pt": "holds no array of numbers",
        "text.pt": "cannot be read",
    }.items():
        with pytest.raises(InputError, match=said):
            read_query(str(tmp_path / name))
    for text in ("", "1,x", "nan", "1e999"):
        with pytest.raises(InputError, match="--query"):
            read_query(text)
