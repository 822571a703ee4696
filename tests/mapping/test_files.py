"""Files of mappings, and files that hold something else."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.mapping.small import SMALL, fields, starts
from tvdrnet_nv import InputError
from tvdrnet_nv.mapping import CameraMapping, ScenePoints, load_mapping, save_mapping


def test_a_saved_mapping_is_the_same_to_the_last_bit(tmp_path: Path, points: ScenePoints) -> None:
    mapping = CameraMapping(3, seed=5, **SMALL)
    save_mapping(mapping, tmp_path / "mapping.pt")
    again = load_mapping(tmp_path / "mapping.pt")
    assert again.config == mapping.config
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in mapping.state_dict().items())
    query = torch.tensor([1.0, 2.0, 3.0])
    assert torch.equal(fields(again(starts(2), query, points)), fields(mapping(starts(2), query, points)))
    assert [file.name for file in tmp_path.iterdir()] == ["mapping.pt"]
    content = torch.load(tmp_path / "mapping.pt", weights_only=True)
    assert content["config"] == {"query_size": 3, "sees_scene": True, "glances": 1, **SMALL}


def test_files_that_do_not_say_how_often_to_look_are_read(tmp_path: Path) -> None:
    path = _saved(tmp_path, lambda content: content["config"].pop("glances") and None)
    assert load_mapping(path).config["glances"] == 1


class _Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_no_code_in_a_file_is_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    torch.save({"format": "tvdrnet_nv.CameraMapping", "version": 1, "config": _Trap(sprung)}, tmp_path / "trap.pt")
    with pytest.raises(InputError, match=r"trap\.pt: cannot be read"):
        load_mapping(tmp_path / "trap.pt")
    assert not sprung.exists()
    pickle.loads(pickle.dumps(_Trap(sprung)))
    assert sprung.exists()  # it is a trap


def _saved(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    path = tmp_path / "mapping.pt"
    save_mapping(CameraMapping(3, **SMALL), path)
    content = torch.load(path, weights_only=True)
    torch.save(change(content) or content, path)
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: [1, 2], "holds no mapping"),
        (lambda c: c["state"], "holds no mapping"),
        (lambda c: c.update(version=2), "version 2, and this program reads 1"),
        (lambda c: c["config"].pop("grid"), "its sizes are not glances, grid, query_size"),
        (lambda c: c["config"].update(query_size=4), "do not fit its sizes"),
        (lambda c: c["config"].update(query_size="4"), "do not fit its sizes"),
        (lambda c: c["config"].update(width=0), "do not fit its sizes"),
        (lambda c: c["state"].pop("heat.weight"), "do not fit its sizes"),
        (lambda c: c["state"].update(more=torch.ones(1)), "do not fit its sizes"),
    ],
)
def test_files_that_hold_something_else(tmp_path: Path, change: Callable[[Any], Any], said: str) -> None:
    def changed(content: dict[str, Any]) -> Any:
        result = change(content)
        return result if isinstance(result, list) or result is content["state"] else content

    path = _saved(tmp_path, changed)
    with pytest.raises(InputError) as error:
        load_mapping(path)
    assert str(error.value).startswith(f"mapping {path}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_mapping(tmp_path / "absent.pt")
    with pytest.raises(InputError, match="is a folder"):
        load_mapping(tmp_path)
    whole = _saved(tmp_path, lambda content: None)
    for name, content in {"empty": b"", "text": b"solid cube\n", "cut": whole.read_bytes()[:3000]}.items():
        path = tmp_path / f"{name}.pt"
        path.write_bytes(content)
        with pytest.raises(InputError, match=rf"{name}\.pt: cannot be read"):
            load_mapping(path)
