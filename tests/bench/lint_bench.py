#!/usr/bin/env python3
"""How long `signet policy lint` takes for 500 policies: lint_bench.py SIGNET [RUNS]. Prints milliseconds, judges nothing."""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

POLICIES = 500
ROOT = (pathlib.Path(__file__).resolve().parents[1] / 'lint-cases' / 'root.pem').read_text()

TRUST_ROOT = '''apiVersion: signet.dev/v1alpha1
kind: TrustRoot
metadata: {name: linuxera}
spec:
  certificateAuthorities:
    - roots:
        pem: |
''' + ''.join(f'          {line}\n' for line in ROOT.splitlines())

POLICY = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata:
  name: team-%(i)d
spec:
  mode: enforce
  match:
    images: ["registry.example.com/team-%(i)d/**", "*.mirror-%(i)d.example.com/**"]
    exclude: ["registry.example.com/team-%(i)d/scratch/**"]
    namespaces: ["team-%(i)d-*"]
  authorities:
    - name: team
      certificate:
        trustRootRef: {name: linuxera}
        identities:
          - subjectRegExp: 'team-%(i)d-[a-z]+@linuxera\\.org'
            issuerRegExp: 'https://(login\\.)?linuxera\\.org'
          - subject: release-%(i)d@linuxera.org
            issuer: https://linuxera.org
  message: "ask #team-%(i)d"
'''


def main():
    signet = sys.argv[1]
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / 'root.yaml').write_text(TRUST_ROOT)
        for i in range(POLICIES):
            (pathlib.Path(folder) / f'team-{i}.yaml').write_text(POLICY % {'i': i})
        took = []
        for _ in range(runs):
            start = time.monotonic()
            done = subprocess.run([signet, 'policy', 'lint', folder], capture_output=True, text=True, check=False)
            took.append((time.monotonic() - start) * 1000)
            if done.returncode != 0:
                sys.exit(done.stdout + done.stderr)
    print(f'policies {POLICIES}  runs {runs}  least {min(took):.0f} ms  median {statistics.median(took):.0f} ms  '
          f'most {max(took):.0f} ms  {done.stdout.strip()}')


if __name__ == '__main__':
    main()
