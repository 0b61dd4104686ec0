#!/usr/bin/env python3
"""How soon `signet serve` is ready, and what memory it holds then: serve_start.py PROGRAM.

Prints the best of a few starts beside the figures it must reach; ends with 1 where one is missed.
"""
import re
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'e2e'))

import serving  # noqa: E402

STARTS = 5
READY_S = 0.2
RESIDENT_MIB = 20
POLICY = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: none}
spec:
  match: {images: ["**"]}
  authorities: [{name: nobody, static: {action: deny, message: "measured"}}]
'''


def resident_mib(process):
    status = Path(f'/proc/{process}/status').read_text(encoding='utf-8')
    return int(re.search(r'VmRSS:\s+(\d+) kB', status)[1]) / 1024


def measure(program, folder):
    """(seconds until /readyz answers 200, MiB after a review)"""
    started = []
    server = serving.Serve(program, folder, POLICY, {}, on_start=lambda: started.append(time.monotonic()))
    try:
        while server.plain('health', '/readyz')[0] != 200:
            time.sleep(0.001)
        ready = time.monotonic() - started[0]
        server.review('/validate', serving.pod_of('registry.example/web:v1'))
        time.sleep(0.2)
        return ready, resident_mib(server.process.pid)
    finally:
        server.close()


def main(program):
    with tempfile.TemporaryDirectory(prefix='signet-bench-') as place:
        measured = [measure(program, Path(place) / str(n)) for n in range(STARTS)]
    ready, resident = min(m[0] for m in measured), min(m[1] for m in measured)
    print(f'signet serve: ready in {ready * 1000:.0f} ms (at most {READY_S * 1000:.0f}), '
          f'resident {resident:.1f} MiB (at most {RESIDENT_MIB})')
    return 0 if ready <= READY_S and resident <= RESIDENT_MIB else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
