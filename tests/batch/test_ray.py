"""Batches on Ray: two nodes on this machine, one of which is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.batch.conftest import JOBS
from tests.batch.examples import box_jobs, done_of, new_batch, nothing_half_done, recorded_once, table_of
from tvdrnet_nv.batch import BatchSettings, Standing, run_batch
from tvdrnet_nv.errors import InputError

pytest.importorskip("ray", reason="Ray is not installed: pip install 'tvdrnet_nv[ray]'")

pytestmark = pytest.mark.filterwarnings("default")  # Ray's own


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    yield found
    found.shutdown()


def workers_of_ray() -> list[int]:
    """The processes that do our tasks."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (entry / "cmdline").exists():
            title = (entry / "cmdline").read_bytes()
            if title.startswith(b"ray::run_alone"):
                found.append(int(entry.name))
    return found


def test_workers_and_a_node_are_lost(cluster: Any, box: Path, undisturbed: Path, tmp_path: Path) -> None:
    node = cluster.add_node(num_cpus=1)
    lost: list[str] = []

    def lose(standing: Standing) -> None:
        if standing.ended == 2 and not lost:
            for pid in workers_of_ray()[:1]:
                os.kill(pid, signal.SIGKILL)
                lost.append("worker")
        if standing.ended >= 4 and "node" not in lost:
            cluster.remove_node(node, allow_graceful=False)
            lost.append("node")

    batch = new_batch(tmp_path / "out", box_jobs(box, JOBS))
    outcome = run_batch(batch, BatchSettings(ray=cluster.address, retries=3), lose)
    assert outcome.standing == Standing(JOBS, JOBS, 0)
    assert "node" in lost
    assert table_of(batch.path) == table_of(undisturbed)
    assert done_of(batch.path) == done_of(undisturbed)
    nothing_half_done(batch.path)
    recorded_once(batch.path)


def test_no_cluster_is_one_line(box: Path, tmp_path: Path) -> None:
    batch = new_batch(tmp_path / "out", box_jobs(box, 1))
    with pytest.raises(InputError, match="no cluster answers"):
        run_batch(batch, BatchSettings(ray="127.0.0.1:1"))
