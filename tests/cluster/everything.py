"""Every object of an API server, of whatever kind it serves."""

# Events end by themselves; the others the API server makes and takes away for definitions, Services and itself.
DERIVED = {'Event', 'APIService', 'IPAddress'}


def paths(plane):
    """(path, kind) of all that can be listed, each group in the version that is preferred."""
    groups = plane.request('GET', '/apis')[1]['groups']
    for root in ('/api/v1', *(f'/apis/{group["preferredVersion"]["groupVersion"]}' for group in groups)):
        for kind in plane.request('GET', root)[1]['resources']:
            if '/' not in kind['name'] and 'list' in kind['verbs'] and kind['kind'] not in DERIVED:
                yield f'{root}/{kind["name"]}', kind['kind']


def objects(plane):
    """{(kind, namespace, name)}"""
    found = set()
    for path, kind in paths(plane):
        status, answer = plane.request('GET', path)
        assert status == 200, answer
        found |= {(kind, thing['metadata'].get('namespace', ''), thing['metadata']['name']) for thing in answer['items']}
    return found
