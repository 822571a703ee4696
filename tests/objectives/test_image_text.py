"""A sentence as an objective: values by hand, repeatable cut-outs, and the gradient from the sentence to the camera."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.language.tiny_models import save_clip
from tvdrnet_nv import Mesh, Orbit, PhongLight, Renderer, optimize
from tvdrnet_nv.language import ImageTextEncoder, load_image_text_encoder
from tvdrnet_nv.objectives import ImageText
from tvdrnet_nv.scenes import bumpy_sphere

PAINT = PhongLight(location=(0.0, 0.0, 0.0), ambient=1.0, diffuse=0.0, specular=0.0)
NAMES = ("distance", "elevation", "azimuth", "fov")


KNOWN = {"red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0), "yellow": (1.0, 1.0, 0.0)}


class Colours:
    """An encoder whose pictures' embedding is their mean colour: what a loss must be is known by hand."""

    name, size, digest, scale, picture_size = "colours", 3, None, 10.0, (4, 4)

    def encode(self, texts: Sequence[str]) -> Tensor:
        rows = [next((value for name, value in KNOWN.items() if name in text), (1.0, 1.0, 1.0)) for text in texts]
        return torch.nn.functional.normalize(torch.tensor(rows), dim=1)

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        return torch.nn.functional.normalize(pictures.mean((1, 2)), dim=1)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> ImageTextEncoder:
    """A random CLIPModel in float64."""
    pytest.importorskip("transformers")
    folder: Path = save_clip(tmp_path_factory.mktemp("clip"))
    return load_image_text_encoder(folder, dtype=torch.float64)


def painted_wall(cells: int = 12) -> Mesh:
    """Smoothly coloured, and larger than any picture of it: there are no silhouettes."""
    side = torch.linspace(-1, 1, cells + 1)
    y, x = torch.meshgrid(side, side, indexing="ij")
    vertices = torch.stack([4 * x, 4 * y, 0.3 * torch.sin(3 * x + 2 * y)], -1).reshape(-1, 3)
    colors = torch.stack([torch.sin(5 * x + k) * torch.cos(4 * y - k) for k in range(3)], -1).reshape(-1, 3)
    corner = (torch.arange(cells)[:, None] * (cells + 1) + torch.arange(cells)).reshape(-1)
    right, above = corner + 1, corner + cells + 1
    faces = torch.cat([torch.stack([corner, right, above], 1), torch.stack([right, above + 1, above], 1)])
    return Mesh(vertices, faces.int(), 0.5 + 0.35 * colors)


def plain(color: tuple[float, float, float]) -> Renderer:
    """All of its pictures have one colour."""
    wall = painted_wall()
    return Renderer(Mesh(wall.vertices, wall.faces, torch.tensor(color).expand(len(wall.vertices), 3)), 16, light=PAINT)


def orbit(values: Tensor) -> Orbit:
    distance, elevation, azimuth, fov = values.unbind(-1)
    return Orbit.create(distance, elevation, azimuth, fov, up="y")


def gradients(renderer: Renderer, objective: ImageText, at: Tensor, steps: Sequence[float]) -> tuple[Tensor, Tensor]:
    """[4] each: by the backward pass, and by central differences."""
    values = at.clone().requires_grad_()
    objective(renderer(orbit(values[None]).camera())).sum().backward()
    assert values.grad is not None
    moves = torch.diag(torch.tensor(steps, dtype=at.dtype))
    with torch.no_grad():
        losses = objective(renderer(orbit(torch.cat([at + moves, at - moves])).camera()))
    count = len(steps)
    return values.grad, (losses[:count] - losses[count:]) / (2 * moves.diagonal())


def test_the_loss_is_one_less_the_cosine() -> None:
    render = plain((1.0, 0.0, 0.0))(Orbit.create(3.0, 0.0, [0.0, 20.0], 60.0, up="y").camera())
    for text, wanted in (("red", 0.0), ("green", 1.0), ("yellow", 1 - 0.5**0.5)):
        objective = ImageText(Colours(), text, templates=("{}",), crops=1)
        torch.testing.assert_close(objective(render), torch.full((2,), wanted))
        torch.testing.assert_close(objective.cosines(render), torch.full((2,), 1 - wanted))


def test_beside_others_it_is_the_softmax_at_the_sentence() -> None:
    render = plain((1.0, 0.0, 0.0))(Orbit.create(3.0, 0.0, 0.0, 60.0, up="y").camera())
    objective = ImageText(Colours(), "yellow", others=("green", "red"), templates=("{}", "a {} thing"), crops=1)
    logits = 10 * torch.tensor([0.5**0.5, 0.0, 1.0])
    torch.testing.assert_close(objective(render), (logits.logsumexp(0) - logits[0])[None])
    torch.testing.assert_close(objective.quick(render), objective(render))


def test_cut_outs_are_the_same_for_a_seed_and_all_cameras(clip: ImageTextEncoder) -> None:
    renderer = Renderer(painted_wall(), 24, light=PAINT, dtype=torch.float64)
    camera = Orbit.create(2.5, [5.0, 20.0], [0.0, 30.0], 50.0, up="y").camera()
    objective = ImageText(clip, "the sofa", seed=3)
    both = objective(renderer(camera))
    torch.testing.assert_close(objective(renderer(camera[1:])), both[1:])
    torch.testing.assert_close(ImageText(clip, "the sofa", seed=3)(renderer(camera)), both)
    assert float((ImageText(clip, "the sofa", seed=4)(renderer(camera)) - both).abs().max()) > 1e-6
    again = [ImageText(clip, "the sofa", seed=3, redraw=True) for _ in range(2)]
    first, second = ([objective(renderer(camera)) for _ in range(2)] for objective in again)
    assert float((first[0] - first[1]).abs().max()) > 1e-6
    torch.testing.assert_close(first, second)


def test_the_gradient_from_the_sentence_to_the_camera_is_that_of_differences(clip: ImageTextEncoder) -> None:
    renderer = Renderer(painted_wall(), 40, light=PAINT, dtype=torch.float64)
    at = torch.tensor([2.5, 12.0, 25.0, 50.0], dtype=torch.float64)
    for others in ((), ("a chair", "the desk")):
        objective = ImageText(clip, "the sofa", others=others, crops=4)
        found, wanted = gradients(renderer, objective, at, (1e-5, 1e-4, 1e-4, 1e-4))
        assert float(wanted.abs().min()) > 1e-8
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-9)


def test_the_gradient_at_silhouettes_is_near_that_of_differences(clip: ImageTextEncoder) -> None:
    renderer = Renderer(bumpy_sphere(48, 96), 128, light=PAINT, dtype=torch.float64, background=(0.1, 0.3, 0.8))
    at = torch.tensor([3.0, 15.0, 40.0, 60.0], dtype=torch.float64)
    objective = ImageText(clip, "the sofa", crops=4)
    found, wanted = gradients(renderer, objective, at, (0.01, 0.3, 0.3, 0.3))
    assert float(torch.nn.functional.cosine_similarity(found, wanted, dim=0)) > 0.97
    assert 0.7 < float(found.norm() / wanted.norm()) < 1.4


def test_adam_follows_it_from_several_starts_and_a_run_is_repeatable(clip: ImageTextEncoder) -> None:
    renderer = Renderer(painted_wall(), 24, light=PAINT, dtype=torch.float64)
    start = Orbit.create(2.5, [0.0, 20.0, -20.0], [0.0, 30.0, -30.0], 50.0, up="y")
    results = [optimize(renderer, start, ImageText(clip, "the sofa", crops=3), iterations=8) for _ in range(2)]
    assert results[0].method == "adam"
    losses = results[0].history.loss
    assert losses.shape[1] == 3
    assert (losses.min(axis=0) < losses[0] - 1e-6).all()
    assert (losses == results[1].history.loss).all()


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        ImageText(Colours(), " ")
    with pytest.raises(ValueError, match="must not be empty"):
        ImageText(Colours(), "red", others=("",))
    with pytest.raises(ValueError, match="templates must have at least one"):
        ImageText(Colours(), "red", templates=())
    with pytest.raises(ValueError, match="crops must be at least 1; got 0"):
        ImageText(Colours(), "red", crops=0)
