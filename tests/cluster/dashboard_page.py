#!/usr/bin/env python3
"""The dashboard in a real browser: a page draws its panels from Prometheus, and Chromium shows it.

As a program it writes the picture of a running Prometheus: dashboard_page.py URL SECONDS PICTURE [HEIGHT]
"""
import html
import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'e2e'))

import tools  # noqa: E402

HERE = Path(__file__).resolve().parent
UPLOT = 'uplot@1.6.32'
WIDTH, HEIGHT = 1400, 4400
PATIENCE_S = 240


def uplot():
    """Its folder, with the version that is pinned."""
    home = tools.cache() / UPLOT.replace('@', '-')
    if not home.exists():
        part = Path(f'{home}.part')
        subprocess.run(['npm', 'install', '--silent', '--no-save', '--ignore-scripts', '--prefix', part, UPLOT], check=True,
                       capture_output=True)
        part.rename(home)
    return home / 'node_modules' / 'uplot' / 'dist'


def write(folder, board, prometheus, seconds):
    folder.mkdir(parents=True, exist_ok=True)
    text = (HERE / 'dashboard.html').read_text()
    for name, value in {'@BOARD@': json.dumps(board).replace('</', '<\\/'), '@PROMETHEUS@': prometheus,
                        '@SECONDS@': str(seconds), '@UPLOT_CSS@': (uplot() / 'uPlot.min.css').read_text(),
                        '@UPLOT_JS@': (uplot() / 'uPlot.iife.min.js').read_text()}.items():
        text = text.replace(name, value)
    page = folder / 'dashboard.html'
    page.write_text(text)
    return page


def browse(folder, page, *more, height=HEIGHT):
    """What Chromium prints once the page has come to rest."""
    command = ['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
               '--hide-scrollbars', f'--user-data-dir={folder / "profile"}', f'--window-size={WIDTH},{height}',
               '--virtual-time-budget=60000', *more, page.as_uri()]
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, timeout=PATIENCE_S)
    if done.returncode:
        raise RuntimeError(f'chromium ended with {done.returncode}:\n{done.stderr[-3000:]}')
    return done.stdout


def look(folder, board, prometheus, seconds):
    """What became of each panel, by its title: "drawn", "empty", or what went wrong."""
    dom = browse(folder, write(folder, board, prometheus, seconds), '--dump-dom')
    found = re.search(r'<script id="result" type="application/json">(.*?)</script>', dom, re.S)
    if not found or not found[1]:
        raise RuntimeError('the page did not come to its end:\n' + dom[-2000:])
    return json.loads(html.unescape(found[1]))


def main(url, seconds, picture, height=HEIGHT):
    board = json.loads((HERE.parents[1] / 'charts' / 'signet' / 'files' / 'dashboard.json').read_text())
    folder = Path(picture).resolve().parent
    browse(folder, write(folder, board, url, int(seconds)), f'--screenshot={Path(picture).resolve()}', height=int(height))


if __name__ == '__main__':
    main(*sys.argv[1:])
