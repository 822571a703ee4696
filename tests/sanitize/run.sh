#!/usr/bin/env bash
# Builds the kernels with sanitizers into build/, apart from the installed ones, and runs their tests. Needs gcc.
#   tests/sanitize/run.sh PYTHON [address] [thread]
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1
shift

build() { # name, sanitizers
  "$python" -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target "build/$1/package" \
    -C "build-dir=build/$1/cmake" -C "cmake.define.TVDR_SANITIZE=$2" .
}

# -P and -S keep the checkout and the editable install out of the way; PYTHONPATH puts back what they take.
run() { # name, libraries, command
  local name=$1 libraries=$2 preload=""
  shift 2
  for library in $libraries libstdc++; do preload="$preload $(gcc -print-file-name="$library.so")"; done
  local path
  path=$("$python" -c 'import sys; print(":".join(p for p in sys.path if p))')
  env LD_PRELOAD="$preload" PYTHONPATH="$PWD/build/$name/package:$path:$PWD" OMP_NUM_THREADS=1 "$python" -P -S "$@"
}

for which in "${@:-address thread}"; do
  for name in $which; do
    case $name in
      address)
        build asan address,undefined,float-cast-overflow
        # Python leaks by design. Not float-divide-by-zero: 1 / 0 is used on purpose where infinity is the answer.
        ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 run asan "libasan libubsan" -m pytest -q \
          --import-mode=append -p no:cacheprovider tests/ops tests/conformance
        ;;
      thread)
        build tsan thread
        # Without a fixed address space gcc's ThreadSanitizer may not find room for its shadow.
        TSAN_OPTIONS="suppressions=$PWD/tests/sanitize/tsan.supp ignore_noninstrumented_modules=1" run tsan libtsan \
          tests/sanitize/threads.py
        ;;
      *)
        echo "$name: wanted address or thread" >&2
        exit 2
        ;;
    esac
  done
done
