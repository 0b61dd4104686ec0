#!/usr/bin/env python3
"""The scripts of `signet completion` in real shells: bash and zsh on a terminal, with the key that completes."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from stage import SIGNET, run
from terminal import Terminal

ESCAPE = re.compile(r'\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|[\r\x07]')


def seen(text):
    """What stands on the terminal: without escape sequences, and without what was taken back."""
    return re.sub('.\x08', '', ESCAPE.sub('', text))


def script(shell):
    done = run('completion', shell)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Place(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix='signet-completion-')
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        for shell in ('bash', 'zsh'):
            (self.place / f'script.{shell}').write_text(script(shell))
        (self.place / 'policy one.yaml').touch()
        (self.place / 'policies').mkdir()
        (self.place / 'root.pem').touch()


class BashTest(Place):
    def offered(self, line):
        """What bash would offer behind `line`, which is taken apart as bash does it."""
        words = [w for w in re.split(r'(=)| ', line) if w is not None and w != ''] + ([''] if line[-1] in ' =' else [])
        if words[-1] == '' and words[-2] == '=':
            words.pop()
        code = ('source script.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _signet; '
                'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(['bash', '--norc', '--noprofile', '-c', code, 'bash', *words], cwd=self.place,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        return done.stdout.split('\n')[:-1] if done.stdout.strip() else []

    def test_is_clean_bash(self):
        done = subprocess.run(['bash', '-n', 'script.bash'], cwd=self.place, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        done = subprocess.run(['bash', '-c', 'source script.bash; complete -p signet'], cwd=self.place,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout, 'complete -F _signet signet\n')

    def test_commands(self):
        self.assertEqual(self.offered('signet ver'), ['verify'])
        self.assertLessEqual({'serve', 'verify', 'inspect', 'demo', 'completion', 'policy'}, set(self.offered('signet ')))
        self.assertEqual(self.offered('signet policy li'), ['lint'])
        self.assertEqual(self.offered('signet verify policy li'), [])

    def test_flags(self):
        self.assertEqual(self.offered('signet verify --pol'), ['--policy'])
        self.assertEqual(self.offered('signet inspect --pol'), [])
        self.assertEqual(self.offered('signet verify --policy p.yaml example.com/web:1 --exp'), ['--explain'])
        self.assertEqual(self.offered('signet --ver'), ['--version'])

    def test_words(self):
        for line in ('signet verify --output ', 'signet verify -o ', 'signet verify --output='):
            self.assertEqual(self.offered(line), ['text', 'json'], line)
        self.assertEqual(self.offered('signet verify --output=j'), ['json'])
        self.assertEqual(self.offered('signet completion '), ['bash', 'zsh'])
        self.assertEqual(self.offered('signet serve --log-level d'), ['debug'])

    def test_files(self):
        self.assertEqual(sorted(self.offered('signet verify --policy pol')), ['policies', 'policy one.yaml'])
        self.assertEqual(self.offered('signet verify --ca-roots=ro'), ['root.pem'])
        self.assertEqual(self.offered('signet policy lint ro'), ['root.pem'])
        self.assertEqual(self.offered('signet verify --certificate-identity ro'), [])

    def test_every_flag_of_every_page_is_offered(self):
        for command in ('verify', 'inspect', 'serve', 'demo', 'policy lint'):
            page = run(*command.split(), '--help').stdout
            flags = set(re.findall(r'^  (?:-\w, )?(--[\w-]+)', page.split('\nExamples:')[0], re.M))
            self.assertLessEqual(flags, set(self.offered(f'signet {command} --')), command)

    def test_on_a_terminal(self):
        with Terminal(['bash', '--norc', '--noprofile', '-i'], PS1='ready> ', INPUTRC='/dev/null') as shell:
            shell.until(lambda text: 'ready> ' in text)
            shell.type(f'cd {self.place} && source script.bash\n')
            shell.until(lambda text: text.count('ready> ') > 0 and 'script.bash' in text)
            shell.type('signet ver\t--pol\tpolicy\\ o\t')
            shell.until(lambda text: 'signet verify --policy policy\\ one.yaml ' in seen(text))


class ZshTest(Place):
    def test_is_clean_zsh(self):
        done = subprocess.run(['zsh', '-f', '-n', 'script.zsh'], cwd=self.place, capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))

    def completed(self, line, wanted, by_path=False):
        functions = self.place / 'functions'
        functions.mkdir(exist_ok=True)
        (functions / '_signet').write_text(script('zsh'))
        start = 'autoload -Uz compinit; compinit -u -D; source script.zsh'
        if by_path:
            start = 'fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -D'
        with Terminal(['zsh', '-f', '-i'], PROMPT='ready> ', PS1='ready> ', ZDOTDIR=str(self.place)) as shell:
            shell.until(lambda text: 'ready> ' in seen(text))
            shell.type(f'cd {self.place}; {start}; echo lo''aded\n')
            shell.until(lambda text: '\nloaded' in seen(text) and seen(text).rstrip().endswith('ready>'))
            shell.type(line)
            shell.until(lambda text: wanted in seen(text))

    def test_commands_flags_words_and_files(self):
        self.completed('signet ver\t--pol\troot\t', 'signet verify --policy=root.pem')

    def test_groups(self):
        self.completed('signet pol\tli\tro\t', 'signet policy lint root.pem')

    def test_words(self):
        self.completed('signet verify --output=j\t', '--output=json')

    def test_from_the_path_of_functions(self):
        self.completed('signet insp\t--pla\t', 'signet inspect --plain-http', by_path=True)

    def test_tells_what_a_command_is_for(self):
        self.completed('signet \t\t', 'Show every signature of an image')


if __name__ == '__main__':
    unittest.main()
