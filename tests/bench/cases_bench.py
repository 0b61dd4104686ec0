#!/usr/bin/env python3
"""How long `signet policy test` takes for 1,000 recorded cases: cases_bench.py SIGNET [--cases N]

The cases are those of every reason code, under other names; SIGNET is a Release program.
"""
import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import yaml

REASONS = Path(__file__).resolve().parents[1] / 'reasons'
RUNS = 5


def write_cases(folder, count):
    document = yaml.safe_load((REASONS / 'reasons.cases.yaml').read_text(encoding='utf-8'))
    cases = document['cases']
    document |= {member: [str(REASONS / name) for name in document[member]] for member in ('policies', 'evidence')}
    for case in cases:
        case |= {member: [str(REASONS / name) for name in case[member]]
                 for member in ('policies', 'evidence') if member in case}
        if 'review' in case:
            case['review'] = str(REASONS / case['review'])
    many = [cases[i % len(cases)] | {'name': f'{cases[i % len(cases)]["name"]}, {i}'} for i in range(count)]
    for begin in range(0, count, 250):
        part = document | {'cases': many[begin:begin + 250]}
        (folder / f'part-{begin}.cases.yaml').write_text(yaml.dump(part, Dumper=Plain), encoding='utf-8')


class Plain(yaml.SafeDumper):
    """Without anchors, which Signet does not read."""

    def ignore_aliases(self, data):
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('signet')
    parser.add_argument('--cases', type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_cases(Path(folder), arguments.cases)
        took = []
        for _ in range(RUNS):
            began = time.monotonic()
            done = subprocess.run([arguments.signet, 'policy', 'test', folder], check=True, capture_output=True, text=True)
            took.append(time.monotonic() - began)
    print(f'{done.stdout.splitlines()[-1]}; seconds of {RUNS} runs: {", ".join(f"{t:.2f}" for t in sorted(took))}')


if __name__ == '__main__':
    main()
