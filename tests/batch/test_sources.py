"""Jobs from tables, photographs, cameras and sentences."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from PIL import Image

from tests.batch.examples import write_jobs
from tvdrnet_nv.batch import Source, open_batch, read_jobs
from tvdrnet_nv.batch.sources.pictures import jobs_of_cameras, jobs_of_photos
from tvdrnet_nv.batch.sources.referrals import jobs_of_referrals
from tvdrnet_nv.errors import InputError

ROWS = [{"name": "a", "scene": "a.ply", "fov": 50.0, "iters": 8}, {"scene": "b.ply", "focus": "label=chair"}]


def test_the_formats_give_the_same_jobs(tmp_path: Path) -> None:
    write_jobs(tmp_path / "jobs.jsonl", ROWS)
    (tmp_path / "jobs.csv").write_text("name,scene,fov,iters,focus\na,a.ply,50,8,\n,b.ply,,,label=chair\n")
    parquet.write_table(
        pa.Table.from_pylist([{**dict.fromkeys(["focus"]), **ROWS[0]}, ROWS[1]]), tmp_path / "jobs.parquet"
    )
    jsonl, table, arrow = (read_jobs(tmp_path / f"jobs.{kind}", {"seed": 3}) for kind in ("jsonl", "csv", "parquet"))
    assert [(job.name, job.fields) for job in jsonl] == [
        ("a", {"seed": 3, "scene": f"{tmp_path}/a.ply", "fov": 50.0, "iterations": 8}),
        ("000001", {"seed": 3, "scene": f"{tmp_path}/b.ply", "focus": "label=chair"}),
    ]
    assert [(job.name, job.fields) for job in table] == [(job.name, job.fields) for job in jsonl]
    assert [(job.name, job.fields) for job in arrow] == [(job.name, job.fields) for job in jsonl]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("j.jsonl", '{"scene": "a.ply"}\n{"scene": "a.ply", "fov": 200}\n', r"j.jsonl: line 2: `fov` 200"),
        ("j.jsonl", '{"fov": 20}\n', "line 1: `scene` is missing"),
        ("j.jsonl", "{\n", "line 1 is no JSON"),
        ("j.jsonl", "[]\n", "line 1 is no JSON object"),
        ("j.jsonl", "", "has no jobs"),
        (
            "j.jsonl",
            '{"scene": "a", "name": "x"}\n{"scene": "a", "name": "x"}\n',
            "line 2: `name` x is also that of line 1",
        ),
        ("j.jsonl", '{"scene": "a", "name": "../x"}\n', "`name` '../x': wanted"),
        ("j.csv", "scene,fov\na.ply\n", "line 2 has not as many values"),
        ("j.csv", "scene,object\na.ply,4\n", "line 2: `referral`"),
        ("j.csv", "scene\n\xff", "is no text in UTF-8"),
        ("j.parquet", "no table", "is no Parquet file"),
        ("j.txt", "", "wanted a file that ends in"),
        ("none.jsonl", None, "no such file"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(tmp_path: Path, name: str, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=words):
        read_jobs(tmp_path / name)


def test_photographs(tmp_path: Path) -> None:
    for name in ("b/1.png", "a.JPG", "b/1.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    jobs = jobs_of_photos(tmp_path, {"scene": "/s.ply"})
    assert [job.name for job in jobs] == ["a", "b_1", "b_1_2"]
    assert jobs[1].fields == {"scene": "/s.ply", "target": f"{tmp_path}/b/1.jpg"}
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="has no pictures"):
        jobs_of_photos(tmp_path / "empty", {"scene": "/s.ply"})


def test_cameras_with_pictures(tmp_path: Path) -> None:
    frames = [{"file_path": f"images/{k}.png", "transform_matrix": np.eye(4).tolist()} for k in (1, 2)]
    lens = {"fl_x": 20, "fl_y": 20, "cx": 8, "cy": 8, "w": 16, "h": 16}
    (tmp_path / "transforms.json").write_text(json.dumps({**lens, "frames": frames}))
    (tmp_path / "images").mkdir()
    for k in (1, 2):
        Image.new("RGB", (16, 16)).save(tmp_path / "images" / f"{k}.png")
    jobs = jobs_of_cameras(tmp_path / "transforms.json", {"scene": "/s.ply"})
    assert [job.name for job in jobs] == ["images_1", "images_2"]
    assert jobs[1].fields == {
        "scene": "/s.ply",
        "camera": f"{tmp_path}/transforms.json:images/2.png",
        "target": f"{tmp_path}/images/2.png",
    }


def test_sentences(tmp_path: Path) -> None:
    entry = {"scene_id": "scene0000_00", "object_id": "7", "object_name": "chair", "ann_id": "0", "description": "It."}
    (tmp_path / "ScanRefer.json").write_text(json.dumps([entry, {**entry, "ann_id": "1"}]))
    jobs = jobs_of_referrals(tmp_path / "ScanRefer.json", "/scans", {"views": 2})
    assert [job.name for job in jobs] == ["scene0000_00-7-0", "scene0000_00-7-1"]
    assert jobs[0].fields == {"views": 2, "scene": "/scans/scene0000_00", "text": "It."}


def test_a_folder_goes_on_with_its_own_jobs_only(tmp_path: Path) -> None:
    table = write_jobs(tmp_path / "jobs.jsonl", ROWS)
    source = Source(table=table)
    assert len(open_batch(source, tmp_path / "out")) == 2
    write_jobs(table, [dict(reversed(row.items())) for row in ROWS])  # other bytes, the same jobs
    batch = open_batch(source, tmp_path / "out")
    assert batch.place(1).name == "000001"
    assert batch.scene(0) == f"{tmp_path}/a.ply"
    with pytest.raises(InputError, match="holds a batch of other jobs"):
        open_batch(Source(table=table, common={"seed": 1}), tmp_path / "out")


def test_one_source_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one source"):
        Source(table=tmp_path, photos=tmp_path)
    with pytest.raises(InputError, match="add --scene"):
        Source(photos=tmp_path)
    with pytest.raises(InputError, match="`scenes`"):
        Source(photos=tmp_path, scenes="x", common={"scene": "s"})
