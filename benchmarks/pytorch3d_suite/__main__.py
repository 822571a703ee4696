"""Run PyTorch3D's own tests on our modules, one process for each file.

    python -m tvdrnet_nv.benchmarks.pytorch3d_suite TESTS [FILE …] [--timeout 300] [--write results.json]

TESTS is the folder `tests` of a checkout of PyTorch3D, with its `common_testing.py` and `data`. 'cuda' means the CPU. A
name that we do not provide fails only the tests that use it, and these are counted apart.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from tvdrnet_nv.benchmarks.processes import PYTHON

KINDS = ("passed", "failed", "missing", "no data", "skipped")


def run_file(tests: Path, file: str, timeout: float) -> dict[str, tuple[str, str]]:
    """One file's tests.

    Args:
        tests: the folder, a package.
        file: a file's name in it.
        timeout: in seconds; a file that takes longer is one test that failed.

    Returns:
        By a test's name its kind, of `KINDS`, and the last line of what went wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        plugins = ("-p", "tvdrnet_nv.compat.pytest", "-p", "tvdrnet_nv.benchmarks.pytorch3d_suite.missing")
        quiet = ("-q", "--no-header", "-p", "no:cacheprovider", "-o", "addopts=", f"--junitxml={report}")
        command = [*PYTHON, "-m", "pytest", *plugins, "--compat-device", "cpu", *quiet, f"{tests.name}/{file}"]
        try:
            done = subprocess.run(
                command, cwd=tests.parent, capture_output=True, text=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            return {"(the file)": ("failed", f"took longer than {timeout:g} s")}
        if not report.exists():
            return {"(the file)": ("failed", (done.stderr or done.stdout).strip().splitlines()[-1])}
        return dict(_outcome(case) for case in ET.parse(report).iter("testcase"))


def _outcome(case: ET.Element) -> tuple[str, tuple[str, str]]:
    name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
    if case.find("skipped") is not None:
        return name, ("skipped", str(case.find("skipped").get("message")))  # type: ignore[union-attr]
    fault = case.find("failure") if case.find("failure") is not None else case.find("error")
    if fault is None:
        return name, ("passed", "")
    text = (fault.text or "").strip()
    message = (fault.get("message") or text).strip()
    if "MissingName" in text:
        return name, ("missing", (re.findall(r"MissingName: (\S+)", text) or ["?"])[-1])
    if re.search(r"No such file or directory: .*/(data|docs)/", text):
        return name, ("no data", message.splitlines()[0])
    where = text.splitlines()[-1] if text else ""
    return name, ("failed", f"{where} | {' '.join(message.split())[:300]}")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("tests", type=Path, help="the folder 'tests' of a checkout of PyTorch3D")
    parser.add_argument("files", nargs="*", help="names of files in it (all test_*.py)")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for each file (300)")
    parser.add_argument("--write", type=Path, help="a JSON file with each test's outcome")
    given = parser.parse_args(arguments)
    tests = given.tests.resolve()
    files = given.files or sorted(path.name for path in tests.glob("test_*.py"))
    if not files or not (tests / "common_testing.py").exists():
        parser.error(f"{given.tests}: not PyTorch3D's folder 'tests' (it has no test_*.py or no common_testing.py)")
    found = {}
    print(f"{'file':<42}" + "".join(f"{kind:>9}" for kind in KINDS))
    for file in files:
        found[file] = run_file(tests, file, given.timeout)
        _print_row(file, Counter(kind for kind, _ in found[file].values()))
    _print_row("all", Counter(kind for outcomes in found.values() for kind, _ in outcomes.values()))
    if given.write:
        given.write.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0


def _print_row(name: str, counts: Counter[str]) -> None:
    print(f"{name:<42}" + "".join(f"{counts[kind] or '-':>9}" for kind in KINDS), flush=True)


if __name__ == "__main__":
    sys.exit(main())
