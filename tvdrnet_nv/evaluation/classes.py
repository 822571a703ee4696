"""The classes that benchmarks count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tvdrnet_nv.io.labels import NYU40
from tvdrnet_nv.io.scannet_names import SCANNET200

_SCANNET = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 24, 28, 33, 34, 36, 39)


@dataclass(frozen=True)
class ClassList:
    """The classes of a benchmark.

    Attributes:
        name: for messages and options.
        names: the name of each class that semantic segmentation counts, by its number, in ascending order.
        stuff: those of them that have no instances: walls and floors.
        raw: whether the numbers are ScanNet's raw ids; else they are NYU40's.
    """

    name: str
    names: Mapping[int, str]
    stuff: frozenset[int]
    raw: bool = False

    @property
    def things(self) -> tuple[int, ...]:
        """The classes that have instances."""
        return tuple(number for number in self.names if number not in self.stuff)


CLASS_LISTS = {
    "scannet": ClassList("scannet", {n: NYU40[n - 1].replace("_", " ") for n in _SCANNET}, frozenset({1, 2})),
    "scannet200": ClassList("scannet200", dict(sorted(SCANNET200.items())), frozenset({1, 3}), raw=True),
}
"""ScanNet's 20 classes of NYU40, of which 18 have instances, and ScanNet200's 200, of which 198 have."""


def listed_classes(numbers: set[int]) -> ClassList:
    """Classes without names: all that a folder of truth files has, each with instances."""
    return ClassList("all", {number: str(number) for number in sorted(numbers) if number > 0}, frozenset())
