"""The files that the lints judge: our own sources, as paths from the root of the project."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = ('core', 'server', 'tests')


def sources(places=PLACES, suffixes=('.cpp', '.hpp')):
    found = [p.relative_to(ROOT).as_posix() for place in places for p in (ROOT / place).rglob('*')
             if p.suffix in suffixes and p.is_file()]
    if not found:
        raise RuntimeError(f'no sources in {places}')
    return sorted(found)


def read(path):
    return (ROOT / path).read_text(encoding='utf-8')
