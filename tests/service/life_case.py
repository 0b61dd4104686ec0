"""What tests of the real program share: a folder, processes that end with the test, and a loop for requests."""
import tempfile
import unittest
from pathlib import Path

import life

class ProcessTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix='signet-faults-')
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)
        self.background = life.Background().__enter__()
        self.addCleanup(self.background.__exit__)

    def serve(self, name='signet', **how):
        serve = life.start(self.folder / name, **how)
        self.addCleanup(serve.end)
        return serve

    def trust(self, *serves):
        return life.trusting(*(serve.ca for serve in serves))

    def ask(self, serve, octets=None, **how):
        octets = octets or life.post(life.review())
        return self.background.do(life.exchange(serve.ports['address'], self.trust(serve), octets, **how))

    def admits(self, serve):
        return life.verdict_of(self.ask(serve))
