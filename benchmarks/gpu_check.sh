#!/usr/bin/env bash
# Everything that needs an NVIDIA GPU, the quickest answers first. Each stage has its time, and all of them have theirs; a
# stage that fails or takes longer does not keep the next ones from running. What it found is written after each stage.
#
#   benchmarks/gpu_check.sh [STAGE]...        default: all, in this order
#
#   build        this checkout, into SITE
#   kernels      the tests of our own CUDA kernels, which need no nvdiffrast
#   fused        the backend that is all our own: the op contract, agreement, launches, corners, a CUDA graph
#   nvdiffrast   0.4.0, compiled into SITE, unless there is one already; skipped where its repository cannot be reached
#                (without nvdiffrast the next five are skipped, and the last two do what fused can)
#   doctor       tvdr-nv doctor in two processes, one after the other
#   conformance  the op contract on CUDA
#   agreement    optimisations on CUDA and on the CPU: cameras and losses
#   launches     a step at 256 to 1024 pixels: milliseconds, launches, waits
#   corners      a camera of NaN, 333 x 251 pixels, 128 cameras, textures at 1024
#   sanitizer    one step of fused under compute-sanitizer, and one with nvdiffrast
#   bench        tvdr-nv bench --device cuda, which races both backends, and nvdiffrast with ordinary PyTorch code around it
#
# From the environment:
#   PYTHON         an interpreter with a CUDA build of torch, this project's other dependencies and pytest, and to build,
#                  scikit-build-core and nanobind. Default: python3
#   SCENE          a mesh for agreement and launches. Default: a room made by code
#   NVDIFFRAST     what pip installs as nvdiffrast: an address or a folder. Default: NVIDIA's repository at v0.4.0
#   OUT            where results go: summary.txt, results.json, logs.tar.gz, and while a stage runs its stage.log. Default:
#                  runs/gpu-check in the checkout
#   SITE           where the builds are installed. Default: a temporary folder; to run stages apart, name one
#   LIMIT          seconds that a stage may take. Default: 180
#   TOTAL          seconds that all of them may take together; stages for which there are none left are not run.
#                  Default: 540
#   BENCH_OPTIONS  options for tvdr-nv bench. Default: --quick
#
# Exits with 0 when all went well, 1 when a stage failed or was not run, 2 when the stages cannot run here.
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
limit=${LIMIT:-180}
total=${TOTAL:-540}
[[ $limit =~ ^[1-9][0-9]*$ ]] || refuse "LIMIT=$limit: wanted a whole number of seconds"
[[ $total =~ ^[1-9][0-9]*$ ]] || refuse "TOTAL=$total: wanted a whole number of seconds"
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
work=$(mktemp -d) # logs and JSON, which `pack` puts into the few files of OUT
temporary=("$work")
trap 'rm -rf "${temporary[@]}"' EXIT
if [[ -z ${SITE:-} ]]; then
  [[ " ${stages[*]} " == *" build "* ]] || refuse "SITE is not set, so there is no build to run: add the stage build"
  SITE=$(mktemp -d)
  temporary+=("$SITE")
fi
mkdir -p "$SITE"
site=$(cd "$SITE" && pwd)
cd "$root"
# The build comes first, and the checkout, where the tests are, last: its tvdrnet_nv/ has no compiled kernels.
export PYTHONSAFEPATH=1 PYTHONPATH="$site${PYTHONPATH:+:$PYTHONPATH}:$root" OMP_WAIT_POLICY=passive

versions() {
  if command -v nvidia-smi >/dev/null; then
    timeout 20 nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true
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
  if ((left > 0)); then timeout --kill-after=5 "$left" "$@" || status=$?; else status=124; fi
  ((status != 124 && status != 137)) || echo "out of time after $((deadline - began)) s: $*" >&2
  return "$status"
}

has_nvdiffrast() {
  "$python" -c 'import sys, importlib.util as u; sys.exit(u.find_spec("nvdiffrast") is None)'
}

# Ends a stage that has nothing to run with; the reason is the last line that it prints.
needs_nvdiffrast() {
  has_nvdiffrast && return
  echo "nvdiffrast is not installed"
  return "$skipped"
}

tvdr() { boxed "$python" "$site/bin/tvdr-nv" "$@"; }

# Keeps a command's JSON, and shows it.
kept() { # name, command
  local file=$work/$1.json status=0
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
  boxed "$python" -m pytest -m cuda --import-mode=append -p no:cacheprovider --junitxml "$work/kernels.xml" \
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
  local wanted=${NVDIFFRAST:-git+https://github.com/NVlabs/nvdiffrast.git@v0.4.0} repository said
  if has_nvdiffrast; then
    echo "nvdiffrast is installed already"
    return
  fi
  if [[ $wanted == git+* ]]; then
    repository=${wanted#git+}
    [[ ${repository##*/} != *@* ]] || repository=${repository%@*}
    if ! said=$(GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote "$repository" 2>&1 >/dev/null); then
      said=$(head -n 1 <<<"$said")
      echo "its repository cannot be reached: ${said:-no answer from $repository in 20 s}"
      return "$skipped"
    fi
  fi
  pip_into_site "$wanted"
}

doctor() {
  needs_nvdiffrast || return
  kept doctor-1 tvdr doctor --device cuda --json || return
  kept doctor-2 tvdr doctor --device cuda --json
}

conformance() { needs_nvdiffrast && kept conformance tvdr conformance --backend cuda --json; }
agreement() { needs_nvdiffrast && check agreement ${scene[@]+"${scene[@]}"}; }
launches() { needs_nvdiffrast && check launches ${scene[@]+"${scene[@]}"}; }
corners() { needs_nvdiffrast && check corners; }

sanitizer() {
  if ! command -v compute-sanitizer >/dev/null; then
    echo "compute-sanitizer: not found; it comes with the CUDA toolkit"
    return "$skipped"
  fi
  # Our own rasterizer first: nvdiffrast's kernels are another's.
  boxed compute-sanitizer --error-exitcode 1 "$python" -m tvdrnet_nv.benchmarks.gpu step --device fused || return
  ! has_nvdiffrast || boxed compute-sanitizer --error-exitcode 1 "$python" -m tvdrnet_nv.benchmarks.gpu step
}

bench() {
  local device=cuda
  has_nvdiffrast || device=fused
  tvdr bench --device "$device" --out "$work/bench" ${bench_options[@]+"${bench_options[@]}"}
}

pack() { "$python" -IS "$root/benchmarks/gpu/pack.py" "$work" "$out" || echo "the results could not be written to $out" >&2; }

ended=$((SECONDS + total))
{ versions || true; } 2>&1 | tee "$work/versions.txt"
: >"$work/summary.txt"
failed=()
omitted=()
for stage in "${stages[@]}"; do
  printf '\n== %s\n' "$stage"
  began=$SECONDS
  deadline=$((began + limit < ended ? began + limit : ended))
  if ((deadline <= began)); then
    omitted+=("$stage")
    echo "== $stage: NOT RUN, the $total s of all stages are spent" | tee -a "$work/summary.txt"
    continue
  fi
  status=0
  "$stage" 2>&1 | tee "$out/stage.log" || status=${PIPESTATUS[0]}
  mv "$out/stage.log" "$work/$stage.log"
  reason=
  case $status in
    0) verdict=passed ;;
    "$skipped")
      verdict=skipped
      reason=": $(tail -n 1 "$work/$stage.log")"
      ;;
    *)
      verdict=FAILED
      failed+=("$stage")
      ;;
  esac
  echo "== $stage: $verdict, $((SECONDS - began)) s$reason" | tee -a "$work/summary.txt"
  pack
done
pack

printf '\nresults: %s\n' "$out"
((${#failed[@]} == 0)) || echo "failed: ${failed[*]}"
((${#omitted[@]} == 0)) || echo "not run: ${omitted[*]}"
((${#failed[@]} + ${#omitted[@]} == 0)) || exit 1
echo "all passed: ${stages[*]}"
