#!/usr/bin/env python3
"""Serve the cosign conformance cases from a loopback registry and judge a verifier with them.

    cosign_cases.py serve DIR [--port P]
    cosign_cases.py run DIR --signet PATH [--needs none|all|bundle,key,...] [--only ID,...] [--jobs N]

A case is one JSON file; cosign-cases/README.md explains its fields. Each case is judged by the exit
status of `PATH verify ARGS --at TIME --plain-http REFERENCE`: 0 accepts, 1 refuses, 2 could not check (counted
as a refusal and listed apart). Anything else, a signal or a timeout fails the case, whatever was expected; only
in cases that need "cli" is 64, a usage error, a refusal too.
"""
import argparse
import base64
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SIGNET = "signet"
DROPPED_FLAGS = ("--insecure-ignore-sct", "--insecure-ignore-tlog")  # Signet asks for neither log unless told to
REGISTRY_PLACE = "REGISTRY"
FILE_MARK = "FILE:"


# ---- the corpus

def load_cases(folder):
    files = sorted(Path(folder).glob("*.json"))
    if not files:
        sys.exit(f"no cases in {folder}")
    return [json.loads(f.read_text(encoding="utf-8")) for f in files]


def selected(case, needs, only):
    if only:
        return case["id"] in only
    return needs == "all" or set(case["needs"]) <= needs


# ---- the registry

class Repository:
    """What one case serves under one repository name: manifests by tag and digest, blobs, referrers."""

    def __init__(self, content, blobs):
        self.manifests = {}
        for name, entry in content["manifests"].items():
            body = base64.b64decode(entry["body_base64"])
            digest = "sha256:" + hashlib.sha256(body).hexdigest()
            served = (entry["mediaType"], body, digest)
            self.manifests[name] = self.manifests[digest] = served
        self.blobs = {d: ("application/octet-stream", base64.b64decode(b), d) for d, b in blobs.items()}
        self.referrers = {d: (entry["mediaType"], base64.b64decode(entry["body_base64"]), None)
                          for d, entry in content.get("referrers", {}).items()}

    def find(self, kind, name):
        return getattr(self, kind).get(name)


def repositories_of(cases):
    found = {}
    for case in cases:
        contents = {case["repository"]: case} | case.get("other_repositories", {})
        for name, content in contents.items():
            found[name] = Repository(content, case["blobs"])
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    repositories = {}
    PATH = re.compile(r"^/v2/(?P<repository>.+)/(?P<kind>manifests|blobs|referrers)/(?P<name>[^/]+)$")

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path.rstrip("/") == "/v2":
            return self.answer(200, "application/json", b"{}", None)
        m = self.PATH.match(path)
        repository = self.repositories.get(m["repository"]) if m else None
        found = repository.find(m["kind"], m["name"]) if repository else None
        if found is None:
            code = "BLOB_UNKNOWN" if m and m["kind"] == "blobs" else "MANIFEST_UNKNOWN"
            body = json.dumps({"errors": [{"code": code, "message": code}]}).encode()
            return self.answer(404, "application/json", body, None)
        return self.answer(200, *found)

    do_HEAD = do_GET

    def answer(self, status, media_type, body, digest):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if digest:
            self.send_header("Docker-Content-Digest", digest)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # a verifier that hangs up early is its own business


def open_registry(cases, port=0):
    handler = type("CaseHandler", (Handler,), {"repositories": repositories_of(cases)})
    return Server(("127.0.0.1", port), handler)


# ---- running one case

def unpack_files(case, folder):
    for name, content in case["files"].items():
        raw = content.encode() if isinstance(content, str) else base64.b64decode(content["base64"])
        (folder / name).write_bytes(raw)


def command_of(case, signet, host, folder, as_cosign):
    def fill(text):
        return text.replace(FILE_MARK, f"{folder}{os.sep}").replace(REGISTRY_PLACE, host)

    args = case["args"]
    if not as_cosign:
        args = [a for a in case.get("signet_args", args) if a not in DROPPED_FLAGS]
    references = [case["reference"], *case.get("more_references", [])]
    command = [signet, "verify", *map(fill, args), "--at", case["at"], "--plain-http", *map(fill, references)]
    return command, {k: fill(v) for k, v in case.get("env", {}).items()}


def outcome_of(case, status):
    if status == 64 and "cli" in case["needs"]:
        return "reject"
    return {0: "accept", 1: "reject", 2: "could not check"}.get(status, f"status {status}")


class Result:
    def __init__(self, case, expected, got, said):
        self.case, self.expected, self.got, self.said = case, expected, got, said
        refused = got in ("reject", "could not check")
        self.passed = got == expected or (refused and expected == "reject") or \
            (expected == "either" and (refused or got == "accept")) or \
            (expected == "crash" and got.startswith("status"))
        self.wrong_accept = not self.passed and got == "accept"

    def line(self):
        mark = "WRONG ACCEPT " if self.wrong_accept else "wrong "
        return f"{mark}{self.case['id']}: expected {self.expected}, got {self.got}: {self.case['title']} | {self.said}"


def run_case(case, signet, host, expected, as_cosign, timeout_s):
    with tempfile.TemporaryDirectory() as folder:
        unpack_files(case, Path(folder))
        command, env = command_of(case, signet, host, folder, as_cosign)
        try:
            done = subprocess.run(command, env=os.environ | env, stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, errors="replace", timeout=timeout_s)
            status, text = done.returncode, done.stderr
        except subprocess.TimeoutExpired:
            status, text = 124, "no answer in time"
    lines = text.strip().splitlines()
    return Result(case, expected, outcome_of(case, status), lines[-1][:300] if lines else "")


def expectation(case, against):
    return case["signet"] if against == SIGNET else case["verdicts"].get(against)


def run_cases(cases, signet, host, against=SIGNET, jobs=2, timeout_s=60):
    def one(case):
        return run_case(case, signet, host, expectation(case, against), against != SIGNET, timeout_s)

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, cases))


# ---- the two commands

def serve(options):
    cases = load_cases(options.dir)
    server = open_registry(cases, options.port)
    print(f"{len(cases)} cases at 127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    return 0


def run(options):
    if not os.access(options.signet, os.X_OK):
        sys.exit(f"not a program: {options.signet}")
    cases = load_cases(options.dir)
    needs = "all" if options.needs == "all" else set(options.needs.split(",")) - {"none"}
    only = set(options.only.split(",")) if options.only else None
    chosen = [c for c in cases if selected(c, needs, only) and expectation(c, options.against)]
    server = open_registry(chosen)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    results = run_cases(chosen, options.signet, host, options.against, options.jobs, options.timeout)
    server.shutdown()

    wrong = [r for r in results if not r.passed]
    for result in sorted(wrong, key=lambda r: (not r.wrong_accept, r.case["id"])):
        print(result.line())
    unchecked = [r.case["id"] for r in results if r.passed and r.got == "could not check"]
    if unchecked:
        print(f"could not check (counted as refused): {' '.join(unchecked)}")
    print(f"{len(results) - len(wrong)} passed, {len(wrong)} failed, {len(cases) - len(chosen)} skipped")
    return 1 if wrong or not results else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("serve", help="serve the cases until interrupted")
    one.add_argument("dir")
    one.add_argument("--port", type=int, default=0, help="0 takes a free one")
    one.set_defaults(run=serve)
    two = commands.add_parser("run", help="judge a verifier")
    two.add_argument("dir")
    two.add_argument("--signet", required=True, metavar="PATH", help="the program to judge")
    two.add_argument("--needs", default="none", help="run cases that need nothing else than these (none, all, a,b,c)")
    two.add_argument("--only", help="these ids, whatever they need")
    two.add_argument("--jobs", type=int, default=2)
    two.add_argument("--timeout", type=float, default=60, help="seconds for one case")
    two.add_argument("--against", default=SIGNET, metavar="COLUMN",
                     help="signet, or a version of `verdicts`: then the arguments are cosign's own, for an adapter")
    two.set_defaults(run=run)
    options = parser.parse_args()
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
