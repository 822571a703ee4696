"""The weights that both sides start TVDRNet's recipe from."""

from __future__ import annotations

import numpy as np
import torch

from tvdrnet_nv.optimization.tvdrnet import CameraMLP


def network_weights(seed: int) -> dict[str, np.ndarray]:
    """The network that `optimize` starts from at this seed, of distance, elevation and azimuth.

    As the command "trajectory" takes it: weights [out, in] and biases of torch.nn.Linear.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = CameraMLP(1, 3)
    weights = {f"weight{i}": w[0].T.numpy() for i, w in enumerate(network.weights)}
    return weights | {f"bias{i}": b[0, 0].numpy() for i, b in enumerate(network.biases)}
