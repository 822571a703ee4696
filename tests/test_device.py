"""How --device is chosen."""

from __future__ import annotations

import pytest

from tvdrnet_nv.device import choose_device
from tvdrnet_nv.errors import InputError


def test_cuda_that_is_not_there_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.version.cuda", "13.0")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("tvdrnet_nv.ops.backends.cuda.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r"`device` cuda: nvdiffrast is not installed; pip install 'tvdrnet_nv\[cuda\]'"
    ):
        choose_device("cuda")
    device, reason = choose_device("auto")
    assert (device.type, reason) == ("cpu", "nvdiffrast is not installed")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError, match="sees no CUDA device"):
        choose_device("cuda")
    assert choose_device("cpu")[0].type == "cpu"
