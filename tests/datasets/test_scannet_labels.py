"""ScanNet's table of labels: names of raw ids, and their classes of NYU40."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.datasets.folders import BOX, scannet, segments, write_labels
from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.part_weights import label_weights

TABLE = (
    "id\traw_category\tcategory\tcount\tnyu40id\teigen13id\tnyuClass\tnyu40class\n"
    "2\tchair\tchair\t1\t5\t4\tchair\tchair\n"
    "10\toffice chair\tchair\t1\t5\t4\tchair\tchair\n"
    "21\tcurtain\tcurtain\t1\t16\t13\tcurtain\tcurtain\n"
    "1191\tbeanbag\tbeanbag\t1\t39\t6\t\totherfurniture\n"
    "1192\tthing\tthing\t1\t\t\t\t\n"
)


@pytest.mark.parametrize("place", [".", ".."])
def test_raw_ids_have_the_names_and_the_classes_of_the_table(tmp_path: Path, place: str) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    (folder / "scene0042_01.aggregation.json").unlink()  # or the objects' names count
    values = np.select([segments(BOX) == n for n in (7, 20, 31)], [2, 10, 1191], 1192)
    write_labels(folder / "scene0042_01_vh_clean_2.labels.ply", values)
    (folder / place / "scannetv2-labels.combined.tsv").write_text(TABLE)
    scene = open_scene(folder)
    labels = scene.labels()
    assert labels is not None
    assert "has their names and NYU40 classes" in (scene.label_scheme() or "")
    assert labels.describe() == "2 chair, 10 office chair, 1191 beanbag, 1192 thing"
    assert labels.find("chair") == [2]  # the numberings are kept apart
    assert labels.find("5") == []
    assert labels.find("nyu40:chair") == labels.find("nyu40:5") == [2, 10]
    assert labels.find("nyu40:otherfurniture") == [1191]
    assert labels.find("nyu40:sofa") == labels.find("nyu40:nonsense") == []
    marked = label_weights(BOX, labels, ["nyu40:chair"]).numpy() > 0
    np.testing.assert_array_equal(marked, np.isin(segments(BOX), [7, 20]))


def test_another_file_of_that_name_is_refused(tmp_path: Path) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    (folder / "scannetv2-labels.combined.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match="is no table with columns id, raw_category and nyu40id"):
        open_scene(folder).labels()
