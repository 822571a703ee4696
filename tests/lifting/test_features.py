"""Feature maps on vertices, against a loop that enlarges each map."""

from __future__ import annotations

import pytest
import torch

from tests.lifting.scenes import around, box_on_floor, square
from tests.lifting.test_visibility import facing
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import Evidence, lift_features
from tvdrnet_nv.lifting import features as module

SIZE = (48, 64)


@pytest.mark.parametrize("bytes_at_once", [2**26, 4])
def test_features_are_the_means_of_enlarged_maps(bytes_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BYTES", bytes_at_once)
    mesh, _ = box_on_floor()
    cameras, numbers = around(3), torch.Generator().manual_seed(0)
    maps = [torch.rand(h, w, 5, generator=numbers) for h, w in ((6, 8), (12, 16), (1, 3))]
    found, weight = lift_features(mesh, cameras, iter(maps), SIZE)
    evidence = Evidence(mesh, 5)
    for k, values in enumerate(maps):
        large = torch.nn.functional.interpolate(
            values.permute(2, 0, 1)[None], SIZE, mode="bilinear", align_corners=False
        )
        evidence.add(cameras[k], large[0].permute(1, 2, 0))
    torch.testing.assert_close(found, evidence.values(), equal_nan=True, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(weight, evidence.weight)
    assert bool(found[~evidence.seen].isnan().all())


def test_bad_input_is_one_line() -> None:
    mesh, camera = square(), facing(3.0)
    good = torch.ones(2, 2, 3)
    for maps, message in (
        ([], "maps: 0 for 1 cameras; wanted one each"),
        ([good, good], "maps: more for 1 cameras; wanted one each"),
        ([good[0]], r"maps\[0\]: \[2, 3\]; wanted \[h, w, C\]"),
        ([good * torch.nan], r"maps\[0\]: some values are NaN or infinite"),
    ):
        with pytest.raises(InputError, match=message):
            lift_features(mesh, camera, maps, SIZE)
    with pytest.raises(InputError, match=r"maps\[1\]: \[2, 2, 4\]; wanted \[h, w, 3\]"):
        lift_features(mesh, around(2), [good, torch.ones(2, 2, 4)], SIZE)
