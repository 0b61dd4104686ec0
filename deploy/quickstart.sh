#!/usr/bin/env bash
# Installs what is missing (Debian 12), builds Signet into build/ and shows it at work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tests/install.sh
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DTESTS=OFF -DCMAKE_UNITY_BUILD=ON --log-level=WARNING
ninja -C build signet
build/signet demo
