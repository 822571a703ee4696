"""benchmarks/gpu_check.sh as far as a machine without a GPU can test it: an interpreter of ours stands in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu_check.sh"

# Answers as an interpreter would on a GPU machine; what is in $FAIL fails.
INTERPRETER = """#!/usr/bin/env bash
case "$*" in
  "-m pip"*) [[ $FAIL != *build* ]] ;;
  "-m pytest"*) [[ $FAIL != *tests* ]] ;;
  *conformance*) echo '{"cases": []}'; [[ $FAIL != *conformance* ]] ;;
  *bench*) echo "bench: $*"; [[ $FAIL != *bench* ]] ;;
  "-"*) cat >/dev/null ;;
esac
"""


def check(tmp_path: Path, *stages: str, fail: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    python = tmp_path / "python"
    python.write_text(INTERPRETER, "utf-8")
    python.chmod(0o755)
    given = {"PYTHON": str(python), "OUT": str(tmp_path / "out"), "FAIL": fail, **environment}
    clean = {name: value for name, value in os.environ.items() if name not in ("SITE", "BENCH_OPTIONS")}
    return subprocess.run(
        ["bash", str(SCRIPT), *stages], capture_output=True, text=True, env={**clean, **given}, check=False
    )


def test_all_stages_run_in_order_and_leave_their_logs(tmp_path):
    done = check(tmp_path, BENCH_OPTIONS="--quick --limit 5")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("all passed: build tests conformance bench")
    assert "nvidia-smi" in (tmp_path / "out" / "versions.txt").read_text("utf-8") or "MiB" in done.stdout
    assert (tmp_path / "out" / "conformance.json").read_text("utf-8") == '{"cases": []}\n'
    assert f"--device cuda --out {tmp_path}/out/bench --quick --limit 5" in done.stdout


@pytest.mark.parametrize("fail", ["build", "tests", "conformance", "bench", "tests bench"])
def test_a_failing_stage_fails_the_whole_but_not_the_next_stages(tmp_path, fail):
    done = check(tmp_path, fail=fail)
    assert done.returncode == 1
    assert f"failed: {fail}\n" in done.stdout
    for stage in ("build", "tests", "conformance", "bench"):
        verdict = "FAILED" if stage in fail else "passed"
        assert f"== {stage}: {verdict}" in done.stdout
        assert (tmp_path / "out" / f"{stage}.log").is_file()


def test_stages_can_run_apart(tmp_path):
    done = check(tmp_path, "tests", SITE=str(tmp_path / "site"))
    assert done.returncode == 0
    assert "all passed: tests" in done.stdout
    assert (tmp_path / "site").is_dir()


def test_what_cannot_run_is_refused_in_one_line(tmp_path):
    for done, message in (
        (check(tmp_path, "speed"), "speed: no such stage"),
        (check(tmp_path, "tests"), "SITE is not set"),
        (check(tmp_path, PYTHON="no-such-python"), "PYTHON=no-such-python: no such interpreter"),
    ):
        assert done.returncode == 2
        assert message in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_machine_without_a_gpu_is_told_so(tmp_path):
    done = check(tmp_path, PYTHON=sys.executable)
    assert done.returncode == 2
    assert "torch sees no CUDA device" in done.stderr
