#!/usr/bin/env bash
# Everything that needs an NVIDIA GPU, the quickest answers first. Each stage has its time; one that fails or takes longer
# does not keep the next ones from running, and all that they print is kept.
#
#   benchmarks/gpu_check.sh [STAGE]...        default: all, in this order
#
#   build        this checkout, into SITE
#   kernels      the tests of our own CUDA kernels, which need no nvdiffrast
#   fused        the backend that is all our own: the op contract, agreement, launches, corners, a CUDA graph
#   nvdiffrast   0.4.0, compiled into SITE, unless there is one already
#   doctor       tvdr-nv doctor in two processes, one after the other
#   conformance  the op contract on CUDA
#   agreement    optimisations on CUDA and on the CPU: cameras and losses
#   launches     a step at 256 to 1024 pixels: milliseconds, launches, waits
#   corners      a camera of NaN, 333 x 251 pixels, 128 cameras, textures at 1024
#   sanitizer    one step of fused under compute-sanitizer, and one with nvdiffrast
#   bench        tvdr-nv bench --device cuda, in which nvdiffrast with ordinary PyTorch code around it is a rival
#
# From the environment:
#   PYTHON         an interpreter with a CUDA build of torch, this project's other dependencies and pytest, and to build,
#                  scikit-build-core and nanobind. Default: python3
#   SCENE          a mesh for agreement and launches. Default: a room made by code
#   NVDIFFRAST     what pip installs as nvdiffrast: an address or a folder. Default: NVIDIA's repository at v0.4.0
#   OUT            where results and logs go. Default: runs/gpu-check in the checkout
#   SITE           where the builds are installed. Default: a temporary folder; to run stages apart, name one
#   LIMIT          seconds that a stage may take. Default: 240
#   BENCH_OPTIONS  options for tvdr-nv bench. Default: --quick
#
# Exits with 0 when all went well, 1 when a stage failed, 2 when the stages cannot run here.
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }
refuse() {
  echo "gpu_check.sh: $1" >&2
  exit 2
}

all=(build kernels fused nvdiffrast doctor conformance agreement launches corners sanitizer bench)
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
out=${OUT:-$root/runs/gpu-check}
limit=${LIMIT:-240}
scene=()
[[ -z ${SCENE:-} ]] || scene=(--scene "$(realpath "$SCENE")")
read -r -a bench_options <<<"${BENCH_OPTIONS:---quick}"
stages=("${all[@]}")
skipped=77 # a stage's exit status when it has nothing to run with

if (($#)); then
  stages=()
  for word in "$@"; do
    if [[ $word == -h || $word == --help ]]; then
      usage
      exit 0
    fi
    [[ " ${all[*]} " == *" $word "* ]] || refuse "$word: no such stage; wanted one of ${all[*]}"
    stages+=("$word")
  done
fi

python=$(command -v "$python") || refuse "PYTHON=${PYTHON:-python3}: no such interpreter"
[[ $python == /* ]] || python=$PWD/$python
needed=(torch numpy plyfile imageio PIL matplotlib typer rich pytest)
[[ " ${stages[*]} " != *" build "* ]] || needed+=(scikit_build_core nanobind)
missing=$("$python" - "${needed[@]}" <<'PYTHON'
import importlib
import sys

for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        print(name, end=" ")
PYTHON
) || refuse "$python does not run"
[[ -z $missing ]] || refuse "$python cannot import ${missing% }; install what is missing, torch in a CUDA build (see pytorch.org)"
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

# Runs a command in what is left of the stage's time.
boxed() {
  local left=$((deadline - SECONDS)) status=0
  timeout --kill-after=10 "$((left > 0 ? left : 1))" "$@" || status=$?
  ((status != 124)) || echo "out of time after $limit s: $*" >&2
  return "$status"
}

tvdr() { boxed "$python" "$site/bin/tvdr-nv" "$@"; }

# Keeps a command's JSON, and shows it.
kept() { # name, command
  local file=$out/$1.json status=0
  shift
  "$@" >"$file" || status=$?
  cat "$file"
  return "$status"
}

check() { kept "$1" boxed "$python" -m tvdrnet_nv.benchmarks.gpu "$@"; }

pip_into_site() {
  boxed "$python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --upgrade \
    --target "$site" "$@"
}

build() {
  pip_into_site . || return
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

# By name, so that tests which need more than this interpreter has are not even imported.
kernels() {
  boxed "$python" -m pytest -m cuda --import-mode=append -p no:cacheprovider --junitxml "$out/kernels.xml" \
    tests/kernels tests/test_mesh.py tests/camera/test_projection.py
}

fused() {
  local status=0
  kept fused-doctor tvdr doctor --device fused --json || status=1
  kept fused-conformance tvdr conformance --backend fused --json || status=1
  for figure in agreement launches corners graph; do
    kept "fused-$figure" boxed "$python" -m tvdrnet_nv.benchmarks.gpu "$figure" --device fused ${scene[@]+"${scene[@]}"} ||
      status=1
  done
  return "$status"
}

nvdiffrast() {
  if "$python" -c 'import sys, importlib.util as u; sys.exit(u.find_spec("nvdiffrast") is None)'; then
    echo "nvdiffrast is installed already"
    return
  fi
  pip_into_site "${NVDIFFRAST:-git+https://github.com/NVlabs/nvdiffrast.git@v0.4.0}"
}

doctor() {
  kept doctor-1 tvdr doctor --device cuda --json || return
  kept doctor-2 tvdr doctor --device cuda --json
}

conformance() { kept conformance tvdr conformance --backend cuda --json; }
agreement() { check agreement ${scene[@]+"${scene[@]}"}; }
launches() { check launches ${scene[@]+"${scene[@]}"}; }
corners() { check corners; }

sanitizer() {
  if ! command -v compute-sanitizer >/dev/null; then
    echo "compute-sanitizer: not found; it comes with the CUDA toolkit"
    return "$skipped"
  fi
  # Our own rasterizer first: nvdiffrast's kernels are another's.
  boxed compute-sanitizer --error-exitcode 1 "$python" -m tvdrnet_nv.benchmarks.gpu step --device fused || return
  boxed compute-sanitizer --error-exitcode 1 "$python" -m tvdrnet_nv.benchmarks.gpu step
}

bench() { tvdr bench --device cuda --out "$out/bench" ${bench_options[@]+"${bench_options[@]}"}; }

{ versions || true; } 2>&1 | tee "$out/versions.txt"
: >"$out/summary.txt"
failed=()
for stage in "${stages[@]}"; do
  printf '\n== %s\n' "$stage"
  began=$SECONDS
  deadline=$((SECONDS + limit))
  status=0
  "$stage" 2>&1 | tee "$out/$stage.log" || status=${PIPESTATUS[0]}
  case $status in
    0) verdict=passed ;;
    "$skipped") verdict=skipped ;;
    *)
      verdict=FAILED
      failed+=("$stage")
      ;;
  esac
  echo "== $stage: $verdict, $((SECONDS - began)) s" | tee -a "$out/summary.txt"
done

printf '\nresults: %s\n' "$out"
if ((${#failed[@]})); then
  echo "failed: ${failed[*]}"
  exit 1
fi
echo "all passed: ${stages[*]}"
