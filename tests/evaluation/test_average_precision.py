"""ScanNet's average precision: a small set worked out on paper, and what must hold for any set."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvdrnet_nv.evaluation import (
    FoundInstance,
    InstanceOverlaps,
    InstanceTruth,
    average_precision,
    instance_overlaps,
    mean_average_precision,
)
from tvdrnet_nv.evaluation.average_precision import area_under_curve

WALL, CHAIR, TABLE, BED = 1, 5, 7, 4
COUNTED = (BED, CHAIR, TABLE)


def mask(*ranges: tuple[int, int], size: int) -> np.ndarray:
    found = np.zeros(size, dtype=bool)
    for first, end in ranges:
        found[first:end] = True
    return found


def truth(size: int, *parts: tuple[int, int, int]) -> InstanceTruth:
    """Instances 1, 2, … of (class, first vertex, end)."""
    labels, instances = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for number, (label, first, end) in enumerate(parts, start=1):
        labels[first:end], instances[first:end] = label, number
    return InstanceTruth(labels, instances)


def first_scene() -> InstanceOverlaps:
    """Two chairs, a chair that is too small to count, a table, a wall, and vertices of nothing from 860 on."""
    wanted = truth(1200, (CHAIR, 0, 200), (CHAIR, 200, 400), (CHAIR, 400, 460), (TABLE, 460, 660), (WALL, 660, 860))
    found = [
        (CHAIR, 0.9, [(0, 180)]),  # overlap with the first chair 180 / 200 = 0.9
        (CHAIR, 0.8, [(40, 200)]),  # 160 / 200 = 0.8, of the same chair: a duplicate
        (CHAIR, 0.7, [(200, 300)]),  # 100 / 200 = 0.5 of the second chair, which is not above 0.5
        (CHAIR, 0.6, [(660, 860)]),  # the wall, which is void: ignored
        (CHAIR, 0.5, [(400, 460), (860, 900)]),  # 60 of the small chair, 40 of nothing: ignored
        (CHAIR, 0.4, [(460, 560)]),  # half of the table: wrong
        (CHAIR, 0.95, [(1000, 1099)]),  # 99 vertices: left out
        (TABLE, 0.3, [(460, 660)]),  # the table, exactly
        (WALL, 0.99, [(660, 860)]),  # of no class that counts: left out
        (BED, 0.2, [(0, 200)]),  # of a class that nothing in the truth has
    ]
    masks = [FoundInstance(mask(*ranges, size=1200), label, sure) for label, sure, ranges in found]
    return instance_overlaps(wanted, masks, COUNTED)


def second_scene() -> InstanceOverlaps:
    """A chair, found exactly with confidence 0.85."""
    return instance_overlaps(
        truth(150, (CHAIR, 0, 150)), [FoundInstance(mask((0, 150), size=150), CHAIR, 0.85)], COUNTED
    )


def test_the_first_scene_worked_out_on_paper() -> None:
    # Chairs at overlap 0.5: 0.9 hits. 0.8 is a duplicate, 0.7 and 0.4 are wrong, the second chair is missed.
    #   confidence   0.9   0.8   0.7   0.4
    #   recall       1/2   1/2   1/2   1/2
    #   precision     1    1/2   1/3   1/4      area from (0, 1): 1/2 · 1 = 1/2
    # At 0.25, 0.7 hits the second chair:
    #   recall       1/2   1/2    1     1
    #   precision     1    1/2   2/3   1/2      area: 1/2 + 1/2 · (1/2 + 2/3) / 2 = 19/24
    # At 0.55 … 0.85 as at 0.5: at 0.8 and 0.85 the duplicate overlaps too little, and is wrong all the same.
    # At 0.9 nothing is above, so AP = (8 · 1/2 + 0) / 9 = 4/9.
    found = mean_average_precision([first_scene()], COUNTED)
    assert found[CHAIR] == pytest.approx({"ap": 4 / 9, "ap50": 1 / 2, "ap25": 19 / 24})
    assert found[TABLE] == {"ap": 1, "ap50": 1, "ap25": 1}
    assert all(math.isnan(value) for value in found[BED].values())
    # The bed is in no scene, and so not in the means.
    assert found[None] == pytest.approx({"ap": 13 / 18, "ap50": 3 / 4, "ap25": 43 / 48})


def test_both_scenes_make_one_curve() -> None:
    # Three chairs. At 0.5:      0.9   0.85   0.8   0.7   0.4
    #   recall                   1/3   2/3    2/3 …            area: 2/3
    # At 0.25 recall             1/3   2/3    2/3    1     1
    #   precision                 1     1     2/3   3/4   3/5  area: 2/3 + 1/3 · (2/3 + 3/4) / 2 = 65/72
    scenes = [first_scene(), second_scene()]
    assert average_precision(scenes, CHAIR, 0.5) == pytest.approx(2 / 3)
    assert average_precision(scenes, CHAIR, 0.25) == pytest.approx(65 / 72)


def test_only_void_beyond_the_overlap_is_ignored() -> None:
    # Of 100 vertices 60 are void: above 0.5, so ignored; not above 0.6, so wrong there.
    wanted = truth(400, (CHAIR, 0, 100), (TABLE, 100, 200))
    found = [
        FoundInstance(mask((160, 200), (300, 360), size=400), CHAIR, 0.9),
        FoundInstance(mask((0, 100), size=400), CHAIR, 0.1),
    ]
    scene = instance_overlaps(wanted, found, COUNTED)
    assert average_precision([scene], CHAIR, 0.5) == 1
    # Wrong at 0.9, right at 0.1: (0, 1), (0, 0), (1, 1/2); area 1/4.
    assert average_precision([scene], CHAIR, 0.6) == pytest.approx(1 / 4)


def test_the_most_confident_of_several_is_the_match_in_any_order() -> None:
    wanted = truth(200, (CHAIR, 0, 200))
    surer, other = (FoundInstance(mask((0, n), size=200), CHAIR, c) for n, c in ((150, 0.9), (200, 0.2)))
    for found in ([surer, other], [other, surer]):
        assert average_precision([instance_overlaps(wanted, found, COUNTED)], CHAIR, 0.5) == 1


def test_a_prediction_counts_for_one_instance_only() -> None:
    # It overlaps with each of two chairs by 100 / 200. At 0.25 it is right for one, and the other is missed: 1/2.
    wanted = truth(200, (CHAIR, 0, 100), (CHAIR, 100, 200))
    scene = instance_overlaps(wanted, [FoundInstance(np.ones(200, bool), CHAIR, 0.9)], COUNTED)
    assert average_precision([scene], CHAIR, 0.25) == 1 / 2
    # At 0.5 it overlaps with neither enough, and is wrong.
    assert average_precision([scene], CHAIR, 0.5) == 0


def test_nothing_found_is_zero_and_nothing_there_is_no_number() -> None:
    missed = instance_overlaps(truth(200, (CHAIR, 0, 200)), [], COUNTED)
    assert average_precision([missed], CHAIR, 0.5) == 0
    assert math.isnan(average_precision([missed], TABLE, 0.5))
    assert math.isnan(mean_average_precision([missed], [TABLE])[None]["ap"])


def test_the_counts_outlast_json() -> None:
    for scene in (first_scene(), instance_overlaps(truth(200, (CHAIR, 0, 200)), [], COUNTED)):
        again = InstanceOverlaps.from_dict(scene.to_dict())
        for name, values in vars(scene).items():
            np.testing.assert_array_equal(getattr(again, name), values)
            assert getattr(again, name).shape == values.shape


def test_a_mask_of_another_mesh_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \[150\], wanted \[200\]"):
        instance_overlaps(truth(200), [FoundInstance(np.ones(150, bool), CHAIR, 1.0)], COUNTED)


def slow_area(confidences: list[float], hits: list[bool], missed: int) -> float:
    """The same area, one confidence after another, as the definition has it."""
    total = sum(hits) + missed
    points = [(0.0, 1.0)]
    for least in sorted(set(confidences), reverse=True):
        kept = [hit for confidence, hit in zip(confidences, hits, strict=True) if confidence >= least]
        points.append((sum(kept) / total if total else 0.0, sum(kept) / len(kept)))
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.7, 0.9]), st.booleans())), st.integers(0, 3))
def test_the_area_is_that_of_the_definition(rows: list[tuple[float, bool]], missed: int) -> None:
    confidences, hits = [c for c, _ in rows], [h for _, h in rows]
    area = area_under_curve(np.array(confidences, np.float64), np.array(hits, bool), missed)
    assert area == pytest.approx(slow_area(confidences, hits, missed))
    assert 0 <= area <= 1 + 1e-12
    # Only the order of confidences counts.
    assert area_under_curve(np.array(confidences) ** 3, np.array(hits, bool), missed) == pytest.approx(area)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(COUNTED), st.integers(100, 200)), min_size=1, max_size=6), st.randoms())
def test_what_is_found_exactly_has_all_precision_and_what_follows_costs_nothing(
    sizes: list[tuple[int, int]], random: Random
) -> None:
    ends = np.cumsum([size for _, size in sizes]).tolist()
    parts = [(label, end - size, end) for (label, size), end in zip(sizes, ends, strict=True)]
    exact = [
        FoundInstance(mask((first, end), size=ends[-1]), label, random.uniform(0.5, 1)) for label, first, end in parts
    ]
    again = [FoundInstance(item.mask, item.label, 0.1) for item in exact]
    found = [*exact, *again]
    random.shuffle(found)
    means = mean_average_precision([instance_overlaps(truth(ends[-1], *parts), found, COUNTED)], COUNTED)[None]
    assert means == pytest.approx({"ap": 1, "ap50": 1, "ap25": 1})
