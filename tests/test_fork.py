"""The kernels in a forked process, which has none of its parent's threads."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_SCRIPT = """
import os, torch
from tvdrnet_nv.scenes import bumpy_sphere
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import scene_orbit

torch.set_num_threads(2)
renderer = Renderer(bumpy_sphere(20, 40), 64)
camera = scene_orbit(renderer.mesh, elevation=20.0, azimuth=30.0).camera()

def image():  # small enough that torch itself keeps to one thread
    return renderer(camera).rgba

before = image()
child = os.fork()
if child == 0:
    os._exit(0 if torch.equal(image(), before) else 3)
assert torch.equal(image(), before)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_renders_with_threads_of_its_own():
    # Threads that the parent has and the child has not would be waited for forever.
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
