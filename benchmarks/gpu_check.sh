#!/usr/bin/env bash
# Everything that needs an NVIDIA GPU: builds this checkout, runs the tests marked cuda, the conformance suite on CUDA,
# and the benchmark. A stage that fails does not keep the next ones from running.
#
#   benchmarks/gpu_check.sh [STAGE]...        stages: build tests conformance bench; default: all, in this order
#
# From the environment:
#   PYTHON         an interpreter with a CUDA build of torch, nvdiffrast, this project's other dependencies and pytest,
#                  and to build, scikit-build-core and nanobind. Default: python3
#   OUT            where results and logs go. Default: runs/gpu-check in the checkout
#   SITE           where the build is installed. Default: a temporary folder; to run stages apart, name one
#   BENCH_OPTIONS  more options for tvdr-nv bench, such as --quick
#
# Exits with 0 when all went well, 1 when a stage failed, 2 when the stages cannot run here.
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }
refuse() {
  echo "gpu_check.sh: $1" >&2
  exit 2
}

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
out=${OUT:-$root/runs/gpu-check}
read -r -a bench_options <<<"${BENCH_OPTIONS:-}"
stages=(build tests conformance bench)

if (($#)); then
  stages=()
  for word in "$@"; do
    case $word in
      build | tests | conformance | bench) stages+=("$word") ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) refuse "$word: no such stage; wanted build, tests, conformance or bench" ;;
    esac
  done
fi

python=$(command -v "$python") || refuse "PYTHON=${PYTHON:-python3}: no such interpreter"
[[ $python == /* ]] || python=$PWD/$python
"$python" -c 'import torch' || refuse "$python cannot import torch; install a CUDA build of it, see pytorch.org"
"$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' ||
  refuse "torch sees no CUDA device: this needs an NVIDIA GPU, its driver, and a CUDA build of torch"

mkdir -p "$out"
out=$(cd "$out" && pwd)
if [[ -z ${SITE:-} ]]; then
  [[ " ${stages[*]} " == *" build "* ]] || refuse "SITE is not set, so there is no build to run: add the stage build"
  SITE=$(mktemp -d)
  trap 'rm -rf "$SITE"' EXIT
fi
mkdir -p "$SITE"
site=$(cd "$SITE" && pwd)
cd "$root"
# The build comes first, and the checkout, where the tests are, last: its tvdrnet_nv/ has no compiled kernels.
export PYTHONSAFEPATH=1 PYTHONPATH="$site${PYTHONPATH:+:$PYTHONPATH}:$root" OMP_WAIT_POLICY=passive

versions() {
  if command -v nvidia-smi >/dev/null; then
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true
  else
    echo "nvidia-smi: not found"
  fi
  if command -v nvcc >/dev/null; then nvcc --version | tail -n 1; else echo "nvcc: not found"; fi
  git rev-parse HEAD 2>/dev/null || true
  "$python" - <<'PYTHON'
import sys
from importlib.metadata import PackageNotFoundError, version

import torch

print("python", sys.version.split()[0])
print("torch", torch.__version__, "for CUDA", torch.version.cuda, "on", torch.cuda.get_device_name())
for package in ("nvdiffrast", "diffrp-nvdiffrast", "triton", "numpy", "pytorch3d"):
    try:
        print(package, version(package))
    except PackageNotFoundError:
        print(package, "not installed")
PYTHON
}

build() {
  "$python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --upgrade \
    --target "$site" . || return
  "$python" - "$site" <<'PYTHON'
import sys
from pathlib import Path

import tvdrnet_nv

found = Path(tvdrnet_nv.__file__)
if not found.is_relative_to(sys.argv[1]):
    sys.exit(f"tvdrnet_nv is imported from {found.parent}, not from the build: uninstall it from this interpreter")
print("built", found.parent)
PYTHON
}

tests() {
  "$python" -m pytest -m cuda --import-mode=append -p no:cacheprovider --junitxml "$out/tests.xml"
}

conformance() {
  "$python" "$site/bin/tvdr-nv" conformance --backend cuda --json >"$out/conformance.json" || {
    local status=$?
    cat "$out/conformance.json"
    return "$status"
  }
}

bench() {
  "$python" "$site/bin/tvdr-nv" bench --device cuda --out "$out/bench" ${bench_options[@]+"${bench_options[@]}"}
}

{ versions || true; } 2>&1 | tee "$out/versions.txt"
failed=()
for stage in "${stages[@]}"; do
  printf '\n== %s\n' "$stage"
  began=$SECONDS
  if "$stage" 2>&1 | tee "$out/$stage.log"; then
    echo "== $stage: passed, $((SECONDS - began)) s"
  else
    echo "== $stage: FAILED, $((SECONDS - began)) s"
    failed+=("$stage")
  fi
done

printf '\nresults: %s\n' "$out"
if ((${#failed[@]})); then
  echo "failed: ${failed[*]}"
  exit 1
fi
echo "all passed: ${stages[*]}"
