"""Looking at policies that decide live."""
import json

from asking import create
from waiting import wait_for
from world import pod

EFFECTIVE_S = 2  # a change counts on every replica after at most so long


def tried(plane, image, namespace='default'):
    """The answer to a Pod that is not kept."""
    return create(plane, pod('tried', image, namespace=namespace), f'/api/v1/namespaces/{namespace}/pods?dryRun=All')


def codes(answer):
    return [entry['code'] for entry in json.loads(answer.note('images') or '[]')]


def says(plane, image, code, namespace='default', seconds=EFFECTIVE_S):
    """Whether this is the reason, in time."""
    return wait_for(lambda: code in codes(tried(plane, image, namespace)), seconds)


def condition(plane, kind, name, *where, type_='Ready', is_wanted=lambda condition: True):
    """A condition that speaks of the present version of an object, once it is as wanted."""
    def fact():
        thing = plane.get(kind, name, *where)
        for found in (thing.get('status') or {}).get('conditions', []):
            if found['type'] == type_ and found.get('observedGeneration') == thing['metadata']['generation']:
                return found if is_wanted(found) else None
        return None
    return wait_for(fact)


def ready(plane, kind, name, *where):
    return condition(plane, kind, name, *where, is_wanted=lambda found: found['status'] == 'True')


def not_ready(plane, kind, name, *where):
    return condition(plane, kind, name, *where, is_wanted=lambda found: found['status'] == 'False')
