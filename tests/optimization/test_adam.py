"""Our Adam against torch's."""

from __future__ import annotations

import torch

from tvdrnet_nv.optimization.adam import Adam


def test_it_is_torchs_adam():
    g = torch.Generator().manual_seed(0)
    start = [torch.randn(4, 3, generator=g), torch.randn(5, generator=g)]
    ours, theirs = ([p.clone().requires_grad_() for p in start] for _ in range(2))
    adam = Adam([([ours[0]], 0.03), ([ours[1]], 0.2)], betas=(0.8, 0.95))
    reference = torch.optim.Adam(
        [{"params": [theirs[0]], "lr": 0.03}, {"params": [theirs[1]], "lr": 0.2}], betas=(0.8, 0.95)
    )
    for i in range(20):
        if i == 10:
            adam.rates = [0.01, 0.1]
            for group, rate in zip(reference.param_groups, adam.rates, strict=True):
                group["lr"] = rate
        for parameters in (ours, theirs):
            sum(((p - 1) ** 4).sum() for p in parameters).backward()
        adam.step()
        reference.step()
        reference.zero_grad()
        for a, b in zip(ours, theirs, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-7)
    assert all(p.grad is None for p in ours)
    assert not torch.allclose(ours[0], start[0], atol=0.1)
