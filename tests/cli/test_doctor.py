"""`tvdr-nv doctor`."""

from __future__ import annotations

import json

import pytest

from tvdrnet_nv.cli import run


def test_doctor_renders_with_the_backend_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--device", "cpu"]) == 0
    page = capsys.readouterr().out
    assert "✓ backend" in page
    assert "✓ test render" in page
    assert run(["doctor", "--device", "cpu", "--json"]) == 0
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["backend"]["text"].startswith("cpu")
    assert {"python", "torch", "CUDA", "nvdiffrast", "compilers"} <= findings.keys()


def test_doctor_fails_when_the_backend_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> float:
        raise RuntimeError("no kernel")

    monkeypatch.setattr("tvdrnet_nv.cli.doctor._render_triangle", broken)
    assert run(["doctor", "--device", "cpu"]) == 1
    assert "no kernel" in capsys.readouterr().out


def test_doctor_names_the_option_of_a_device_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.version.cuda", None)
    assert run(["doctor", "--device", "cuda", "--json"]) == 1
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["backend"]["text"].startswith("--device cuda: ")
