#!/usr/bin/env python3
"""What a review costs, beside servers that decide nothing: serve_bench.py BUILD [--seconds N] [--counts] [--growth] [--soak N]

BUILD is a Release build with -DBENCH=ON. Server and load have a core each. All figures of one table come from one
run, so that their ratios hold on any machine; --counts and --growth add instruction counts by callgrind, which repeat
from run to run, and --soak looks for memory that grows. Needs wrk, nginx, taskset; the counts need valgrind.
"""
import argparse
import base64
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'e2e')]

from registry import free_port  # noqa: E402
from reviews import review  # noqa: E402
from servers import LOAD_CORE, Empty, Nginx, Server, Signet, Stage, pinned  # noqa: E402

CONNECTIONS = (1, 16, 128)
QUERY = '?timeout=10s'


def wrk(server, path, body_file, connections, seconds):
    """(requests a second, CPU milliseconds of the server a request, p99 in ms)"""
    script = body_file.with_suffix('.lua')
    script.write_text('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                      f'local f = io.open("{body_file}", "rb")\nwrk.body = f:read("*a")\nf:close()\n', encoding='utf-8')
    before = server.cpu_seconds()
    said = subprocess.run(pinned(LOAD_CORE, ['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', '--latency', '-s',
                                             script, f'https://127.0.0.1:{server.port}{path}{QUERY}']),
                          check=True, capture_output=True, text=True).stdout
    used = server.cpu_seconds() - before
    if 'Non-2xx' in said or 'Socket errors' in said:
        raise RuntimeError(f'{server.name} did not answer all:\n{said}')
    requests = int(re.search(r'(\d+) requests in', said)[1])
    late = re.search(r'99%\s+([\d.]+)(us|ms|s)', said)
    scale = {'us': 0.001, 'ms': 1, 's': 1000}[late[2]]
    return float(re.search(r'Requests/sec:\s+([\d.]+)', said)[1]), used * 1000 / requests, float(late[1]) * scale


def paced(build, server, body_file, rate, seconds):
    said = subprocess.run(pinned(LOAD_CORE, [Path(build) / 'tests/bench/paced_load', server.port, f'/validate{QUERY}',
                                             body_file, 16, rate, seconds]),
                          check=True, capture_output=True, text=True).stdout
    return json.loads(said)


def body_in(folder, name, text):
    file = Path(folder) / f'{name}.json'
    file.write_text(text, encoding='utf-8')
    return file


def admitted(answer):
    if not json.loads(answer)['response']['allowed']:
        raise RuntimeError(f'an image of the benchmark was denied: {answer}')
    return answer


def table_of_rates(build, folder, stage, seconds):
    validate = body_in(folder, 'validate', review([image['pinned'] for image in stage.images[:3]]))
    mutate = body_in(folder, 'mutate', review([image['tag'] for image in stage.images[:3]]))
    signet = Signet(build, stage, folder)
    answer = admitted(signet.post(f'/validate{QUERY}', validate.read_text()))
    signet.post(f'/mutate{QUERY}', mutate.read_text())
    idle = signet.resident_mib()
    empty, nginx = Empty(build, stage, folder, answer), Nginx(stage, folder, free_port())
    print(f'A Pod of {validate.stat().st_size} bytes, 3 images, TLS keep-alive; reviews a second, CPU ms a review')
    ratios, rates, spent = {}, {}, {}
    for connections in CONNECTIONS:
        rows = [('nginx return 200', nginx, '/', validate), ('empty Beast server', empty, '/validate', validate),
                ('signet /validate', signet, '/validate', validate), ('signet /mutate', signet, '/mutate', mutate)]
        for name, server, path, body in rows:
            rates[name], spent[name], late = wrk(server, path, body, connections, seconds)
            print(f'  {connections:3d} connections  {name:20s} {rates[name]:9.0f}/s  {spent[name]:7.4f} ms CPU'
                  f'  p99 {late:7.2f} ms')
        ratios[connections] = rates['signet /validate'] / rates['empty Beast server']
    for connections, ratio in ratios.items():
        print(f'  warm / empty at {connections:3d} connections: {ratio:.2f} (at least 0.85)')
    both = spent['signet /validate'] + spent['signet /mutate']
    print(f'  CPU of a warm Pod, mutation and validation together: {both:.3f} ms (at most 0.1)')
    half = rates['signet /validate'] / 2
    measured = paced(build, signet, validate, half, seconds)
    print(f'  at half of that load ({half:.0f}/s): p50 {measured["p50_ms"]:.2f} ms, p99 {measured["p99_ms"]:.2f} ms '
          f'(at most 2)')
    print(f'  resident: {idle:.1f} MiB after the first review, {signet.resident_mib():.1f} MiB after all')
    for server in (signet, empty, nginx):
        server.close()
    return min(ratios.values()) >= 0.85 and both <= 0.1 and measured['p99_ms'] <= 2


def cold(build, folder, stage):
    signet = Signet(build, stage, folder)
    unseen = [review([image['pinned']]) for image in stage.images[3:]]
    before = signet.cpu_seconds()
    for answer in signet.post_many(f'/validate{QUERY}', unseen):
        admitted(answer)
    used = (signet.cpu_seconds() - before) * 1000 / len(unseen)
    print(f'  cold, {len(unseen)} images one by one from the registry: {used:.2f} ms CPU an image')
    signet.close()


def twenty(build, folder):
    """Seconds for both hooks of one Pod of 20 signed images, nothing of it known, 50 ms a registry's answer."""
    stage, took = Stage(build, Path(folder) / 'slow', 10, 20, delay_ms=50), []
    for _ in range(3):
        signet = Signet(build, stage, folder)
        begun = time.monotonic()
        patched = json.loads(signet.post(f'/mutate{QUERY}', review([image['tag'] for image in stage.images])))
        steps = json.loads(base64.b64decode(patched['response']['patch']))
        pinned_images = [step['value'] for step in steps if step['op'] == 'replace']
        admitted(signet.post(f'/validate{QUERY}', review(pinned_images)))
        took.append(time.monotonic() - begun)
        signet.close()
    stage.close()
    print(f'  cold, 20 images in one Pod, 50 ms a registry request, both hooks: {sorted(took)[1]:.2f} s (at most 0.5)')


def instructions(make, path, body, requests):
    """Instructions a request: the difference of two runs, so that start and end cancel out."""
    sums = []
    for count in (requests, 3 * requests):
        server: Server = make()
        server.post_many(path, [body] * (5 + count))
        server.close()
        sums.append(server.instructions())
    return (sums[1] - sums[0]) / (2 * requests)


def counts(build, folder, stage):
    body = review([image['pinned'] for image in stage.images[:3]])
    tags = review([image['tag'] for image in stage.images[:3]])
    signet = Signet(build, stage, folder)
    answer = admitted(signet.post(f'/validate{QUERY}', body))
    signet.close()
    path = f'/validate{QUERY}'
    rows = {
        'empty Beast server': instructions(lambda: Empty(build, stage, folder, answer, True), path, body, 100),
        'signet /validate': instructions(lambda: Signet(build, stage, folder, True), path, body, 100),
        'signet /mutate': instructions(lambda: Signet(build, stage, folder, True), f'/mutate{QUERY}', tags, 100)}
    print('Instructions a warm review (callgrind)')
    for name, value in rows.items():
        print(f'  {name:20s} {value:10.0f}  {value / rows["empty Beast server"]:.2f} x empty')


def growth(build, folder):
    print('How a warm review grows (instructions)')
    by_policies = {}
    for policies in (1, 10, 100, 500):
        stage = Stage(build, Path(folder) / f'stage-{policies}', policies, 100)
        body = review([image['pinned'] for image in stage.images[:3]])
        by_policies[policies] = instructions(lambda s=stage: Signet(build, s, folder, True), f'/validate{QUERY}',
                                             body, 20)
        print(f'  {policies:3d} policies   {by_policies[policies]:10.0f}')
        if policies == 10:
            for containers in (1, 3, 10, 30, 100):
                body = review([image['pinned'] for image in stage.images[:containers]])
                value = instructions(lambda s=stage: Signet(build, s, folder, True), f'/validate{QUERY}', body, 20)
                print(f'  {containers:3d} containers {value:10.0f}  {value / containers:8.0f} each')
        stage.close()
    print(f'  500 policies / 10 policies: {by_policies[500] / by_policies[10]:.2f} (at most 1.2)')


def soak(build, folder, stage, reviews):
    """Resident memory after a tenth of the reviews, and after all of them."""
    signet = Signet(build, stage, folder)
    body = body_in(folder, 'soak', review([image['pinned'] for image in stage.images[:3]]))
    admitted(signet.post(f'/validate{QUERY}', body.read_text()))
    rate, measured = wrk(signet, '/validate', body, 16, 2)[0], []
    for share in (0.1, 0.9):
        seconds = max(1, round(share * reviews / rate))
        wrk(signet, '/validate', body, 16, seconds)
        measured.append(signet.resident_mib())
    growth_percent = (measured[1] / measured[0] - 1) * 100
    print(f'  about {reviews} warm reviews: {measured[0]:.2f} MiB after a tenth, {measured[1]:.2f} MiB after all: '
          f'{growth_percent:+.2f} % (at most 1)')
    signet.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build')
    parser.add_argument('--seconds', type=int, default=5)
    parser.add_argument('--counts', action='store_true')
    parser.add_argument('--growth', action='store_true')
    parser.add_argument('--soak', type=int, default=0, metavar='REVIEWS')
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='signet-bench-') as folder:
        stage = Stage(asked.build, Path(folder) / 'stage', 10, 63)
        reached = table_of_rates(asked.build, folder, stage, asked.seconds)
        cold(asked.build, folder, stage)
        twenty(asked.build, folder)
        if asked.counts:
            counts(asked.build, folder, stage)
        if asked.soak:
            soak(asked.build, folder, stage, asked.soak)
        stage.close()
        if asked.growth:
            growth(asked.build, folder)
    return 0 if reached else 1


if __name__ == '__main__':
    sys.exit(main())
