"""The lights in which a scene is compared with a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.shading import UNLIT, PhongLight

_ONE_COLOUR = 0.01  # standard deviation of the vertices' colours


@dataclass(frozen=True)
class Lights:
    """The lights in which a scene is compared with a picture.

    Attributes:
        compared: in which colours are compared, one after the other.
        searched: in which cameras are aligned with the picture: the draws all over the scene take turns.
        around: those of `searched` in which all cameras around a start are aligned.
        lamp: one that is compared with cameras that were found, so that it costs next to nothing; in colours from
            anywhere also like those of `compared`. None: all are in `compared`.
    """

    compared: tuple[PhongLight, ...]
    searched: tuple[PhongLight, ...]
    around: tuple[PhongLight, ...]
    lamp: PhongLight | None = None

    @property
    def all(self) -> tuple[PhongLight, ...]:
        """The lights compared, and the lamp."""
        return self.compared if self.lamp is None else (*self.compared, self.lamp)


def lights_of(renderer: Renderer, given: Sequence[PhongLight] | None) -> Lights:
    """The lights that are given; without any, the renderer's, none, and a lamp at the camera.

    Details of a coloured scene are in the same places in every light, so that its cameras are aligned without one, and
    the lamp is compared with what was found. A scene in one colour shows nothing but its shading. So the lamp is tried
    as the renderer's light is, and no light is not.
    """
    mesh = renderer.mesh
    plain = mesh.textures is None and float(mesh.colors.std(0).amax()) < _ONE_COLOUR
    own, lamp = renderer.light, None
    if given is not None:
        compared = tuple(dict.fromkeys(given))
    elif plain:
        compared = tuple(dict.fromkeys((own, lamp_of(own))))
    else:
        compared = tuple(dict.fromkeys((own, UNLIT)))
        lamp = None if own.follows_camera else lamp_of(own)
    searched = compared if plain else compared[::-1]
    return Lights(compared, searched, searched if plain else searched[:1], lamp)


def lamp_of(light: PhongLight) -> PhongLight:
    """A lamp at the camera on the same material; on the default one where there is no light."""
    return replace(PhongLight(location=light.location) if light.is_none else light, head=True)


def in_words(light: PhongLight) -> str:
    """As it stands in the list of attempts."""
    if light.is_none:
        return "unlit"
    return "by a lamp at the camera" if light.head else "in the point light"
