"""Files of referrals: four formats, told apart by their content, become one record."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.datasets.folders import scannet
from tvdrnet_nv.datasets import Referral, load_referrals, open_scene
from tvdrnet_nv.errors import InputError

SCANREFER = {
    "scene_id": "scene0042_01",
    "object_id": "4",
    "object_name": "office_chair",
    "ann_id": "0",
    "description": "the chair beside the desk. it is black.",
    "token": ["the", "chair"],
}
INSTRUCT3D = {
    "scene_id": "7b6477cb95",
    "object_id": [12, 40],
    "object_name": "chair",
    "description": "where can two people sit?",
}
REASON3D = {"scene_name": "scene0042_01", "object_id": 17, "question": "Where in the bathroom does water run?"}
NR3D = (
    "assignmentid,stimulus_id,utterance,correct_guess,scan_id,instance_type,target_id,dataset,tokens\n"
    '1,scene0042_01-office chair-2-4-0,"the chair, near the ""window""",True,scene0042_01,office chair,4,nr3d,'
    "\"['the', 'chair', 'near', 'the', 'window']\"\n"
)
SR3D = (
    "mentions_target_class,instance_type,scan_id,target_id,utterance,reference_type\n"
    "True,office chair,scene0042_01,4,the chair that is far from the floor,horizontal_proximity\n"
)


def load(folder: Path, content: Any, name: str = "file") -> list[Referral]:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8-sig")
    return load_referrals(file)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (
            [SCANREFER],
            Referral("scene0042_01", (4,), SCANREFER["description"], "scanrefer", "office chair", number="0"),
        ),
        ([INSTRUCT3D], Referral("7b6477cb95", (12, 40), INSTRUCT3D["description"], "instruct3d", "chair")),
        ([REASON3D], Referral("scene0042_01", (), REASON3D["question"], "reason3d", class_id=17)),
        (
            NR3D,
            Referral(
                "scene0042_01",
                (4,),
                'the chair, near the "window"',
                "nr3d",
                "office chair",
                number="1",
                alike=2,
                words=("the", "chair", "near", "the", "window"),
            ),
        ),
        (
            SR3D,
            Referral(
                "scene0042_01",
                (4,),
                "the chair that is far from the floor",
                "sr3d",
                "office chair",
                names_class=True,
            ),
        ),
    ],
    ids=["scanrefer", "instruct3d", "reason3d", "nr3d", "sr3d"],
)
def test_each_format_gives_the_record(tmp_path: Path, content: Any, wanted: Referral) -> None:
    assert load(tmp_path, content) == [wanted]


def test_a_referrals_ids_are_those_of_the_scenes_objects(tmp_path: Path) -> None:
    (referral,) = load(tmp_path, [SCANREFER])
    objects = open_scene(scannet(tmp_path / referral.scene)).objects()
    (found,) = objects.choose([str(number) for number in referral.object_ids])
    assert found.name == referral.object_name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "is not JSON"),
        ("[]", "is no list of referrals"),
        ('{"a": 1}', "is no list of referrals"),
        ("[1]", "entry 0 is no JSON object"),
        ([SCANREFER, {**SCANREFER, "object_id": "x"}], "entry 1: object_id is 'x'"),
        ([{**SCANREFER, "object_id": None}], "object_id is missing"),
        ([{**SCANREFER, "scene_id": 3}], "'scene_id' is 3"),
        ([{**INSTRUCT3D, "object_id": []}], "empty list"),
        ("a,b\n1,2\n", "has no columns scan_id, target_id, utterance"),
        ("scan_id,target_id,utterance\n", "has no referrals"),
        ("scan_id,target_id,utterance\ns,1\n", "line 2: 'utterance' is None"),
        ("scan_id,target_id,utterance\ns,-1,t\n", "line 2: target_id is '-1'"),
        ('scan_id,target_id,utterance\ns,1,"t', "unexpected end of data"),
        ("", "has no columns"),
    ],
)
def test_what_is_broken_is_named(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        [{**SCANREFER, "description": ""}, SCANREFER, 3],
        "scan_id,target_id,utterance\ns,1,\nscene0000_00,4,the desk\ns,x,the door\n",
    ],
    ids=["json", "csv"],
)
def test_entries_that_cannot_be_read_are_left_out_where_that_is_wanted(tmp_path: Path, content: Any) -> None:
    faults: list[InputError] = []
    path = tmp_path / "referrals"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    assert len(load_referrals(path, faults)) == 1
    assert len(faults) == 2
    with pytest.raises(InputError, match=re.escape(f"{faults[0]}; 2 of 3 entries cannot be read; mend them")):
        load_referrals(path)
