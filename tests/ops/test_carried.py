"""carried: values, gradients, forward mode and second derivatives of the joined copy, and one copy each way."""

from __future__ import annotations

import pytest
import torch

from tests.optimization.cuda_on_meta import CudaOnMeta
from tvdrnet_nv.ops.carried import _joined, _one_after_the_other, carried, one_memory

CPU = torch.device("cpu")
CUDA = torch.device("cuda", 0)


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


def test_derivatives_under_torch_func() -> None:
    given = tuple(tensor.detach() for tensor in numbers())

    def product(first: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        parts = _joined((first, *others), CPU)
        return parts[0].sum((1, 2)) * parts[1].sum(1) * parts[2]

    for take in (torch.func.jacrev, torch.func.jacfwd):
        found = take(product)(*given)
        # Of its own camera's matrix, all 16 numbers change the product alike.
        of_one = torch.diag(given[1].sum(1) * given[2])[..., None, None]
        assert torch.allclose(found, of_one.expand_as(found))


def test_gradients_in_one_memory_are_not_copied_and_others_are_joined() -> None:
    given = numbers()
    whole = one_memory(*(tensor.detach() for tensor in given))
    for part, tensor in zip(whole, given, strict=True):
        part.copy_(tensor.detach())
    flat = torch.cat([tensor.detach().flatten() for tensor in given])
    joined = _one_after_the_other(whole)
    assert joined.data_ptr() == whole[0].data_ptr()
    assert torch.equal(joined, flat)
    elsewhere = (whole[0], whole[1].clone(), whole[2])
    turned = (whole[0].transpose(1, 2), *whole[1:])
    backwards = whole[::-1]
    for parts in (elsewhere, turned, backwards):
        joined = _one_after_the_other(parts)
        assert joined.data_ptr() not in {part.data_ptr() for part in parts}
        assert torch.equal(joined, torch.cat([part.flatten() for part in parts]))


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
