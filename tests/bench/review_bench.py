#!/usr/bin/env python3
"""How fast `signet review` is, and what memory it takes: review_bench.py PROGRAM STAGE.

STAGE is the program review_stage. 10,000 pods of 500 images (30 MB of YAML), and the same up to 100 MB, with recorded
evidence. Prints seconds and the peak of the resident memory beside the figures to reach; ends with 1 where one is
missed.
"""
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IMAGES = 500
TEAMS = 50
PODS = 10_000
SECONDS = 5
RESIDENT_MIB = 128
RUNS = 3
POD = '''- apiVersion: v1
  kind: Pod
  metadata:
    annotations:
      checksum/config: 2f0b1e3f4b0a{i}
      prometheus.io/port: "8080"
      prometheus.io/scrape: "true"
    creationTimestamp: "2026-11-01T08:00:00Z"
    generateName: app-{a}-7d9c6b5f4d-
    labels:
      app: app-{a}
      pod-template-hash: 7d9c6b5f4d
    name: app-{a}-7d9c6b5f4d-{i}
    namespace: team-{ns}
    ownerReferences:
    - apiVersion: apps/v1
      blockOwnerDeletion: true
      controller: true
      kind: ReplicaSet
      name: app-{a}-7d9c6b5f4d
      uid: 0f1e2d3c-0000-4000-8000-{i:012d}
    resourceVersion: "{i}"
    uid: 1f1e2d3c-0000-4000-8000-{i:012d}
  spec:
    containers:
    - env:
      - name: POD_NAME
        valueFrom:
          fieldRef:
            apiVersion: v1
            fieldPath: metadata.name
      - name: LOG_LEVEL
        value: info
      image: registry.example.com/team-{ns}/app-{a}:1.{a}
      imagePullPolicy: IfNotPresent
      livenessProbe:
        failureThreshold: 3
        httpGet:
          path: /healthz
          port: http
          scheme: HTTP
        periodSeconds: 10
        successThreshold: 1
        timeoutSeconds: 1
      name: app
      ports:
      - containerPort: 8080
        name: http
        protocol: TCP
      resources:
        limits:
          cpu: 500m
          memory: 256Mi
        requests:
          cpu: 100m
          memory: 128Mi
      terminationMessagePath: /dev/termination-log
      terminationMessagePolicy: File
      volumeMounts:
      - mountPath: /var/run/secrets/kubernetes.io/serviceaccount
        name: kube-api-access-{i}
        readOnly: true
    dnsPolicy: ClusterFirst
    enableServiceLinks: true
    nodeName: node-{i}
    preemptionPolicy: PreemptLowerPriority
    priority: 0
    restartPolicy: Always
    schedulerName: default-scheduler
    securityContext: {{}}
    serviceAccount: default
    serviceAccountName: default
    terminationGracePeriodSeconds: 30
    tolerations:
    - effect: NoExecute
      key: node.kubernetes.io/not-ready
      operator: Exists
      tolerationSeconds: 300
    volumes:
    - name: kube-api-access-{i}
      projected:
        defaultMode: 420
        sources:
        - serviceAccountToken:
            expirationSeconds: 3607
            path: token
  status:
    conditions:
    - lastProbeTime: null
      lastTransitionTime: "2026-11-01T08:00:05Z"
      status: "True"
      type: Ready
    containerStatuses:
    - containerID: containerd://a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5
      image: registry.example.com/team-{ns}/app-{a}:1.{a}
      imageID: registry.example.com/team-{ns}/app-{a}@sha256:a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5a3f5
      lastState: {{}}
      name: app
      ready: true
      restartCount: 0
      started: true
      state:
        running:
          startedAt: "2026-11-01T08:00:04Z"
    hostIP: 192.0.2.1
    phase: Running
    podIP: 192.0.2.77
    qosClass: Burstable
    startTime: "2026-11-01T08:00:00Z"
'''


def image(number):
    return f'registry.example.com/team-{number % TEAMS}/app-{number}:1.{number}'


def write_pods(path, count):
    with open(path, 'w', encoding='utf-8') as out:
        out.write('apiVersion: v1\nitems:\n')
        for number in range(count):
            out.write(POD.format(i=number, a=number % IMAGES, ns=number % TEAMS))
        out.write('kind: List\nmetadata:\n  resourceVersion: ""\n')
    return path.stat().st_size / 1e6


def record(program, place):
    """The evidence of every image, by the program's own recorder."""
    evidence = place / 'bench.evidence.json'
    images = [word for number in range(IMAGES) for word in ('--record', image(number))]
    layouts = [word for team in range(TEAMS)
               for word in ('--layout', f'registry.example.com/team-{team}={place}/team-{team}')]
    subprocess.run([program, 'policy', 'test', str(place / 'policy.yaml'), *images, *layouts,
                    '--output', str(evidence)], check=True, stdout=subprocess.DEVNULL)
    return evidence


def run(command):
    """(seconds, MiB, exit code, what it said)"""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, usage.ru_maxrss / 1024, process.returncode, said


def measure(program, place, evidence, pods):
    path = place / 'pods.yaml'
    megabytes = write_pods(path, pods)
    command = [program, 'review', '--policy', str(place / 'policy.yaml'), '--evidence', str(evidence), '--summary',
               str(path)]
    results = [run(command) for _ in range(RUNS)]
    for _, _, code, said in results:
        if code != 1 or f'{pods} objects, {IMAGES} workloads, {IMAGES} images' not in said:
            sys.exit(f'the review went wrong ({code}):\n{said}')
    seconds = min(result[0] for result in results)
    memory = max(result[1] for result in results)
    print(f'{pods} pods, {megabytes:.0f} MB, {IMAGES} images: {seconds:.2f} s, {memory:.0f} MiB')
    return seconds, memory


def main(program, stage):
    with tempfile.TemporaryDirectory(prefix='signet-bench-') as folder:
        place = Path(folder)
        subprocess.run([stage, folder, str(IMAGES)], check=True)
        evidence = record(program, place)
        seconds, memory = measure(program, place, evidence, PODS)
        _, memory_of_more = measure(program, place, evidence, PODS * 10 // 3)
    print(f'to reach: {SECONDS} s for 30 MB; {RESIDENT_MIB} MiB for both')
    return 0 if seconds <= SECONDS and max(memory, memory_of_more) <= RESIDENT_MIB else 1


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
