"""Mesa's software rasterizer llvmpipe through moderngl: one Phong-shaded frame, forward only, read back.

Not a rival, as it has no gradients: a mark for what a well-kept CPU rasterizer takes for the picture alone. Runs as a
child process; needs numpy and moderngl, and Mesa's EGL.
"""

from __future__ import annotations

import itertools
import os
import time

import numpy as np

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
    """A scene in the rasterizer's memory.

    Args:
        attributes: [V, 9] float32, position, normal and colour.
        faces: [F, 3] int32.
        size: side of the square image, pixels.
    """

    def __init__(self, attributes: np.ndarray, faces: np.ndarray, size: int) -> None:
        os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
        os.environ.setdefault("GALLIUM_DRIVER", "llvmpipe")
        import moderngl

        self._gl = moderngl.create_standalone_context(backend="egl")
        self.renderer = str(self._gl.info["GL_RENDERER"])
        if "llvmpipe" not in self.renderer:
            raise RuntimeError(f"OpenGL is {self.renderer} here, wanted Mesa's llvmpipe")
        program = self._gl.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        vertices = self._gl.buffer(np.ascontiguousarray(attributes, np.float32).tobytes())
        indices = self._gl.buffer(np.ascontiguousarray(faces, np.int32).tobytes())
        layout = [(vertices, "3f 3f 3f", "position", "normal", "color")]
        self._program, self._array = program, self._gl.vertex_array(program, layout, indices)
        self._target = self._gl.framebuffer(
            [self._gl.texture((size, size), 4, dtype="f1")], self._gl.depth_renderbuffer((size, size))
        )
        self._target.use()
        self._gl.enable(moderngl.DEPTH_TEST)
        self._size = size

    def frame(self, to_clip: np.ndarray, eye: np.ndarray, light: np.ndarray) -> np.ndarray:
        """[size, size, 4] uint8, row 0 at the bottom. Clip matrix [4, 4] for columns; eye, light [3]."""
        self._program["to_clip"].write(np.ascontiguousarray(to_clip.T, np.float32).tobytes())
        self._program["eye"].write(np.asarray(eye, np.float32).tobytes())
        self._program["light"].write(np.asarray(light, np.float32).tobytes())
        self._target.clear(1.0, 1.0, 1.0, 0.0, 1.0)
        self._array.render()
        data = self._target.read(components=4)
        return np.frombuffer(data, np.uint8).reshape(self._size, self._size, 4)

    def times(self, to_clip: np.ndarray, eye: np.ndarray, light: np.ndarray, repeats: int) -> list[float]:
        """Seconds of so many frames, each read back."""
        moments = [time.perf_counter()]
        for _ in range(repeats):
            self.frame(to_clip, eye, light)
            moments.append(time.perf_counter())
        return [b - a for a, b in itertools.pairwise(moments)]
