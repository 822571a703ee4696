"""`tvdr-nv conformance`: what it prints, and how it ends."""

from __future__ import annotations

import json

import torch

from tvdrnet_nv.cli import run


def test_conformance_says_what_passed(capsys):
    assert run(["conformance", "-k", "zero-area", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["backend"], found["passed"], found["failed"], found["skipped"]) == ("cpu", 1, 0, 0)
    assert found["cases"][0]["sentence"] == "zero-area triangles hit nothing"
    assert run(["conformance", "-k", "slivers"]) == 0
    assert "side by side" in capsys.readouterr().out


def test_conformance_fails_with_the_line_that_failed(capsys, monkeypatch):
    from tvdrnet_nv import ops

    monkeypatch.setattr(ops, "rasterize", lambda ctx, pos, tri, resolution, *_: [torch.ones(1, *resolution, 4)] * 2)
    assert run(["conformance", "-k", "triangles.without_area"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "triangles.py" in out
    assert "1 failed" in out


def test_conformance_without_a_case_is_bad_input(capsys):
    assert run(["conformance", "-k", "no such case"]) == 2
    assert "no such case" in capsys.readouterr().err
