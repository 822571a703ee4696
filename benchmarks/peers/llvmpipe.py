"""Mesa's software rasterizer llvmpipe through moderngl: one Phong-shaded picture, forward only, read back.

Not a rival, as it has no gradients: a mark for what a well-kept CPU rasterizer takes for the picture alone.
"""

# Whose types are known only where the package is installed.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from __future__ import annotations

import os

import numpy as np
import torch

from tvdrnet_nv.benchmarks.speed.cases import Case
from tvdrnet_nv.benchmarks.speed.clock import Clock, Memory
from tvdrnet_nv.renderer import default_clip_planes
from tvdrnet_nv.starts import scene_light

_CPU = torch.device("cpu")

_VERTEX = """
#version 330
uniform mat4 to_clip;
in vec3 position; in vec3 normal; in vec3 color;
out vec3 p; out vec3 n; out vec3 c;
void main() { p = position; n = normal; c = color; gl_Position = to_clip * vec4(position, 1.0); }
"""

_FRAGMENT = """
#version 330
uniform vec3 eye; uniform vec3 light;
in vec3 p; in vec3 n; in vec3 c;
out vec4 pixel;
void main() {
    vec3 normal = normalize(n), to_light = normalize(light - p), to_eye = normalize(eye - p);
    float cosine = dot(normal, to_light);
    vec3 mirrored = 2.0 * cosine * normal - to_light;
    float gloss = cosine > 0.0 ? pow(max(dot(to_eye, mirrored), 0.0), 64.0) : 0.0;
    pixel = vec4((0.5 + 0.8 * max(cosine, 0.0)) * c + 0.3 * gloss, 1.0);
}
"""


class Llvmpipe:
    """The case's picture: mesh and lamp in the rasterizer's memory.

    Raises:
        RuntimeError: OpenGL is something else here.
    """

    name = "llvmpipe"
    package = "moderngl"

    def __init__(self, case: Case) -> None:
        os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
        os.environ.setdefault("GALLIUM_DRIVER", "llvmpipe")
        import moderngl  # pyright: ignore[reportMissingImports]

        self._memory = Memory(_CPU)
        self._memory.start()
        gl = self._gl = moderngl.create_standalone_context(backend="egl")
        if "llvmpipe" not in (renderer := str(gl.info["GL_RENDERER"])):
            raise RuntimeError(f"OpenGL is {renderer} here, not Mesa's llvmpipe")
        mesh, orbit, size = case.mesh(), case.orbit(), case.resolution
        camera = orbit.camera()
        attributes = torch.cat([mesh.vertices, mesh.vertex_normals, mesh.colors], 1)
        program = gl.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        layout = [(gl.buffer(attributes.numpy().tobytes()), "3f 3f 3f", "position", "normal", "color")]
        self._array = gl.vertex_array(program, layout, gl.buffer(mesh.faces.numpy().tobytes()))
        to_clip = camera.clip_matrix(1.0, *default_clip_planes(mesh))[0]
        program["to_clip"].write(to_clip.T.contiguous().numpy().tobytes())
        program["eye"].write(camera.position[0].numpy().tobytes())
        program["light"].write(np.array(scene_light(orbit).location, np.float32).tobytes())
        self._size = size
        self._target = gl.framebuffer([gl.texture((size, size), 4)], gl.depth_renderbuffer((size, size)))
        self._target.use()
        gl.enable(moderngl.DEPTH_TEST)

    def picture(self) -> np.ndarray:
        """[size, size, 4] uint8, row 0 at the bottom."""
        self._target.clear(1.0, 1.0, 1.0, 0.0, 1.0)
        self._array.render()
        return np.frombuffer(self._target.read(components=4), np.uint8).reshape(self._size, self._size, 4)

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many pictures in a row."""
        clock = Clock(_CPU)
        clock.mark()
        for _ in range(repeats):
            self.picture()
            clock.mark()
        return clock.seconds()

    def peak_mib(self) -> float | None:
        """The peak of memory since it was made."""
        return self._memory.peak_mib()
