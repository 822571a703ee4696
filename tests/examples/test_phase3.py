"""The example that trains views and masks together: its gradient, its checkpoints, its bad input."""

from __future__ import annotations

import json
import runpy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from tvdrnet_nv import InputError, Orbit, scene_orbit
from tvdrnet_nv.mapping import CameraMapping, save_mapping

FOLDER = Path(__file__).parents[2] / "examples" / "phase3"
_QUERY = 8


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The example's modules."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import joint_lifting
    import joint_model
    import joint_settings
    import joint_training

    class Modules:
        lifting, model, settings, training = joint_lifting, joint_model, joint_settings, joint_training

    return Modules


def _embeddings() -> torch.Tensor:
    draws = torch.randn(8, _QUERY, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.normalize(draws, dim=1)


def _settings(example: Any, folder: Path, **changes: Any) -> Any:
    save_mapping(CameraMapping(_QUERY, width=8, grid=8, slices=2), folder / "mapping.pt")
    small = {"rooms": 1, "pixels": 24, "steps": 4, "queries": 2, "save_every": 2}
    files = {"mapping": str(folder / "mapping.pt"), "decoder": ""}
    return example.settings.Settings(**{**small, **files, **changes})


def test_the_mask_s_gradient_at_the_cameras_is_that_of_central_differences(example: Any, tmp_path: Path) -> None:
    """In float64, with the points of the surface that the pixels stand for held."""
    settings = _settings(example, tmp_path, pixels=48)
    room = example.model.QueriedRoom(0, settings, torch.float64)
    model = example.model.JointModel(settings, _QUERY, 0).double()
    thing, queries = 0, _embeddings()[:1].double()
    middle = room.mesh.vertices[room.truth[thing]].mean(0).double()
    turns = torch.tensor([10.0, 100.0, 190.0, 280.0], dtype=torch.float64)
    start = Orbit.create(2.5, 40.0, turns, 60.0, at=middle, up="z").to(torch.float64)
    moving = example.training.MOVING
    truth = room.of_faces[[thing]]
    with torch.no_grad():
        held = example.lifting.samples_of(room.renderer(start.camera()), room.mesh)

    def loss(values: torch.Tensor) -> torch.Tensor:
        found = model.mask(room, start.unpack(values, moving), queries, held)
        return example.lifting.mask_loss(found, truth, room.areas).sum()

    values = start.pack(moving).requires_grad_()
    (gradient,) = torch.autograd.grad(loss(values), values)
    with torch.no_grad():
        measured = torch.zeros_like(gradient)
        for index in range(6):
            step = torch.zeros_like(values)
            step[1, index] = 1e-6
            measured[1, index] = (loss(values + step) - loss(values - step)) / 2e-6
    assert float(gradient[1].abs().min()) > 1e-6
    torch.testing.assert_close(measured[1], gradient[1], rtol=1e-4, atol=1e-7)


def test_held_points_are_where_the_pixels_show_them(example: Any, tmp_path: Path) -> None:
    """So scores are read at the pixels' own centres, and each pixel counts by its cosine."""
    room = example.model.QueriedRoom(0, _settings(example, tmp_path))
    camera = scene_orbit(room.mesh, up="z").camera()
    samples = example.lifting.samples_of(room.renderer(camera), room.mesh)
    clip = camera.to_clip(samples.point[0].flatten(0, 1), 1.0, 0.01, 100.0)[0]
    shown = (samples.face[0] >= 0).flatten()
    axis = (torch.arange(24) + 0.5) / 12 - 1
    right, down = axis.repeat(24), axis.repeat_interleave(24)
    torch.testing.assert_close((clip[:, 0] / clip[:, 3])[shown], right[shown], rtol=0, atol=1e-4)
    torch.testing.assert_close((-clip[:, 1] / clip[:, 3])[shown], down[shown], rtol=0, atol=1e-4)
    corners = room.mesh.vertices[room.mesh.faces.long()][samples.face[0].flatten()[shown]]
    away = ((samples.point[0].flatten(0, 1)[shown] - corners[:, 0]) * samples.normal[0].flatten(0, 1)[shown]).sum(1)
    assert float(away.abs().max()) < 1e-3


def test_seen_faces_get_their_pixels_scores_and_others_the_prior(example: Any, tmp_path: Path) -> None:
    room = example.model.QueriedRoom(0, _settings(example, tmp_path))
    camera = scene_orbit(room.mesh, up="z").camera()
    samples = example.lifting.samples_of(room.renderer(camera), room.mesh)
    scores = torch.full((1, 12, 12), 3.0)
    prior = torch.tensor(-2.0)
    found = example.lifting.lift(scores, camera, samples, torch.tensor([1]), 2, len(room.areas), prior, 1e-6)
    seen = torch.zeros(len(room.areas), dtype=torch.bool)
    seen[samples.face[samples.face >= 0]] = True
    assert 0 < int(seen.sum()) < len(seen)
    torch.testing.assert_close(found[1, seen], torch.tensor(3.0).sigmoid().expand(int(seen.sum())), rtol=1e-3, atol=0)
    torch.testing.assert_close(found[1, ~seen], prior.sigmoid().expand(int((~seen).sum())))
    torch.testing.assert_close(found[0], prior.sigmoid().expand(len(seen)))


@pytest.mark.parametrize("arm", ["uniform", "joint"])
def test_an_interrupted_training_ends_with_the_same_bits(arm: str, example: Any, tmp_path: Path) -> None:
    settings = _settings(example, tmp_path)
    rooms = [example.model.QueriedRoom(0, settings)]
    said: list[int] = []

    def begin() -> Any:
        return example.training.Training(settings, arm, 0, _embeddings())

    def told(step: int, found: dict[str, float]) -> None:
        said.append(step)
        assert ("focus" in found) == (arm == "joint")

    whole, first, second = begin(), begin(), begin()
    before = {name: tensor.clone() for name, tensor in whole.model.state_dict().items()}
    whole.run(rooms, 4, tmp_path / "whole.pt", told)
    first.run(rooms, 2, tmp_path / "part.pt", told)
    second.resume(tmp_path / "part.pt")
    second.run(rooms, 4, tmp_path / "part.pt", told)
    assert said == [1, 2, 3, 4, 1, 2, 3, 4]
    assert second.history == whole.history
    after = whole.model.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in second.model.state_dict().items())
    moved = {name.split(".")[0] for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    views = {"mapping", "shift", "turns", "tilts"} if arm == "joint" else set()
    assert moved == {"decoder", "prior", *views}


def test_a_decoder_of_a_file_keeps_its_statistics(example: Any, tmp_path: Path) -> None:
    new = example.model.JointModel(_settings(example, tmp_path), _QUERY, 0).train()
    given = example.model.JointModel(_settings(example, tmp_path, decoder="default"), _QUERY, 0).train()
    assert new.decoder.training
    assert given.training
    assert not given.decoder.training
    assert all(weight.requires_grad for weight in given.decoder.parameters())


def test_a_checkpoint_of_other_settings_is_refused(example: Any, tmp_path: Path) -> None:
    settings, other = _settings(example, tmp_path), _settings(example, tmp_path, doubt=2.0)
    example.training.Training(settings, "joint", 0, _embeddings()).save(tmp_path / "a.pt")
    with pytest.raises(InputError, match=r"a\.pt: was written with another doubt"):
        example.training.Training(other, "joint", 0, _embeddings()).resume(tmp_path / "a.pt")
    (tmp_path / "b.pt").write_text("no checkpoint")
    with pytest.raises(InputError, match=r"b\.pt: cannot be read"):
        example.training.Training(settings, "joint", 0, _embeddings()).resume(tmp_path / "b.pt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stepps = 3", "'stepps' is not known"),
        ("steps = 0", "steps=0: wanted 1 or more"),
        ("steps = 2.5", "steps=2.5: wanted a whole number"),
        ('arms = ["joined"]', "'joined' is none of"),
        ("seeds = [1, 1]", "wanted one or more, each once"),
        ("mapping_rate = nan", "wanted a positive number"),
        ("steps", "no TOML"),
    ],
)
def test_settings_that_are_wrong_are_one_line(text: str, said: str, example: Any, tmp_path: Path) -> None:
    file = tmp_path / "rooms.toml"
    file.write_text(text)
    with pytest.raises(InputError) as error:
        example.settings.read_settings(file)
    assert str(error.value).startswith(f"settings {file}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of TensorBoard's imports
def test_the_program_trains_measures_resumes_and_refuses(
    example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tokenizers", reason="the extra `text` is not installed")
    file, out, logs = tmp_path / "rooms.toml", tmp_path / "out", tmp_path / "logs"
    counts = "rooms = 1\nvalidation = 1\ntest = 1\npixels = 16\nsteps = 2\nqueries = 1\n"
    file.write_text(f'arms = ["detached", "joint"]\nseeds = [3]\n{counts}')

    def run(*more: str) -> str:
        monkeypatch.setattr("sys.argv", ["rooms.py", str(file), "--out", str(out), *more])
        runpy.run_path(str(FOLDER / "rooms.py"), run_name="__main__")
        return capsys.readouterr().out

    has_tensorboard = find_spec("tensorboard") is not None
    assert "joint − detached: " in run("--until", "1", *(["--tensorboard", str(logs)] if has_tensorboard else []))
    if has_tensorboard:
        assert sorted(path.parent.name for path in logs.glob("*/events.*")) == ["detached-3", "joint-3"]
    assert json.loads((out / "joint-3.json").read_text())["step"] == 1
    run("--resume")
    result = json.loads((out / "joint-3.json").read_text())
    assert result["step"] == 2
    assert torch.tensor(result["iou"]).shape == (1, 8)
    known = runpy.run_path(str(FOLDER / "rooms.py"))["known"]
    assert known(out / "joint-3.json", {"step": 2, "test": 1}).tolist() == result["iou"]
    assert known(out / "joint-3.json", {"step": 2, "test": 2}) is None
    (out / "joint-3.json").write_text("{}")
    with pytest.raises(InputError, match=r"joint-3\.json: cannot be read; remove it to measure again"):
        known(out / "joint-3.json", {})
    file.write_text("pixels = 3")
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 2
    assert capsys.readouterr().err == f"rooms.py: settings {file}: pixels=3: wanted 16 or more\n"
