"""The package's own segmenter: its network, its file, and what it takes of a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.scenes import make_room
from tvdrnet_nv.segmentation.files import load_network, save_network
from tvdrnet_nv.segmentation.network import TextConditionedNetwork
from tvdrnet_nv.segmentation.small import KINDS, ROOMS, SEEN, SmallSegmenter, load_small_segmenter, rivals_of


class Encoder:
    """Gives each text a direction of its own, and remembers what it was asked."""

    name, size, digest = "mine", 8, None

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> Tensor:
        self.asked += texts
        draws = [torch.randn(8, generator=torch.Generator().manual_seed(sum(map(ord, text)))) for text in texts]
        return torch.nn.functional.normalize(torch.stack(draws), dim=1)


def network() -> TextConditionedNetwork:
    return TextConditionedNetwork(8, width=8, size=6).eval()


def test_shapes_of_all_sizes_and_arguments() -> None:
    found = network()(torch.rand(2, 33, 50, 3), torch.randn(3, 8))
    assert found.shape == (2, 3, 17, 25)
    with pytest.raises(ValueError, match="pictures must have shape"):
        network()(torch.rand(2, 3, 33, 50), torch.randn(3, 8))
    with pytest.raises(ValueError, match=r"queries must have shape \[K, 8\]; got \[3, 7\]"):
        network()(torch.rand(1, 8, 8, 3), torch.randn(3, 7))
    with pytest.raises(ValueError, match="a width that 4 divides"):
        TextConditionedNetwork(8, width=10)


def test_a_sentence_does_not_depend_on_the_others_beside_it() -> None:
    model, pictures, queries = network(), torch.rand(1, 16, 16, 3), torch.randn(3, 8)
    whole = model(pictures, queries)
    torch.testing.assert_close(model(pictures, queries[1:2])[:, 0], whole[:, 1])


def test_the_gradient_reaches_the_pictures() -> None:
    segmenter = SmallSegmenter(network().double(), Encoder())
    picture = (torch.rand(1, 10, 12, 3, dtype=torch.float64) * 0.8 + 0.1).requires_grad_()
    weights = torch.rand(1, 10, 12, dtype=torch.float64)

    def loss(seen: Tensor) -> Tensor:
        return (segmenter.logits(seen, "the sofa") * weights).sum()

    (gradient,) = torch.autograd.grad(loss(picture), picture)
    way = torch.rand_like(picture) - 0.5
    with torch.no_grad():
        slope = (loss(picture + 1e-6 * way) - loss(picture - 1e-6 * way)) / 2e-6
    assert float((gradient * way).sum()) == pytest.approx(float(slope), rel=1e-4)


def test_scores_of_large_pictures() -> None:
    segmenter = SmallSegmenter(network(), Encoder())
    scores = segmenter.segment(torch.rand(2 * SEEN, 3 * SEEN, 3), "the sofa")
    assert scores.shape == (2 * SEEN, 3 * SEEN)
    assert not scores.requires_grad
    assert 0 <= float(scores.min()) < float(scores.max()) <= 1


def test_of_a_sentence_it_takes_what_is_named() -> None:
    encoder = Encoder()
    segmenter = SmallSegmenter(network(), encoder)
    for sentence in ("the sofa next to the window", "a large plant", "the sofa next to the window"):
        segmenter.segment(torch.rand(8, 8, 3), sentence)
    assert encoder.asked == [*KINDS, "sofa", "plant"]


def test_rivals_are_the_kinds_that_a_name_does_not_mean() -> None:
    def meant(name: str) -> set[str]:
        return set(KINDS) - {KINDS[number] for number in rivals_of(name)}

    assert meant("sofa") == meant("couch") == {"sofa"}
    assert meant("lamp") == {"lamp"}
    assert meant("table") == {"coffee table", "desk", "dining table"}
    assert meant("pillow") == {"cushion"}
    assert rivals_of("bed") == rivals_of("dog") == []


def test_the_kinds_are_those_of_the_rooms() -> None:
    names = {name.rsplit("_", 1)[0].replace("_", " ") for seed in range(3) for name in make_room(6000, seed).names}
    assert names <= set(KINDS)
    assert len(names) > 20


def test_a_rival_takes_pixels_away_and_other_names_have_none() -> None:
    model, pictures = network(), torch.rand(1, 40, 40, 3)
    encoder = Encoder()
    with torch.no_grad():
        model.sentence[-1].bias[-1] += 4  # so that a rival's logit is above 0
    own = model(pictures, encoder.encode(["sofa", "bed"]))
    every = model(pictures, encoder.encode(list(KINDS)))
    rivals = [kind != "sofa" for kind in KINDS]
    best = every[:, rivals].amax(1).clamp_min(0)
    assert best.min() > 0.1
    wanted = own[:, 0] - best / 2
    segmenter = SmallSegmenter(model, encoder)
    for sentence, expected in (("the sofa", wanted), ("the bed", own[:, 1])):
        large = torch.nn.functional.interpolate(expected[:, None], (40, 40), mode="bilinear", align_corners=False)[:, 0]
        torch.testing.assert_close(segmenter.logits(pictures, sentence), large)


def test_large_pictures_are_seen_at_two_sizes() -> None:
    model, pictures, encoder = network(), torch.rand(1, 2 * SEEN, 2 * SEEN, 3), Encoder()
    queries = encoder.encode(["bed"])
    fine = model(pictures, queries)
    shrunken = torch.nn.functional.interpolate(
        pictures.movedim(-1, 1), (SEEN, SEEN), mode="bilinear", antialias=True
    ).movedim(1, -1)
    coarse = torch.nn.functional.interpolate(
        model(shrunken, queries), fine.shape[2:], mode="bilinear", align_corners=False
    )
    wanted = torch.nn.functional.interpolate(
        (fine + coarse) / 2, pictures.shape[1:3], mode="bilinear", align_corners=False
    )
    torch.testing.assert_close(SmallSegmenter(model, encoder).logits(pictures, "the bed"), wanted[:, 0])


def test_a_file_brings_the_network_back(tmp_path: Path) -> None:
    before, pictures, queries = network(), torch.rand(1, 16, 16, 3), torch.randn(2, 8)
    save_network(before, tmp_path / "net.pt")
    after = load_network(tmp_path / "net.pt")
    assert after.config == before.config
    torch.testing.assert_close(after(pictures, queries), before(pictures, queries), atol=2e-2, rtol=2e-2)
    assert not after(pictures, queries).requires_grad


def test_broken_files_are_one_line(tmp_path: Path) -> None:
    file = tmp_path / "net.pt"

    def refused(words: str) -> None:
        with pytest.raises(InputError, match=words) as caught:
            load_network(file)
        assert "\n" not in str(caught.value)

    refused("no such file")
    file.write_bytes(b"something else")
    refused("cannot be read; give a file that save_network wrote")
    torch.save({"weights": 1}, file)
    refused("holds no segmenter")
    save_network(network(), file)
    content = torch.load(file, weights_only=True)
    torch.save({**content, "version": 9}, file)
    refused("version 9, and this program reads 1")
    torch.save({**content, "config": {"width": 8}}, file)
    refused("its sizes are not query_size, size, width")
    torch.save({**content, "config": {**content["config"], "width": 12}}, file)
    refused("its weights do not fit its sizes")


def test_the_packages_own_network_is_small_and_tells_names_apart() -> None:
    assert ROOMS.stat().st_size < 2_000_000
    segmenter = load_small_segmenter()
    assert segmenter.name == "rooms"
    picture = torch.rand(48, 64, 3, generator=torch.Generator().manual_seed(0))
    floor, plant = segmenter.segment(picture, "the floor"), segmenter.segment(picture, "the plant")
    assert floor.shape == (48, 64)
    assert not torch.equal(floor, plant)
