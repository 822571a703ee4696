"""carried: values, gradients, forward mode and second derivatives of the joined copy, and one copy each way."""

from __future__ import annotations

import pytest
import torch

from tests.optimization.cuda_on_meta import CUDA, CudaOnMeta
from tvdrnet_nv.ops.carried import _joined, carried

CPU = torch.device("cpu")


def numbers() -> tuple[torch.Tensor, ...]:
    random = torch.Generator().manual_seed(0)
    made = (torch.rand(shape, generator=random, dtype=torch.float64) for shape in ((2, 4, 4), (2, 3), (2,)))
    return tuple(tensor.requires_grad_() for tensor in made)


def test_the_parts_of_the_copy_are_what_was_given() -> None:
    given = numbers()
    for part, tensor in zip(_joined((given[0].transpose(1, 2), *given[1:]), CPU), given, strict=True):
        assert torch.equal(part, tensor.transpose(1, 2) if tensor is given[0] else tensor)


# torch's own, about what it loads for forward mode.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
def test_derivatives() -> None:
    def squares(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(part.square() for part in _joined(tensors, CPU))

    assert torch.autograd.gradcheck(squares, numbers(), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(squares, numbers())


def test_what_is_there_is_not_copied() -> None:
    given = numbers()
    for part, tensor in zip(carried(given, CPU), given, strict=True):
        assert part is tensor


def test_one_copy_there_and_one_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given = numbers()
    with CudaOnMeta(monkeypatch) as device:
        parts = carried(given, CUDA)
        assert device.copies == ["to"]
        assert [part.device.type for part in parts] == ["cuda"] * 3
        assert [part.shape for part in parts] == [tensor.shape for tensor in given]
