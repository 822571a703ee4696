"""A batch of small jobs with workers, a Ray node and the driver killed, against the same batch without faults.

    python -m tvdrnet_nv.benchmarks.batch.chaos --jobs 1000 --kills 20 --ray

Each line is a run: its time, its jobs a second, what was killed, and what differs from the run without faults. It ends
with code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tvdrnet_nv.benchmarks.batch import rooms
from tvdrnet_nv.benchmarks.batch.faults import Faults, Run, ray_workers


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rooms", type=int, default=20)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--retries", type=int, default=3)
    parser.add_argument("--size", type=int, default=128, help="pixels a side")
    parser.add_argument("--ray", action="store_true", help="also on two Ray nodes on this machine")
    parser.add_argument("--out", type=Path, default=None, help="keep everything in this folder")
    given = parser.parse_args()
    folder = given.out or Path(tempfile.mkdtemp(prefix="tvdr-nv-chaos-"))
    table = rooms.write_jobs(folder / "rooms", given.jobs, given.rooms, given.size)
    local = ["--workers", str(given.workers), "--threads", "1", "--retries", str(given.retries)]
    plain = folder / "plain"
    seconds = Run(table, plain, local).until_done()
    base = Comparison(plain, given.jobs)
    print(f"processes, no faults: {seconds:.1f} s, {given.jobs / seconds:.2f} jobs/s", flush=True)

    run = Run(table, folder / "killed", local)
    faults = Faults(given.kills, 0.9 * seconds, [(0.6, "driver", run.kill_driver)])
    took = run.until_done(faults)
    base.tell("processes", folder / "killed", took, faults)
    if given.ray:
        _on_ray(given, folder, table, seconds, base)
    if given.out is None:
        shutil.rmtree(folder)
    return int(base.differs)


def _on_ray(given: argparse.Namespace, folder: Path, table: Path, seconds: float, base: Comparison) -> None:
    from ray.cluster_utils import Cluster  # pyright: ignore[reportMissingImports]

    share = given.workers // 2 or 1
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": share, "include_dashboard": False})
    node = cluster.add_node(num_cpus=share)
    try:
        options = ["--ray", cluster.address, "--threads", "1", "--retries", str(given.retries)]
        took = Run(table, folder / "ray", options).until_done()
        base.tell("Ray, two nodes", folder / "ray", took, Faults(0, 0))
        print(f"Ray against processes, no faults: {seconds / took:.3f} of the throughput", flush=True)

        run = Run(table, folder / "ray-killed", options)

        def lose_node() -> None:
            cluster.remove_node(node, allow_graceful=False)
            time.sleep(5)
            cluster.add_node(num_cpus=share)

        events = [(0.3, "node", lose_node), (0.6, "driver", run.kill_driver)]
        faults = Faults(given.kills, 0.9 * took, events)
        took = run.until_done(faults, ray_workers)
        base.tell("Ray, two nodes", folder / "ray-killed", took, faults)
    finally:
        cluster.shutdown()


class Comparison:
    """What every run is compared with.

    Attributes:
        differs: whether any run has differed.
    """

    def __init__(self, plain: Path, jobs: int) -> None:
        self._rows, self._files, self._jobs = rooms.results_of(plain), rooms.files_of(plain), jobs
        self.differs = len(self._rows) != jobs or any(row["state"] != "done" for row in self._rows.values())

    def tell(self, what: str, out: Path, seconds: float, faults: Faults) -> None:
        """Print a run's line."""
        rows, files = rooms.results_of(out), rooms.files_of(out)
        wrong: dict[str, Any] = {
            "lost": self._jobs - len(rows),
            "other rows": sum(rows.get(name) != row for name, row in self._rows.items()),
            "other files": sum(files.get(name) != row for name, row in self._files.items()),
            "recorded twice": rooms.recorded_twice(out),
            "half done": rooms.half_done(out),
        }
        self.differs |= any(wrong.values())
        killed = {name: faults.happened.count(name) for name in ("worker", "node", "driver")}
        lost = ", ".join(f"{count} {name} kills" for name, count in killed.items() if count) or "no faults"
        said = ", ".join(f"{count} {name}" for name, count in wrong.items())
        print(f"{what}, {lost}: {seconds:.1f} s, {self._jobs / seconds:.2f} jobs/s; {said}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
