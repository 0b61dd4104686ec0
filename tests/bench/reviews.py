"""Reviews as an API server sends them: a Pod of about 6 KB whose images are given."""
import json
import uuid

LABELS = {f'app.kubernetes.io/label-{n}': 'a value of an ordinary length' for n in range(6)}
PROBE = {'httpGet': {'path': '/healthz', 'port': 8080, 'scheme': 'HTTP'}, 'periodSeconds': 10, 'timeoutSeconds': 1}


def container(number, image):
    environment = [{'name': f'SETTING_{n}', 'value': f'https://service-{n}.shop.svc.cluster.local:8443/path'}
                   for n in range(9)]
    return {'name': f'container-{number}', 'image': image, 'env': environment, 'livenessProbe': PROBE,
            'readinessProbe': PROBE, 'imagePullPolicy': 'IfNotPresent',
            'resources': {'requests': {'cpu': '100m', 'memory': '128Mi'}, 'limits': {'memory': '256Mi'}},
            'volumeMounts': [{'name': 'token', 'mountPath': '/var/run/secrets', 'readOnly': True}]}


def review(images, name='bench'):
    pod = {'apiVersion': 'v1', 'kind': 'Pod',
           'metadata': {'name': name, 'namespace': 'shop', 'labels': LABELS, 'annotations': LABELS},
           'spec': {'containers': [container(n, image) for n, image in enumerate(images)],
                    'serviceAccountName': 'default', 'nodeSelector': {'kubernetes.io/os': 'linux'},
                    'volumes': [{'name': 'token', 'projected': {'sources': []}}]}}
    request = {'uid': str(uuid.uuid4()), 'kind': {'group': '', 'version': 'v1', 'kind': 'Pod'},
               'resource': {'group': '', 'version': 'v1', 'resource': 'pods'}, 'name': name, 'namespace': 'shop',
               'operation': 'CREATE', 'userInfo': {'username': 'bench', 'groups': ['system:authenticated']},
               'object': pod, 'oldObject': None, 'dryRun': False, 'options': None}
    return json.dumps({'kind': 'AdmissionReview', 'apiVersion': 'admission.k8s.io/v1', 'request': request})
