"""benchmarks/gpu_check.sh as far as a machine without a GPU can test it: an interpreter of ours stands in."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
import torch

from tvdrnet_nv.benchmarks.gpu.pack import pack

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
  *gpu/pack.py*) exec "$REAL" "$@" ;;
  *"-m pip"*" .") stage build ;;
  *"-m pip"*) echo "pip: ${*: -1}"; stage nvdiffrast && touch "$0.nvdiffrast" ;;
  *"-m pytest"*) echo "pytest: $*"; stage kernels ;;
  *" bench "*) echo "bench: $*"; stage bench ;;
  *fused*) echo '{"fused": 1}'; [[ $SLOW != "part of a stage" || $* != *agreement* ]] || sleep 60; stage fused ;;
  *find_spec*nvdiffrast*) [[ $HAS == *nvdiffrast* || -e $0.nvdiffrast ]] ;;
  *doctor*) echo '{"doctor": 1}'; stage doctor ;;
  *conformance*) echo '{"cases": []}'; stage conformance ;;
  *benchmarks.gpu*) echo "{}"; echo "gpu: $*" >&2; for s in agreement launches corners; do
      [[ $* != *"$s"* ]] || stage $s || exit 1; done ;;
  "-"*) cat >/dev/null ;;
esac
"""


def prepared(tmp_path: Path, fail: str, environment: dict[str, str]) -> dict[str, str]:
    """The environment, in which our interpreter is named."""
    python = tmp_path / "python"
    python.write_text(INTERPRETER, "utf-8")
    python.chmod(0o755)
    repository = tmp_path / "repository"  # one that can be reached: the default is on the network
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    given = {
        "NVDIFFRAST": f"git+file://{repository}@v0.4.0",
        "REAL": sys.executable,
        "PYTHON": str(python),
        "OUT": str(tmp_path / "out"),
        "FAIL": fail,
        "SLOW": "",
        "HAS": "",
        **environment,
    }
    ours = ("SITE", "BENCH_OPTIONS", "SCENE", "NVDIFFRAST", "LIMIT", "TOTAL")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    return {**clean, **given}


def check(tmp_path: Path, *stages: str, fail: str = "", **given: str) -> subprocess.CompletedProcess[str]:
    environment = prepared(tmp_path, fail, given)
    return subprocess.run(["bash", str(SCRIPT), *stages], capture_output=True, text=True, env=environment, check=False)


def start(tmp_path: Path, *stages: str, **given: str) -> subprocess.Popen[bytes]:
    """In a group of its own."""
    environment = prepared(tmp_path, "", given)
    return subprocess.Popen(
        ["bash", str(SCRIPT), *stages], stdout=subprocess.DEVNULL, env=environment, start_new_session=True
    )


def logs(tmp_path: Path) -> dict[str, str]:
    """What the archive has, by name."""
    with tarfile.open(tmp_path / "out" / "logs.tar.gz") as archive:
        opened = {member.name: archive.extractfile(member) for member in archive}
        return {name: file.read().decode() for name, file in opened.items() if file is not None}


def test_all_stages_run_in_order_and_leave_their_logs(tmp_path):
    done = check(tmp_path, BENCH_OPTIONS="--quick --limit 5", SCENE="a scene.ply")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith(f"all passed: {' '.join(STAGES)}")
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("== ")][::2] == STAGES
    out = tmp_path / "out"
    assert sorted(file.name for file in out.iterdir()) == ["logs.tar.gz", "results.json", "summary.txt"]
    found = json.loads((out / "results.json").read_text("utf-8"))
    assert any("nvidia-smi" in line or "MiB" in line for line in found["versions"])
    assert found["conformance"] == {"cases": []}
    assert found["doctor-1"] == found["doctor-2"] == {"doctor": 1}
    assert found["agreement"] == {}
    assert found["summary"] == (out / "summary.txt").read_text("utf-8").splitlines()
    assert [line.split()[1] for line in found["summary"]] == [f"{stage}:" for stage in STAGES]
    assert {f"logs/{stage}.log" for stage in STAGES} <= logs(tmp_path).keys()
    assert "gpu agreement --scene /" in done.stdout
    for name in ("conformance", "agreement", "launches", "corners"):
        assert found[f"fused-{name}"] == {"fused": 1}
    assert f"pip: git+file://{tmp_path}/repository@v0.4.0" in done.stdout
    assert "--device cuda --out " in done.stdout
    assert "/bench --quick --limit 5" in done.stdout


def test_an_nvdiffrast_that_is_there_stays(tmp_path):
    done = check(tmp_path, "build", "nvdiffrast", HAS="nvdiffrast")
    assert done.returncode == 0
    assert "nvdiffrast is installed already" in done.stdout
    assert "pip: " not in done.stdout
    done = check(tmp_path, "build", "nvdiffrast", NVDIFFRAST="/a/folder")
    assert "pip: /a/folder" in done.stdout


NEEDS_NVDIFFRAST = ("doctor", "conformance", "agreement", "launches", "corners")


@pytest.mark.parametrize("fail", ["build", "kernels bench", "fused", "nvdiffrast", " ".join(NEEDS_NVDIFFRAST)])
def test_a_failing_stage_fails_the_whole_but_not_the_next_stages(tmp_path, fail):
    done = check(tmp_path, fail=fail)
    assert done.returncode == 1
    assert f"failed: {fail}\n" in done.stdout
    for stage in STAGES:
        without = fail == "nvdiffrast" and stage in NEEDS_NVDIFFRAST
        verdict = "FAILED" if stage in fail.split() else ("skipped" if stage == "sanitizer" or without else "passed")
        assert f"== {stage}: {verdict}" in done.stdout or stage == "sanitizer"
        assert f"logs/{stage}.log" in logs(tmp_path)


def test_a_stage_that_takes_too_long_is_ended(tmp_path):
    done = check(tmp_path, "build", "kernels", "conformance", LIMIT="1", SLOW="kernels", HAS="nvdiffrast")
    assert done.returncode == 1
    assert "failed: kernels\n" in done.stdout
    assert "out of time after 1 s" in logs(tmp_path)["logs/kernels.log"]
    assert "== conformance: passed" in done.stdout


def test_all_stages_together_have_a_time_and_what_was_found_in_it_is_kept(tmp_path):
    done = check(tmp_path, "build", "kernels", "fused", "bench", TOTAL="2", SLOW="fused", HAS="nvdiffrast")
    assert done.returncode == 1
    summary = (tmp_path / "out" / "summary.txt").read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in summary] == [
        "== build: passed",
        "== kernels: passed",
        "== fused: FAILED",
        "== bench: NOT RUN",
    ]
    assert "failed: fused\nnot run: bench\n" in done.stdout
    assert json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))["summary"] == summary


def test_what_is_there_when_the_run_is_killed_stays(tmp_path):
    started = start(tmp_path, "build", "fused", SLOW="part of a stage")
    out = tmp_path / "out"
    for _ in range(600):
        if (out / "stage.log").exists() and "fused" in (out / "stage.log").read_text("utf-8"):
            break
        time.sleep(0.1)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert (out / "summary.txt").read_text("utf-8").startswith("== build: passed")
    assert "versions" in json.loads((out / "results.json").read_text("utf-8"))
    assert "logs/build.log" in logs(tmp_path)
    assert '{"fused": 1}' in (out / "stage.log").read_text("utf-8")


def test_without_a_network_what_needs_nvdiffrast_is_skipped_with_the_reason(tmp_path):
    done = check(tmp_path, NVDIFFRAST="git+file:///no/such/repository.git@v0.4.0")
    assert done.returncode == 0, done.stdout
    summary = (tmp_path / "out" / "summary.txt").read_text("utf-8").splitlines()
    verdicts = {line.split()[1].rstrip(":"): line.split()[2].rstrip(",") for line in summary}
    assert {stage for stage, verdict in verdicts.items() if verdict == "skipped"} >= {"nvdiffrast", *NEEDS_NVDIFFRAST}
    assert verdicts["fused"] == verdicts["bench"] == "passed"
    assert "its repository cannot be reached: fatal: '/no/such/repository.git' does not appear" in summary[3]
    assert summary[4].endswith("s: nvdiffrast is not installed")
    assert "--device fused --out" in done.stdout


@pytest.mark.parametrize("name", ["LIMIT", "TOTAL"])
@pytest.mark.parametrize("value", ["0", "ten", "-5", "1.5"])
def test_a_time_that_is_none_is_refused(tmp_path, name, value):
    done = check(tmp_path, **{name: value})
    assert done.returncode == 2
    assert done.stderr == f"gpu_check.sh: {name}={value}: wanted a whole number of seconds\n"


def test_json_that_is_not_whole_is_kept_as_text(tmp_path):
    for name, text in {"versions.txt": "python 3", "summary.txt": "== build: passed", "a.json": '{"x": [1, '}.items():
        (tmp_path / name).write_text(text, "utf-8")
    out = tmp_path / "out"
    out.mkdir()
    pack(tmp_path, out)
    assert json.loads((out / "results.json").read_text("utf-8"))["a"] == {"not whole": '{"x": [1, '}


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
