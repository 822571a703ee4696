"""benchmarks/gpu_check.sh as far as a machine without a GPU can test it: an interpreter of ours stands in."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu_check.sh"

TESTS = Path(__file__).parents[1]
STAGES = [
    "build",
    "kernels",
    "fused",
    "nvdiffrast",
    "doctor",
    "conformance",
    "agreement",
    "launches",
    "corners",
    "sanitizer",
    "bench",
]

# Answers as an interpreter would on a GPU machine; what is in $FAIL fails, and what is in $SLOW takes a minute.
INTERPRETER = """#!/usr/bin/env bash
stage() {
  [[ $SLOW != *$1* ]] || sleep 60
  [[ $FAIL != *$1* ]]
}
case "$*" in
  *"-m pip"*" .") stage build ;;
  *"-m pip"*) echo "pip: ${*: -1}"; stage nvdiffrast ;;
  *"-m pytest"*) echo "pytest: $*"; stage kernels ;;
  *fused*) echo '{"fused": 1}'; stage fused ;;
  *find_spec*nvdiffrast*) [[ $HAS == *nvdiffrast* ]] ;;
  *doctor*) echo '{"doctor": 1}'; stage doctor ;;
  *conformance*) echo '{"cases": []}'; stage conformance ;;
  *benchmarks.gpu*) echo "{}"; echo "gpu: $*" >&2; for s in agreement launches corners; do
      [[ $* != *"$s"* ]] || stage $s || exit 1; done ;;
  *bench*) echo "bench: $*"; stage bench ;;
  "-"*) cat >/dev/null ;;
esac
"""


def check(tmp_path: Path, *stages: str, fail: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    python = tmp_path / "python"
    python.write_text(INTERPRETER, "utf-8")
    python.chmod(0o755)
    given = {"PYTHON": str(python), "OUT": str(tmp_path / "out"), "FAIL": fail, "SLOW": "", "HAS": "", **environment}
    ours = ("SITE", "BENCH_OPTIONS", "SCENE", "NVDIFFRAST", "LIMIT")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        ["bash", str(SCRIPT), *stages], capture_output=True, text=True, env={**clean, **given}, check=False
    )


def test_all_stages_run_in_order_and_leave_their_logs(tmp_path):
    done = check(tmp_path, BENCH_OPTIONS="--quick --limit 5", SCENE="a scene.ply")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith(f"all passed: {' '.join(STAGES)}")
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("== ")][::2] == STAGES
    out = tmp_path / "out"
    assert "nvidia-smi" in (out / "versions.txt").read_text("utf-8") or "MiB" in done.stdout
    assert (out / "conformance.json").read_text("utf-8") == '{"cases": []}\n'
    assert (out / "doctor-1.json").read_text("utf-8") == (out / "doctor-2.json").read_text("utf-8") == '{"doctor": 1}\n'
    assert (out / "agreement.json").read_text("utf-8") == "{}\n"
    assert "gpu agreement --scene /" in done.stdout
    for name in ("conformance", "agreement", "launches", "corners"):
        assert (out / f"fused-{name}.json").read_text("utf-8") == '{"fused": 1}\n'
    assert "pip: git+https://github.com/NVlabs/nvdiffrast.git@v0.4.0" in done.stdout
    assert f"--device cuda --out {out}/bench --quick --limit 5" in done.stdout


def test_an_nvdiffrast_that_is_there_stays(tmp_path):
    done = check(tmp_path, "build", "nvdiffrast", HAS="nvdiffrast")
    assert done.returncode == 0
    assert "nvdiffrast is installed already" in done.stdout
    assert "pip: " not in done.stdout
    done = check(tmp_path, "build", "nvdiffrast", NVDIFFRAST="/a/folder")
    assert "pip: /a/folder" in done.stdout


@pytest.mark.parametrize("fail", [*(s for s in STAGES if s != "sanitizer"), "kernels bench"])
def test_a_failing_stage_fails_the_whole_but_not_the_next_stages(tmp_path, fail):
    done = check(tmp_path, fail=fail)
    assert done.returncode == 1
    assert f"failed: {fail}\n" in done.stdout
    for stage in STAGES:
        verdict = "FAILED" if stage in fail.split() else ("skipped" if stage == "sanitizer" else "passed")
        assert f"== {stage}: {verdict}" in done.stdout or stage == "sanitizer"
        assert (tmp_path / "out" / f"{stage}.log").is_file()


def test_a_stage_that_takes_too_long_is_ended(tmp_path):
    done = check(tmp_path, "build", "kernels", "conformance", LIMIT="1", SLOW="kernels")
    assert done.returncode == 1
    assert "failed: kernels\n" in done.stdout
    assert "out of time after 1 s" in (tmp_path / "out" / "kernels.log").read_text("utf-8")
    assert "== conformance: passed" in done.stdout


def test_stages_can_run_apart(tmp_path):
    done = check(tmp_path, "kernels", SITE=str(tmp_path / "site"))
    assert done.returncode == 0
    assert "all passed: kernels" in done.stdout
    assert (tmp_path / "site").is_dir()


def imported(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[0] for name in [*names, *(n.module or "" for n in nodes if isinstance(n, ast.ImportFrom))]}


def test_every_test_marked_cuda_is_run_and_needs_nothing_but_pytest():
    marked = {p.relative_to(TESTS.parent) for p in TESTS.rglob("*.py") if "mark.cuda" in p.read_text("utf-8")}
    marked -= {Path(__file__).relative_to(TESTS.parent), Path("tests/conformance/test_conformance.py")}  # its own stage
    run = [Path(word) for word in SCRIPT.read_text("utf-8").split() if word.startswith("tests/")]
    for file in marked:
        assert any(file == path or path in file.parents for path in run), f"{file} is run by no stage"
    for path in run:
        for file in (TESTS.parent / path).rglob("*.py") if path.suffix == "" else [TESTS.parent / path]:
            assert "hypothesis" not in imported(file), f"{file} needs hypothesis, which a GPU machine may not have"


def test_what_cannot_run_is_refused_in_one_line(tmp_path):
    for done, message in (
        (check(tmp_path, "speed"), "speed: no such stage"),
        (check(tmp_path, "kernels"), "SITE is not set"),
        (check(tmp_path, PYTHON="no-such-python"), "PYTHON=no-such-python: no such interpreter"),
    ):
        assert done.returncode == 2
        assert message in done.stderr
        assert done.stderr.count("\n") == 1


def test_all_packages_that_are_missing_are_named_before_anything_runs(tmp_path):
    for name in ("plyfile", "rich", "scikit_build_core", "nanobind"):
        (tmp_path / f"{name}.py").write_text("raise ImportError")
    for stages, missing in (((), "plyfile rich scikit_build_core nanobind"), (("kernels",), "plyfile rich")):
        done = check(tmp_path, *stages, PYTHON=sys.executable, PYTHONPATH=str(tmp_path))
        assert done.returncode == 2
        assert f"cannot import {missing}; install" in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_machine_without_a_gpu_is_told_so(tmp_path):
    for name in ("scikit_build_core", "nanobind"):  # here they may be missing, and would be named first
        (tmp_path / f"{name}.py").touch()
    done = check(tmp_path, PYTHON=sys.executable, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "torch sees no CUDA device" in done.stderr
