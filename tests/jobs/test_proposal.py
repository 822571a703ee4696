"""What a mapping may be asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.proposal import mapping_file, read_query


def test_queries_that_are_none(tmp_path: Path) -> None:
    np.save(tmp_path / "table.npy", np.ones((2, 3)))
    np.save(tmp_path / "words.npy", np.array(["a"]))
    np.save(tmp_path / "infinite.npy", np.array([1.0, np.inf]))
    np.save(tmp_path / "none.npy", np.ones(0))
    (tmp_path / "text.npy").write_text("1,2,3", encoding="utf-8")
    torch.save({"query": torch.ones(3)}, tmp_path / "dict.pt")
    (tmp_path / "text.pt").write_text("1,2,3", encoding="utf-8")
    for name, said in {
        "table.npy": "wanted one embedding",
        "words.npy": "holds no array of numbers",
        "infinite.npy": "finite",
        "none.npy": "one or more",
        "text.npy": "cannot be read",
        "dict.pt": "holds no array of numbers",
        "text.pt": "cannot be read",
    }.items():
        with pytest.raises(InputError, match=said):
            read_query(str(tmp_path / name))
    for text in ("", "1,x", "nan", "1e999", "1 inf"):
        with pytest.raises(InputError, match="`query`"):
            read_query(text)


def test_numbers_are_a_query_as_they_are_and_as_text() -> None:
    assert read_query([0.5, -2]).tolist() == read_query("0.5,-2").tolist() == read_query("0.5 -2").tolist() == [0.5, -2]


def test_a_path_is_a_query_and_what_is_none_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "query.npy", np.ones(3))
    assert read_query(tmp_path / "query.npy").tolist() == [1, 1, 1]
    for query in (5, [None]):
        with pytest.raises(InputError, match="`query`"):
            read_query(query)  # type: ignore[arg-type]


def test_a_sentence_is_a_query() -> None:
    pytest.importorskip("tokenizers", reason="the extra `text` is not installed")
    embedding = read_query("where can I sit?")
    assert embedding.shape == (384,)
    assert float(embedding @ read_query("a place to sit")) > 0.6
    assert float(embedding @ read_query("the bathroom sink")) < 0.4


def test_the_default_mapping_is_a_file_of_the_package() -> None:
    assert mapping_file(Path("mine.pt")) == Path("mine.pt")
    assert mapping_file("default").name == "default.pt"
