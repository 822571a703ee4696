"""nvdiffrast's log level: kept, and passed on to nvdiffrast where CUDA tensors run on it."""

from __future__ import annotations

from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.arguments import describe

INFO, WARNING, ERROR, FATAL = range(4)


def get_log_level() -> int:
    """The level that `set_log_level` set: 0 info, 1 warning (the default), 2 error, 3 fatal."""
    return WARNING if nvdiffrast.log_level is None else nvdiffrast.log_level


def set_log_level(level: int) -> None:
    """Set how severe a message must be to be printed, as `nvdiffrast.torch.set_log_level` does.

    The ops on the CPU print nothing at any level: what is wrong is raised. On CUDA nvdiffrast obeys the level.

    Args:
        level: 0 info, 1 warning, 2 error, 3 fatal.

    Raises:
        TypeError: not a whole number.
        ValueError: not between 0 and 3.
    """
    if not isinstance(level, int) or isinstance(level, bool):
        raise TypeError(f"level must be 0 (info), 1 (warning), 2 (error) or 3 (fatal); got {describe(level)}")
    if not INFO <= level <= FATAL:
        raise ValueError(f"level must be 0 (info), 1 (warning), 2 (error) or 3 (fatal); got {level}")
    nvdiffrast.obey(level)
