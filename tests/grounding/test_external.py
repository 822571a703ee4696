"""A parser of the user's own: what it is asked, what it may answer, and how it may fail."""

from __future__ import annotations

import json
import shlex
import sys
import time
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
        ("print(json.dumps({'object_ids': [True]}))", "object_ids has True, and no object"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe')", "wrote no JSON"),
        ("print('[' * 100000)", "wrote no JSON"),
        ("while True: print('y' * 1000)", "wrote more than 16,777,216 bytes"),
        ("print(json.dumps({'phrase': {'kind': 'on'}}))", "phrase: wanted an object with some of"),
        ("time.sleep(60)", "gave no answer within 0.5 s"),
    ],
)
def test_other_ends_are_one_line(tmp_path: Path, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as failed:
        ask_parser(parser(tmp_path, code), "a cup", things(ROOM), seconds=0.5 if "sleep" in code else 60)
    assert "\n" not in str(failed.value)


def test_what_it_started_is_stopped_with_it(tmp_path: Path) -> None:
    file = tmp_path / "ticks"
    tick = (
        f"import time, pathlib\nwhile True: pathlib.Path({str(file)!r}).write_text(str(time.time())); time.sleep(0.01)"
    )
    command = parser(tmp_path, f"import subprocess\nsubprocess.Popen([sys.executable, '-c', {tick!r}])\ntime.sleep(60)")
    with pytest.raises(InputError, match="gave no answer within 3 s"):
        ask_parser(command, "a cup", things(ROOM), seconds=3)
    last = file.read_text()
    time.sleep(0.1)
    assert file.read_text() == last


def test_an_object_that_is_named_twice_is_meant_once(tmp_path: Path) -> None:
    found = ask_parser(parser(tmp_path, "print('{\"object_ids\": [3, 3]}')"), "a cup", things(ROOM))
    assert isinstance(found, tuple)
    assert len(found) == 1


@pytest.mark.parametrize("command", ["/no/such/program", "", "'unclosed"])
def test_what_cannot_be_run_is_named(command: str) -> None:
    with pytest.raises(InputError, match="parser"):
        ask_parser(command, "a cup", things(ROOM))
