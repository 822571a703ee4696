"""What `Orbit` and `Camera` have in common: batches of viewpoints, whose fields can be taken apart and put together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import torch
from torch import Tensor

from tvdrnet_nv.camera._arguments import batch_index, check_fields, detached
from tvdrnet_nv.camera.parameters import Parameter

if TYPE_CHECKING:
    from tvdrnet_nv.camera.camera import Camera

ViewpointT = TypeVar("ViewpointT", bound="Viewpoint")


class Viewpoint(ABC):
    """A batch of K viewpoints of one kind: an `Orbit` or a `Camera`. A kind is a frozen dataclass.

    Attributes:
        parameters: what can be optimised; the rows of the table `tvdrnet_nv.camera.parameters`.
        moves_by_default: the names of those that move where nothing is said.
        fields: the tensors that hold a viewpoint, and their shapes for one, in the order of the parameters. One with
            the default None may be None: then nothing is computed for it. Joined viewpoints have the same ones.
    """

    parameters: ClassVar[tuple[Parameter, ...]]
    moves_by_default: ClassVar[tuple[str, ...]]
    fields: ClassVar[dict[str, tuple[int, ...]]]

    @abstractmethod
    def camera(self) -> Camera:
        """The K cameras to render, differentiable in every field."""

    @classmethod
    @abstractmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """One viewpoint from Python numbers, float32 on the CPU: what `to_dict` gives. Other keys are ignored.

        Raises:
            KeyError: a field is missing that has no default.
            TypeError: a value is not numeric.
            ValueError: a value is out of range, or of another shape.
        """

    @abstractmethod
    def describe(self) -> dict[str, float | list[float]]:
        """What a person wants to know of one viewpoint, by name, in the order in which it is shown.

        Names and units are those of the table of parameters. A `Camera` has its position, the elevation, azimuth and
        field of view of its `OrbitFrame`, and "roll", in degrees.
        """

    @abstractmethod
    def translated(self, offset: Sequence[float]) -> Self:
        """The same viewpoints in a frame whose origin is elsewhere: all positions get `offset` [3] added, scene units.

        They come in float64, as offsets are larger than what float32 keeps of a scene; these very viewpoints, where the
        offset is zero.
        """

    def wrapped(self) -> Self:
        """The same viewpoints, with angles that have a period within it."""
        return self

    def check_shapes(self) -> None:
        """Check that the fields are float tensors [K, …] of one K, dtype and device.

        Raises:
            TypeError, ValueError: one is not; the message names it.
        """
        values, kind = vars(self), type(self)
        # One may be None whose default is None.
        checked = [n for n in self.fields if values[n] is not None or getattr(kind, n, values) is not None]
        check_fields(kind.__name__, {name: (values[name], self.fields[name]) for name in checked})

    @property
    def present(self) -> list[str]:
        """The names of the fields that are not None."""
        values = vars(self)
        return [name for name in self.fields if values[name] is not None]

    def completed(self, names: Sequence[str]) -> Self:
        """The same viewpoints with the fields of the named parameters: one that is None gets the table's default."""
        missing = [p for p in self.parameters if p.name in names and p.field not in self.present]
        return self.replace(**{p.field: self._first.new_full((len(self), *p.shape), p.default or 0) for p in missing})

    def __len__(self) -> int:
        return self._first.shape[0]

    def __getitem__(self, index: int | slice | Tensor) -> Self:
        """Return some of the viewpoints, by a slice or rows [N] int64; an integer gives a batch of one."""
        part = batch_index(index, len(self))
        return self._map(lambda tensor: tensor[part])

    @property
    def device(self) -> torch.device:
        return self._first.device

    @property
    def dtype(self) -> torch.dtype:
        return self._first.dtype

    def to(self, target: torch.device | str | torch.dtype) -> Self:
        """Return the viewpoints on another device, or in another dtype."""
        return self._map(lambda tensor: tensor.to(target))

    def detach(self) -> Self:
        """Return the viewpoints without their gradients' history."""
        return detached(self)

    def replace(self, **fields: Any) -> Self:
        """Return the viewpoints with some fields replaced."""
        return type(self)(**{**vars(self), **fields})

    def expand(self, count: int) -> Self:
        """Return one viewpoint `count` times, without copying it.

        Raises:
            RuntimeError: there is not exactly one.
        """
        return self._map(lambda tensor: tensor.expand(count, *tensor.shape[1:]))

    def to_dict(self) -> dict[str, Any]:
        """Return one viewpoint as Python numbers: its fields by name, nested lists where they have a shape.

        Raises:
            ValueError: There is not exactly one.
        """
        if len(self) != 1:
            what = type(self).__name__.lower()
            raise ValueError(f"to_dict takes one {what}, got {len(self)}; index first: {what}[0].to_dict()")
        return {
            name: value.detach()[0].tolist() if isinstance(value, Tensor) else value
            for name, value in vars(self).items()
            if value is not None
        }

    def pack(self, names: tuple[str, ...] | None = None) -> Tensor:
        """[K, N]: the named fields, all that are present by default, flat and side by side."""
        return torch.cat([getattr(self, name).reshape(len(self), -1) for name in names or self.present], 1)

    def unpack(self, values: Tensor, names: tuple[str, ...] | None = None) -> Self:
        """The same but for the named fields, by default `pack`'s, which are `values` [K, N] as it lays them out."""
        shapes = {name: self.fields[name] for name in names or self.present}
        parts = values.split([torch.Size(shape).numel() for shape in shapes.values()], 1)
        pairs = zip(shapes.items(), parts, strict=True)
        return self.replace(**{name: part.reshape(-1, *shape) for (name, shape), part in pairs})

    def with_rows(self, rows: Tensor, others: Self) -> Self:
        """The batch with `rows` [N] int64 replaced by the N `others`."""
        return self.replace(
            **{name: getattr(self, name).index_copy(0, rows, getattr(others, name)) for name in self.present}
        )

    @property
    def _first(self) -> Tensor:
        return getattr(self, next(iter(self.fields)))

    def _map(self, function: Callable[[Tensor], Tensor]) -> Self:
        return self.replace(**{name: function(getattr(self, name)) for name in self.present})


def concatenate(viewpoints: Sequence[ViewpointT]) -> ViewpointT:
    """One batch of several of a kind; what is no tensor (the pole) is the first's."""
    first = viewpoints[0]
    return first.replace(**{n: torch.cat([getattr(viewpoint, n) for viewpoint in viewpoints]) for n in first.present})
