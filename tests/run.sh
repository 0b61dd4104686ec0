#!/usr/bin/env bash
# All tests of Signet. Four builds, each with warnings as errors:
#   build/        g++, Release: README's first command, and the benchmarks
#   build-clang/  clang 14: compiles the program, each file by itself, and the fuzz targets; to search
#                 with them: ctest --test-dir build-clang -L fuzz
#   build-image/  the image with g++ 14 on Debian 13, and the unit tests in it
#   build-test/   g++ with ASan and UBSan: unit, service, conformance, e2e, cluster, lints, and the
#                 corpora of the fuzz targets with mutations
# All but clang's compile several files as one, which takes a third of the time.
# kube-apiserver is built meanwhile, once for all clones.
# The last line is the count. With CI=true a skipped test is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

jobs=$(nproc)
# A compiler cache serves every clone, wherever it lies.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=true
export CTEST_OUTPUT_ON_FAILURE=1 CTEST_PARALLEL_LEVEL=$jobs
total=0 failed=0 skipped=0 started=$SECONDS

stage() { printf '\n== %s (%d:%02d)\n' "$1" $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)); }

# configure DIR CMAKE-ARGUMENTS...
configure() {
  local launcher=()
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  cmake -S . -G Ninja --log-level=WARNING "${launcher[@]}" -B "$@"
}

# count DIR CTEST-ARGUMENTS...: runs tests and adds them to the sum.
count() {
  local log line
  log=$(mktemp)
  ctest --test-dir "$1" --no-tests=error "${@:2}" 2>&1 | tee "$log" || true
  line=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests failed out of [0-9]+' "$log" | tail -n 1)
  if [[ -z "$line" ]]; then
    echo "ctest in $1 gave no count" >&2
    rm -f "$log"
    exit 1
  fi
  skipped=$((skipped + $(grep -cE '\*\*\*(Skipped|Not Run)' "$log" || true)))
  rm -f "$log"
  line=${line#*, }
  failed=$((failed + ${line%% *}))
  total=$((total + ${line##* }))
}

stage "packages"
tests/install.sh test

stage "release build and README's first command"
configure build -DCMAKE_BUILD_TYPE=Release -DTESTS=OFF -DBENCH=ON -DCMAKE_UNITY_BUILD=ON
ninja -C build -j "$jobs"
deploy/quickstart.sh

stage "benchmarks"
# Figures are printed, not judged: a busy machine is no defect.
build/tests/bench/signet_bench || echo "a figure was missed"
build/tests/bench/policy_bench || echo "a figure was missed"
tests/bench/lint_bench.py build/signet || echo "a figure was missed"
tests/bench/cases_bench.py build/signet || echo "a figure was missed"
tests/bench/review_bench.py build/signet build/tests/bench/review_stage || echo "a figure was missed"
tests/bench/serve_start.py build/signet || echo "a figure was missed"
tests/bench/serve_bench.py build --seconds 2 || echo "a figure was missed"

# Its own test says what went wrong.
nice tests/cluster/assets.py >/dev/null 2>&1 &
assets=$!

stage "clang build"
configure build-clang -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -gline-tables-only" -DTESTS=OFF -DFUZZ=ON
ninja -C build-clang -j "$jobs"

stage "image"
# Its own test says what is wrong with what came of it.
as_root=()
if ((EUID != 0)); then as_root=(sudo); fi
rm -rf build-image/build.log build-image/rootfs
"${as_root[@]}" deploy/release/image.sh build-image >/dev/null || tail -n 40 build-image/build.log

stage "sanitizer build"
configure build-test -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O0 -g1" \
  -DSANITIZE=address,undefined -DCMAKE_UNITY_BUILD=ON \
  -DSERVED_PROGRAM="$PWD/build/signet" -DBUILT_IMAGE="$PWD/build-image"
ninja -C build-test -j "$jobs"

stage "all tests"
wait "$assets" || true
count build-test

stage "done"
if ((skipped > 0)); then
  echo "$skipped tests skipped"
  if [[ "${CI:-}" == true ]]; then failed=$((failed + skipped)); fi
fi
echo "$(((total - failed) * 100 / total))% tests passed, $failed tests failed out of $total"
((failed == 0))
