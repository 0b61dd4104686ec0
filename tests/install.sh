#!/usr/bin/env bash
# Installs the Debian packages that a build needs, and with the word "test" also those of the tests.
# Calls apt-get only when one is missing. Usage: tests/install.sh [test]
set -euo pipefail

build=(g++ cmake ninja-build pkg-config libboost1.81-dev libssl-dev libyaml-cpp-dev libyaml-dev
  nlohmann-json3-dev prometheus-cpp-dev libsimdjson-dev libre2-dev libspdlog-dev libcli11-dev
  libpsl-dev)
test=(ccache libgtest-dev libbenchmark-dev clang-14 libclang-rt-14-dev llvm-14 clang-format-14
  binutils buildah mmdebstrap debian-archive-keyring git openssl ca-certificates curl python3 python3-pip python3-prometheus-client docker-registry apache2-utils
  wrk nginx-light etcd-server iproute2 prometheus chromium fonts-dejavu-core python3-pytest python3-yaml python3-jsonschema zsh)
command -v npm >/dev/null || test+=(npm)

wanted=("${build[@]}")
if [[ "${1:-}" == test ]]; then wanted+=("${test[@]}"); fi

fail() {
  echo "install: $1" >&2
  echo "install: Signet needs these Debian packages: ${wanted[*]}" >&2
  exit 1
}

installed() { [[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }

command -v dpkg-query >/dev/null || fail "this is not Debian; install the packages by hand and build with CMake"

missing=()
for package in "${wanted[@]}"; do
  installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then exit 0; fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "missing: ${missing[*]}; run this as root, or install sudo"
  as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }

echo "install: ${missing[*]}"
apt update >/dev/null || fail "apt-get update failed"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! apt install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null; then
  tail -n 20 "$log" >&2
  fail "apt-get could not install: ${missing[*]}"
fi
