"""What is said before many starts take the memory."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tvdrnet_nv.io import save_ply
from tvdrnet_nv.jobs import OptimizeJob, memory
from tvdrnet_nv.jobs.events import Event, Kind
from tvdrnet_nv.jobs.memory import free_memory, memory_note
from tvdrnet_nv.scenes import textured_box

CPU = torch.device("cpu")


def test_only_what_may_not_fit_is_noted() -> None:
    free = free_memory(CPU)
    assert free is not None
    assert free > 0
    assert memory_note(1, (16, 16), CPU) is None
    note = memory_note(free // 10_000, (64, 100), CPU)
    assert note is not None
    assert "starts of 100×64 pixels take about" in note


def test_a_containers_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text("5000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    assert free_memory(CPU) == 4_000_000
    (tmp_path / "memory.max").write_text("max\n")
    found = free_memory(CPU)
    assert found is not None
    assert found > 4_000_000


def test_a_run_says_it_before_its_first_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda device: 100_000)
    save_ply(textured_box(2), tmp_path / "box.ply")
    said: list[str] = []

    def event(event: Event) -> None:
        if event.kind == Kind.NOTE:
            said.append(event.text)

    job = OptimizeJob(scene=tmp_path / "box.ply", out=tmp_path / "out", image_size="16x16", starts=3, iterations=2)
    seen: list[int] = []
    job.run(lambda step: seen.append(len(said)), event)
    assert seen[0] == 1
    assert "16×16 pixels take about 0.0 GB of memory" in said[0]
