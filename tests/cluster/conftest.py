"""One API server, one registry and one Signet for all tests of a file."""
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / folder) for folder in ('cluster', 'e2e', 'service', 'chart')]

import control_plane  # noqa: E402
import world as worlds  # noqa: E402


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('cluster')


@pytest.fixture(scope='session')
def plane(folder):
    made = control_plane.ControlPlane(folder / 'plane')
    yield made
    made.close()


@pytest.fixture(scope='session')
def world(folder):
    made = worlds.World(folder / 'world')
    yield made
    made.close()


@pytest.fixture(scope='session')
def signet(folder, plane, world):
    """Signet with a policy file, called by the API server for every namespace but its own."""
    served = worlds.serve(folder / 'signet', world, world.trust_root(), world.policy())
    worlds.register_serve(plane, served)
    yield served
    served.end()
