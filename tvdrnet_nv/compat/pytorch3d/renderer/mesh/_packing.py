"""Rectangles beside each other in a larger one; public in `pytorch3d.renderer.mesh.utils`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["PackedRectangle", "PackedRectangles", "Rectangle", "pack_rectangles", "pack_unique_rectangles"]


class Rectangle(NamedTuple):
    """A rectangle's sizes; equal identifiers are the same rectangle."""

    xsize: int
    ysize: int
    identifier: int


class PackedRectangle(NamedTuple):
    """Where a rectangle is: its corner, whether it is turned by 90°, and whether it is its identifier's first."""

    x: int
    y: int
    flipped: bool
    is_first: bool


class PackedRectangles(NamedTuple):
    """The whole rectangle's sizes (x, y), and where each one is in it."""

    total_size: tuple[int, int]
    locations: list[PackedRectangle]


def pack_rectangles(sizes: Sequence[tuple[int, int]]) -> PackedRectangles:
    """Put rectangles, which may be turned, into shelves as long as the longest, each as high as its first one.

    They come in the order of their longer side, then of their shorter one, the largest first; of equal ones the last
    first. Each goes into the first shelf where it has room.

    Args:
        sizes: x and y of each.
    """
    if len(sizes) == 1:
        return PackedRectangles((sizes[0][0], sizes[0][1]), [PackedRectangle(0, 0, False, True)])
    order = sorted(range(len(sizes)), key=lambda i: (max(sizes[i]), min(sizes[i])))[::-1]
    length = max((max(size) for size in sizes), default=0)
    shelves: list[list[int]] = []  # y, height, filled up to this x
    top = 0
    places: dict[int, PackedRectangle] = {}
    for index in order:
        long, short = max(sizes[index]), min(sizes[index])
        ways = ((x, y, shelf) for shelf in shelves for x, y in ((long, short), (short, long)))
        room = next((way for way in ways if _fits(way[2], *way[:2], length)), None)
        if room is not None:
            x, _, shelf = room
        else:
            x, shelf = long, [top, short, 0]
            shelves.append(shelf)
            top += short
        places[index] = PackedRectangle(shelf[2], shelf[0], x != sizes[index][0], True)
        shelf[2] += x
    return PackedRectangles((length, top), [places[i] for i in range(len(sizes))])


def _fits(shelf: list[int], x: int, y: int, length: int) -> bool:
    return y <= shelf[1] and shelf[2] + x <= length


def pack_unique_rectangles(rectangles: Sequence[Rectangle]) -> PackedRectangles:
    """`pack_rectangles`, each identifier's rectangle once, where its first one says.

    Args:
        rectangles: sizes and identifiers.
    """
    sizes: dict[int, tuple[int, int]] = {}
    for rectangle in rectangles:
        sizes.setdefault(rectangle.identifier, (rectangle.xsize, rectangle.ysize))
    packed = pack_rectangles(list(sizes.values()))
    places = dict(zip(sizes, packed.locations, strict=True))
    seen: set[int] = set()
    locations = []
    for rectangle in rectangles:
        locations.append(places[rectangle.identifier]._replace(is_first=rectangle.identifier not in seen))
        seen.add(rectangle.identifier)
    return PackedRectangles(packed.total_size, locations)
