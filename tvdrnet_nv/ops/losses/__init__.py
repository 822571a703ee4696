"""image_statistics, view_heuristic_loss and mean_squared_error: what losses ask of images. Ours; not in nvdiffrast.

Gradients flow into the images, forward mode included. On CUDA they run in Triton kernels, where triton is there.
"""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_tensor, describe
from tvdrnet_nv.ops.backends import backend_of


def image_statistics(image: Tensor) -> Tensor:
    """Mean and standard deviation of an image's colours, and mean of its coverage.

    Args:
        image: [B, H, W, 4], RGB and coverage.

    Returns:
        [B, 3]: the mean of all 3 H W colour values, their standard deviation (unbiased, as `torch.std`), and the mean
        of the fourth channel.

    Raises:
        TypeError: not a float32 or float64 tensor.
        ValueError: a wrong shape, or no pixels.
    """
    image = _check_image(image)
    return backend_of(image).function("image_statistics")(image)


def view_heuristic_loss(image: Tensor) -> Tensor:
    """TVDRNet's unsupervised loss: |mean(rgb) - 0.5| - 0.1 std(rgb) - 0.5 mean(alpha), of `image_statistics`.

    Args:
        image: [B, H, W, 4], RGB and alpha.

    Returns:
        [B].

    Raises:
        TypeError: not a float32 or float64 tensor.
        ValueError: a wrong shape, or no pixels.
    """
    image = _check_image(image)
    return backend_of(image).function("view_heuristic_loss")(image)


def mean_squared_error(image: Tensor, target: Tensor, *, clip: bool = False) -> Tensor:
    """Mean square of the difference between images' colours and a target's.

    Args:
        image: [B, H, W, 4], RGB and coverage, which does not count.
        target: [H, W, 3], the dtype and device of `image`; no gradient flows into it.
        clip: clip the colours of `image` to [0, 1] first, as a camera does; beyond, their gradient is zero.

    Returns:
        [B].

    Raises:
        TypeError: not a float32 or float64 tensor, or dtypes differ.
        ValueError: a wrong shape or device, or no pixels.
    """
    image = _check_image(image)
    target = check_tensor("target", target, (*image.shape[1:3], 3), dtypes=FLOATS, device=image.device)
    check_dtype("target", target, "image", image.dtype)
    return backend_of(image).function("mean_squared_error")(image, target.detach(), clip)


def _check_image(image: object) -> Tensor:
    checked = check_tensor("image", image, ("B", "H", "W", 4), dtypes=FLOATS)
    if checked.shape[1] == 0 or checked.shape[2] == 0:
        raise ValueError(f"image must have pixels; got {describe(image)}")
    return checked
