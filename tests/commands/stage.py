"""Real images to judge: what `signet demo` signs, while it stays up. SIGNET names the program."""
import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile

SIGNET = os.environ['SIGNET']
REPOSITORY = 'registry.example/shop'


def run(*words, **more):
    return subprocess.run([SIGNET, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=60, **more)


@contextlib.contextmanager
def demo():
    """The folder of a demonstration: policy.yaml, and in layout/ six images of REPOSITORY."""
    with tempfile.TemporaryDirectory(prefix='signet-commands-') as place:
        process = subprocess.Popen([SIGNET, 'demo', '--keep'], env=os.environ | {'TMPDIR': place},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            with process.stdout as lines:
                for line in lines:
                    if line.strip().startswith('--data'):
                        break
                yield next(pathlib.Path(place).iterdir())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def trust(folder):
    return ['--policy', f'{folder}/policy.yaml', '--layout', f'{REPOSITORY}={folder}/layout']


def image(tag):
    return f'{REPOSITORY}:{tag}'
