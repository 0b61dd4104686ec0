"""A program on a terminal of a given size, and what it writes there."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

WAIT = 60


class Terminal:
    def __init__(self, words, columns=100, rows=40, **environment):
        self.text = ''
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        clean = {k: v for k, v in os.environ.items() if k not in ('NO_COLOR', 'COLUMNS', 'LINES')}
        self.process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        env=clean | {'TERM': 'xterm'} | environment)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text.encode())

    def _more(self, end):
        """Reads what is there; nothing at the end."""
        if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
            raise TimeoutError(f'still: {self.text!r}')
        try:
            got = os.read(self.master, 65536)
        except OSError:  # EIO: nobody holds the other side any more
            got = b''
        self.text += got.decode(errors='replace')
        return got

    def until(self, found):
        """Reads until `found` says yes to the text since the last call; gives that text."""
        end = time.monotonic() + WAIT
        while not found(self.text):
            if not self._more(end):
                raise EOFError(self.text)
        text, self.text = self.text, ''
        return text

    def rest(self):
        end = time.monotonic() + WAIT
        while self._more(end):
            pass
        return self.text.replace('\r\n', '\n'), self.process.wait(timeout=WAIT)
