"""`tvdr-nv doctor`."""

from __future__ import annotations

import json
from subprocess import CalledProcessError

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
    assert {"python", "torch", "CUDA", "nvdiffrast"} <= findings.keys()


@pytest.mark.parametrize("error", [RuntimeError("no kernel\nat all"), CalledProcessError(1, ["no kernel"])])
def test_doctor_fails_when_the_backend_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def broken(*_: object) -> float:
        raise error

    monkeypatch.setattr("tvdrnet_nv.cli.doctor._render_triangle", broken)
    assert run(["doctor", "--device", "cpu"]) == 1
    shown = capsys.readouterr().out
    assert "no kernel" in shown
    assert "at all" not in shown


def test_doctor_names_two_packages_one_over_the_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = {"nvdiffrast": "0.4.0", "diffrp-nvdiffrast": "0.3.3.1"}
    monkeypatch.setattr("tvdrnet_nv.ops.nvdiffrast.installed.versions", lambda: both)
    assert run(["doctor", "--device", "cpu", "--json"]) == 1
    finding = {f["name"]: f for f in json.loads(capsys.readouterr().out)}["nvdiffrast"]
    assert finding["text"] == "nvdiffrast 0.4.0 and diffrp-nvdiffrast 0.3.3.1 are installed, one over the other"
    assert finding["advice"].startswith("pip uninstall nvdiffrast diffrp-nvdiffrast")


def test_doctor_recommends_the_newer_nvdiffrast(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tvdrnet_nv.ops.nvdiffrast.installed.versions", lambda: {"diffrp-nvdiffrast": "0.3.3.1"})
    monkeypatch.setattr("tvdrnet_nv.ops.nvdiffrast.installed.why_unusable", lambda: None)
    assert run(["doctor", "--device", "cpu", "--json"]) == 0
    finding = {f["name"]: f for f in json.loads(capsys.readouterr().out)}["nvdiffrast"]
    assert finding["good"]
    assert finding["text"] == "diffrp-nvdiffrast 0.3.3.1 (non-commercial use only)"
    assert "pip uninstall diffrp-nvdiffrast" in finding["advice"]
    assert "@v0.4.0" in finding["advice"]


def test_doctor_names_the_option_of_a_device_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.version.cuda", None)
    assert run(["doctor", "--device", "cuda", "--json"]) == 1
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["backend"]["text"].startswith("--device cuda: ")
