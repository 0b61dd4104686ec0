"""One request to the API server, and what its audit log says of it."""
import uuid

from waiting import wait_for

PODS = '/api/v1/namespaces/default/pods'
PATCH = 'application/strategic-merge-patch+json'


class Asked:
    def __init__(self, status, body, annotations):
        self.status, self.body, self.annotations = status, body, annotations

    def reached(self, webhook='pods.validate'):
        """Whether the API server called Signet, which leaves its annotations."""
        return f'{webhook}.signet.dev/decision' in self.annotations

    def note(self, key, webhook='pods.validate'):
        return self.annotations.get(f'{webhook}.signet.dev/{key}')


def ask(plane, method, path, body=None, user=None, groups=(), content_type='application/json'):
    sign = str(uuid.uuid4())
    headers = {'Audit-ID': sign}
    if user:
        headers['Impersonate-User'] = user
    for group in groups:
        headers['Impersonate-Group'] = group
    status, answer = plane.request(method, path, body, content_type, headers)
    events = wait_for(lambda: plane.audited(lambda event: event['auditID'] == sign))
    return Asked(status, answer, (events or [{}])[0].get('annotations') or {})


def create(plane, thing, path=PODS, **how):
    return ask(plane, 'POST', path, thing, **how)


def patch(plane, path, change, **how):
    return ask(plane, 'PATCH', path, change, content_type=PATCH, **how)
