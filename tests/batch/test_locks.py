"""Who is at work in a folder."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tvdrnet_nv.batch.locks import StaleRunError, driver_lock, worker_lock
from tvdrnet_nv.errors import InputError


def test_workers_of_another_driver_end_and_the_next_driver_waits_for_them(tmp_path: Path) -> None:
    with driver_lock(tmp_path) as token:
        pass
    began, ended = threading.Event(), threading.Event()

    def work() -> None:
        with worker_lock(tmp_path, token) as check:
            check()
            began.set()
            while True:
                try:
                    check()
                except StaleRunError:
                    ended.set()
                    return

    worker = threading.Thread(target=work)
    worker.start()
    assert began.wait(10)
    with driver_lock(tmp_path) as other:
        assert ended.is_set()
        assert other != token
        with pytest.raises(StaleRunError), worker_lock(tmp_path, token):
            pass
        with worker_lock(tmp_path, other) as check:
            check()
        with pytest.raises(InputError, match="another tvdr-nv batch is at work"), driver_lock(tmp_path):
            pass
    worker.join()
