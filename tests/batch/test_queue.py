"""Which jobs come next."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.batch.queue import JobQueue, chunk_size

SCENES = np.array([4, 7, 4, 7, 4, 9])


def taken(queue: JobQueue, scene: int | None = None) -> tuple[tuple[int, ...], int]:
    chunk = queue.take(scene)
    return chunk.numbers, chunk.scene


def test_a_worker_goes_on_with_its_scene_then_takes_a_fresh_one() -> None:
    queue = JobQueue(np.arange(6), SCENES, lambda left: 2)
    assert taken(queue) == ((0, 2), 4)
    assert taken(queue) == ((1, 3), 7)
    assert taken(queue, 4) == ((4,), 4)
    assert taken(queue, 4) == ((5,), 9)
    assert not queue


def test_it_helps_where_most_is_left() -> None:
    queue = JobQueue(np.arange(6), SCENES, lambda left: 1)
    for scene in (4, 7, 9):
        assert queue.take().scene == scene
    assert queue.take().scene == 4  # two are left, and one of 7


def test_only_what_is_to_be_done() -> None:
    queue = JobQueue(np.array([3, 4]), SCENES, lambda left: 9)
    assert [taken(queue) for _ in range(2)] == [((3,), 7), ((4,), 4)]
    assert not JobQueue(np.array([], np.int64), SCENES, lambda left: 9)


def test_what_is_tried_again_comes_last() -> None:
    queue = JobQueue(np.arange(6), SCENES, lambda left: 3)
    first = queue.take()
    queue.again([0, 2], alone=True)
    queue.again([4], alone=False)
    queue.again([], alone=False)
    rest = []
    while queue:
        rest.append(queue.take(4).numbers)
    assert first.numbers == (0, 2, 4)
    assert rest == [(1, 3), (5,), (0,), (2,), (4,)]


def test_chunks_become_smaller_towards_the_end() -> None:
    queue = JobQueue(np.arange(100), np.zeros(100, np.int64), lambda left: chunk_size(left, 2, 32))
    sizes = []
    while queue:
        sizes.append(len(queue.take(0).numbers))
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1], sum(sizes)) == (6, 1, 100)


def test_chunks_are_small_where_jobs_are_few() -> None:
    assert chunk_size(10, 2, 32) == 1
    assert chunk_size(1000, 2, 32) == 32
    assert chunk_size(64, 2, 32) == 4
