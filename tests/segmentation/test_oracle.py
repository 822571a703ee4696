"""The segmenter that sees the labels, and its controlled errors."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import make_room
from tvdrnet_nv.segmentation import Noise, Oracle
from tvdrnet_nv.segmentation.noise import grown, parse_noise
from tvdrnet_nv.starts import scene_orbit

ROOM = make_room(6000)
LABELS = ROOM.labels.long()
SOFA = ROOM.names.index("sofa_0")
WEIGHTS = (LABELS == SOFA).float()
RENDERER = Renderer(ROOM.mesh, (48, 64))


def view(azimuth: float = 45.0) -> Orbit:
    middle = ROOM.mesh.vertices[LABELS == SOFA].mean(0)
    return scene_orbit(ROOM.mesh, up="z", elevation=50, azimuth=azimuth, distance=3.0, at=middle.tolist())


def look(oracle: Oracle, count: int = 1) -> torch.Tensor:
    """[count, H, W], one picture after the other."""
    with torch.no_grad():
        return torch.cat([oracle(RENDERER(view(45 + 7 * k).camera())) for k in range(count)])


def test_it_marks_the_pixels_whose_faces_are_the_objects() -> None:
    mask = look(Oracle(ROOM.mesh, WEIGHTS))[0]
    ids = RENDERER(view().camera()).face_ids[0].long()
    corners = WEIGHTS[ROOM.mesh.faces.long()][ids.clamp_min(0)].mean(-1)
    assert mask.sum() > 100
    assert torch.equal(mask[(corners == 1) & (ids >= 0)], torch.ones(int(((corners == 1) & (ids >= 0)).sum())))
    assert not mask[(corners == 0) | (ids < 0)].any()


def test_eroded_and_dilated_by_pixels() -> None:
    plain = look(Oracle(ROOM.mesh, WEIGHTS)) > 0.5
    less = look(Oracle(ROOM.mesh, WEIGHTS, noise=Noise(eroded=2))) > 0.5
    more = look(Oracle(ROOM.mesh, WEIGHTS, noise=Noise(dilated=2))) > 0.5
    assert torch.equal(less, ~grown(~plain, 2))
    assert torch.equal(more, grown(plain, 2))
    assert int(less.sum()) < int(plain.sum()) < int(more.sum())


def test_a_pixel_grows_to_a_cross_then_a_diamond() -> None:
    point = torch.zeros(1, 7, 7, dtype=torch.bool)
    point[0, 3, 3] = True
    far = (torch.arange(7) - 3).abs()
    for pixels in (1, 2):
        assert torch.equal(grown(point, pixels)[0], far[:, None] + far <= pixels)


def test_wrong_border_pixels_are_the_share_asked_for_and_at_the_border() -> None:
    plain = look(Oracle(ROOM.mesh, WEIGHTS), 8) > 0.5
    noisy = look(Oracle(ROOM.mesh, WEIGHTS, noise=Noise(border=0.1)), 8) > 0.5
    ring = grown(plain, 1) & grown(~plain, 1)
    assert not (plain ^ noisy)[~ring].any()
    assert float((plain ^ noisy)[ring].float().mean()) == pytest.approx(0.1, abs=0.03)


def test_missed_and_confused_views_are_counted() -> None:
    noise = Noise(missed=0.25, confused=0.25)
    oracle = Oracle(ROOM.mesh, WEIGHTS, LABELS, noise, seed=3)
    plain, noisy = look(Oracle(ROOM.mesh, WEIGHTS), 8) > 0.5, look(oracle, 8) > 0.5
    missed = [k for k in range(8) if not noisy[k].any()]
    assert len(missed) == 2
    assert len(oracle.confused) == 2
    for k in set(oracle.confused) - set(missed):  # another thing's: none of the sofa's own pixels, but for its border
        assert int((noisy[k] & ~grown(~plain[k : k + 1], 1)[0]).sum()) == 0
    rest = [k for k in range(8) if k not in (*missed, *oracle.confused)]
    assert torch.equal(noisy[rest], plain[rest])
    again = Oracle(ROOM.mesh, WEIGHTS, LABELS, noise, seed=3)
    assert torch.equal(look(again, 8) > 0.5, noisy)


def test_errors_as_text() -> None:
    assert parse_noise("") == Noise()
    assert parse_noise("border=0.1, eroded=2") == Noise(border=0.1, eroded=2)
    for text in ("border", "border=x", "eroded=1.5", "blurred=1"):
        with pytest.raises(InputError, match=f"oracle:{text}: wanted eroded, dilated, missed, confused, border"):
            parse_noise(text)
    for text, words in (
        ("border=2", "border 2; wanted a share"),
        ("eroded=-1", "eroded -1; wanted a number of pixels"),
    ):
        with pytest.raises(InputError, match=words):
            parse_noise(text)


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="weights must have shape"):
        Oracle(ROOM.mesh, WEIGHTS[:5])
    with pytest.raises(ValueError, match="labels must be given"):
        Oracle(ROOM.mesh, WEIGHTS, noise=Noise(confused=0.1))
