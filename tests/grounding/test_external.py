"""A parser of the user's own: what it is asked, what it may answer, and how it may fail."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from tests.grounding.test_relations import ROOM, things
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding import NounPhrase, Relation
from tvdrnet_nv.grounding.external import ask_parser


def parser(folder: Path, code: str) -> str:
    """A command line that runs Python code, which has the question as `asked`."""
    file = folder / "my parser.py"
    file.write_text(f"import json, sys, time\nasked = json.load(sys.stdin)\n{code}\n", encoding="utf-8")
    return shlex.join([sys.executable, str(file)])


def test_it_is_told_the_sentence_and_the_objects(tmp_path: Path) -> None:
    command = parser(
        tmp_path,
        f"open({str(tmp_path / 'asked.json')!r}, 'w').write(json.dumps(asked)); print('{{\"object_ids\": [3]}}')",
    )
    found = ask_parser(command, "the cup on the table", things(ROOM))
    assert [item.title for item in found] == ["cup"] if isinstance(found, tuple) else False
    asked = json.loads((tmp_path / "asked.json").read_text())
    assert asked["sentence"] == "the cup on the table"
    assert asked["objects"][3]["name"] == "cup"
    assert asked["objects"][3]["center"] == pytest.approx([-1.05, -0.05, 0.5], abs=0.02)
    assert "between" in asked["relations"]


def test_it_may_answer_with_a_phrase(tmp_path: Path) -> None:
    answer = {"phrase": {"name": "cup", "relations": [{"kind": "on", "anchors": [{"name": "table"}]}]}}
    found = ask_parser(parser(tmp_path, f"print({json.dumps(answer)!r})"), "…", things(ROOM))
    assert found == NounPhrase("cup", relations=(Relation("on", (NounPhrase("table"),)),))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.exit('no key')", r"ended with exit code 1 \(no key\)"),
        ("print('hello')", "wrote no JSON"),
        ("print('[]')", "wrote other JSON"),
        ("print(json.dumps({'object_ids': [99]}))", "object_ids has 99, and no object"),
        ("print(json.dumps({'phrase': {'kind': 'on'}}))", "phrase: wanted an object with some of"),
        ("time.sleep(60)", "gave no answer within 0.5 s"),
    ],
)
def test_other_ends_are_one_line(tmp_path: Path, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as failed:
        ask_parser(parser(tmp_path, code), "a cup", things(ROOM), seconds=0.5 if "sleep" in code else 60)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("command", ["/no/such/program", "", "'unclosed"])
def test_what_cannot_be_run_is_named(command: str) -> None:
    with pytest.raises(InputError, match="parser"):
        ask_parser(command, "a cup", things(ROOM))
