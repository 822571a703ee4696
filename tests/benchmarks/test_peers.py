"""The other programs that the speed benchmark times: that they draw the case, where they are installed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tvdrnet_nv.benchmarks.peers import peers_for, trial
from tvdrnet_nv.benchmarks.peers.llvmpipe import Llvmpipe
from tvdrnet_nv.benchmarks.speed.cases import Case
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.starts import scene_light

ROOM = room(5000)
CASE = Case("headline", "room", lambda: ROOM, 64, 1, "forward")


def test_llvmpipes_picture_is_ours() -> None:
    pytest.importorskip("moderngl", reason="moderngl is not installed; pip install 'tvdrnet_nv[peers]'")
    peer = Llvmpipe(CASE)
    orbit = CASE.orbit()
    with torch.no_grad():
        ours = Renderer(ROOM, 64, light=scene_light(orbit), antialias=False)(orbit.camera())
    difference = np.abs(peer.picture()[::-1, :, :3] / 255.0 - ours.rgb[0].clamp(0, 1).numpy()).max(-1)
    assert np.quantile(difference, 0.95) < 0.02
    assert len(peer.times(2)) == 2


def test_mitsuba_steps() -> None:
    pytest.importorskip("mitsuba", reason="mitsuba is not installed; pip install 'tvdrnet_nv[peers]'")
    peers, failed = peers_for(replace(CASE, what="step", resolution=16))
    assert not failed
    assert len(peers[0].times(2)) == 2


def test_only_the_headline_has_peers() -> None:
    assert peers_for(replace(CASE, axis="resolution")) == ([], {})
    assert peers_for(replace(CASE, cameras=4)) == ([], {})


@pytest.fixture
def fresh_trials():
    trial.cache_clear()
    yield
    trial.cache_clear()


@pytest.mark.usefixtures("fresh_trials")
@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("import os; os.abort()", "ended by signal 6"),
        ("raise ImportError('no LLVM here')", "ImportError: no LLVM here"),
    ],
)
def test_a_peer_that_dies_leaves_the_run_alone(tmp_path, monkeypatch, module, reason):
    (tmp_path / "mitsuba.py").write_text(module)
    (tmp_path / "drjit.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    peers, failed = peers_for(replace(CASE, what="step"))
    assert peers == []
    assert reason in failed["mitsuba"]
