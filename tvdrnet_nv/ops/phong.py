"""The light and the material, as the ops take them."""

from __future__ import annotations

from dataclasses import dataclass

from tvdrnet_nv.ops.arguments import describe

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Phong:
    """A white point light, the material's answer to it (Phong 1975), and what is behind the scene.

    Attributes:
        light: world position of the light.
        ambient: share of the vertex colour that needs no light.
        diffuse: share of the light that is scattered, times the vertex colour and the cosine to the normal.
        specular: share that is mirrored.
        shininess: exponent of the specular lobe.
        background: RGB where no triangle is.

    Raises:
        ValueError: `light` or `background` is not three numbers.
    """

    light: Triple
    ambient: float
    diffuse: float
    specular: float
    shininess: float
    background: Triple = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        for name in ("light", "background"):
            values = getattr(self, name)
            good = hasattr(values, "__len__") and len(values) == 3
            if not good or not all(isinstance(value, (int, float)) for value in values):
                raise ValueError(f"{name} must be three numbers; got {describe(values)}")
            object.__setattr__(self, name, tuple(float(value) for value in values))
        for name in ("ambient", "diffuse", "specular", "shininess"):
            object.__setattr__(self, name, float(getattr(self, name)))

    def numbers(self) -> list[float]:
        """The ten numbers in the order of the CPU kernels."""
        return [*self.light, *self.background, self.ambient, self.diffuse, self.specular, self.shininess]
