"""Files of masks: what is written is read again, and what cannot be used is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import decode_runs, encode_runs, read_mask, write_mask
from tvdrnet_nv.evaluation.mask_files import MASK_SUFFIXES

MASK = np.array([0, 1, 1, 0, 0, 0, 0, 1], bool)

# numpy's header with a shape of -2^31 - 1
NEGATIVE = (
    b"\x93NUMPY\x01\x00\x76\x00"
    + b"{'descr': '|b1', 'fortran_order': False, 'shape': (-2147483649,)}".ljust(117)
    + b"\n"
)


def test_run_lengths_by_hand() -> None:
    assert encode_runs(MASK) == {"length": 8, "counts": "2 2 8 1"}
    np.testing.assert_array_equal(decode_runs("x", {"length": 8, "counts": [2, 2, 8, 1]}), MASK)
    np.testing.assert_array_equal(decode_runs("x", {"length": 2, "counts": ""}), [False, False])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans()))
def test_run_lengths_are_read_as_they_were_written(values: list[bool]) -> None:
    np.testing.assert_array_equal(decode_runs("x", json.loads(json.dumps(encode_runs(np.array(values, bool))))), values)


@pytest.mark.parametrize(
    "value",
    [
        {"length": 8},
        {"length": "8", "counts": "1 1"},
        {"length": 8, "counts": "1"},
        {"length": 8, "counts": "0 1"},
        {"length": 8, "counts": "8 2"},
        {"length": 8, "counts": "3 2 4 1"},
        {"length": 8, "counts": "3 -2"},
        {"length": 8, "counts": "a b"},
        {"length": 8, "counts": [[1, 2], 3]},
        {"length": 8, "counts": "99999999999999999999 1"},
        [1, 2],
    ],
)
def test_run_lengths_that_are_none_are_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^here: "):
        decode_runs("here", value)


@pytest.mark.parametrize("suffix", MASK_SUFFIXES)
def test_each_format_is_read_as_it_was_written(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"mask{suffix}"
    write_mask(file, MASK)
    np.testing.assert_array_equal(read_mask(file, 8), MASK)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    with pytest.raises(InputError, match=r"has 8 vertices, but the scene's mesh has 9"):
        read_mask(file, 9)


@pytest.mark.parametrize(
    ("values", "threshold", "wanted"),
    [
        (np.array([0, 1, 255], np.uint8), 0.5, [0, 1, 1]),
        (np.array([0, -1, 2]), 0.5, [0, 1, 1]),  # ScanNet's rule: not 0
        (np.array([0.2, 0.5, 0.51]), 0.5, [0, 0, 1]),
        (np.array([-4.0, -1.0, 3.0]), 0.0, [0, 0, 1]),  # logits
        (np.array([[0.2], [0.9], [0.9]], np.float32), 0.5, [0, 1, 1]),
    ],
)
def test_numbers_become_a_mask(tmp_path: Path, values: np.ndarray, threshold: float, wanted: list[int]) -> None:
    np.save(tmp_path / "m.npy", values)
    np.testing.assert_array_equal(read_mask(tmp_path / "m.npy", 3, threshold), np.array(wanted, bool))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.npy", np.array([0.1, np.nan, 0.9]), r"the score of vertex 1 is nan"),
        ("m.npy", np.array([0.1, np.inf, 0.9]), r"the score of vertex 1 is inf"),
        ("m.npy", np.zeros((3, 2)), r"wanted one number for each vertex; got float64 \[3, 2\]"),
        ("m.npy", np.array(["a", "b", "c"]), r"wanted one number for each vertex"),
        ("m.npy", b"no array", r"cannot be read as an array"),
        ("m.npy", NEGATIVE, r"cannot be read as an array"),
        ("m.npz", b"no archive", r"cannot be read as an array"),
        ("m.txt", b"0\n1\nx\n", r"cannot be read as one number a line"),
        ("m.txt", b"", r"wanted one number a line"),
        ("m.txt", b"0 1\n1 0\n", r"wanted one number a line"),
        ("m.txt", b"0\nnan\n1\n", r"the score of vertex 1 is nan"),
        ("m.json", b"{", r"is not JSON"),
        ("m.pt", b"", r"masks are read from .npy"),
    ],
)
def test_what_is_no_mask_is_named(tmp_path: Path, name: str, content: Any, message: str) -> None:
    file = tmp_path / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        np.save(file, content)
    with pytest.raises(InputError, match=message) as caught:
        read_mask(file, 3)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_an_archive_of_several_arrays_needs_a_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", a=MASK, b=MASK)
    with pytest.raises(InputError, match=r"holds a, b; wanted one array, named mask"):
        read_mask(tmp_path / "m.npz", 8)
    np.savez(tmp_path / "m.npz", a=~MASK, mask=MASK)
    np.testing.assert_array_equal(read_mask(tmp_path / "m.npz", 8), MASK)


def test_a_missing_file_and_an_unknown_suffix_are_named(tmp_path: Path) -> None:
    for name in ("m.npy", "m.txt", "m.json"):
        with pytest.raises(InputError, match="no such file"):
            read_mask(tmp_path / name, 8)
    with pytest.raises(InputError, match=r"masks are written as"):
        write_mask(tmp_path / "m.png", MASK)
