"""A run's folder in place of its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import RenderJob
from tvdrnet_nv.jobs.run_folder import run_file, scene_of_run, with_run_file


@pytest.mark.parametrize("file", ["optimized_params.json", "views.json"])
def test_a_folder_stands_for_the_file_in_it(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(json.dumps({"scene": "/scans/a.ply", "alignment": [[1.0]]}))
    assert run_file(tmp_path) == tmp_path / file
    assert run_file(Path(f"{tmp_path}:view_2")) == Path(f"{tmp_path / file}:view_2")
    job = with_run_file(RenderJob(scene="a.ply", camera=tmp_path))
    assert job.camera == tmp_path / file
    assert scene_of_run(tmp_path) == scene_of_run(tmp_path / file) == {"scene": Path("/scans/a.ply"), "align": True}


def test_other_files_and_folders_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "cameras.json").write_text("[]")
    for path in (tmp_path, tmp_path / "cameras.json", tmp_path / "absent.json"):
        assert run_file(path) == path
        assert scene_of_run(path) == {}
    job = RenderJob(scene="a.ply")
    assert with_run_file(job) is job
    (tmp_path / "damaged.json").write_text("{")
    with pytest.raises(InputError, match=r"damaged\.json: is not JSON"):
        scene_of_run(tmp_path / "damaged.json")
