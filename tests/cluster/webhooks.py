"""The webhook configurations of Signet, by URL on loopback, with the conditions that keep it out of other updates."""
import base64

SCOPE = [{'key': 'kubernetes.io/metadata.name', 'operator': 'NotIn',
          'values': ['signet-system', 'kube-system', 'kube-public', 'kube-node-lease']},
         {'key': 'signet.dev/exempt', 'operator': 'NotIn', 'values': ['true']}]


def unchanged(spec, kind):
    """Every entry of this list has one of its name with the same image in the old object."""
    return (f"object.{spec}.{kind}.all(c, oldObject.{spec}.{kind}.exists(o, o.name == c.name"
            f" && has(o.image) == has(c.image) && (!has(c.image) || o.image == c.image)))")


def image_changed(spec='spec'):
    """Webhook.md B.4: whether a request can bring in an image. `spec` is where the pod's spec lies."""
    optional = ' && '.join(f'(!has(object.{spec}.{kind}) || has(oldObject.{spec}.{kind}) && {unchanged(spec, kind)})'
                           for kind in ('initContainers', 'ephemeralContainers'))
    volumes = (f"(!has(object.{spec}.volumes) || object.{spec}.volumes.all(v, !has(v.image)"
               f" || (has(oldObject.{spec}.volumes) && oldObject.{spec}.volumes.exists(o, o.name == v.name"
               f" && has(o.image) && has(o.image.reference) && has(v.image.reference)"
               f" && o.image.reference == v.image.reference))))")
    return (f"request.operation != 'UPDATE' || !({unchanged(spec, 'containers')} && {optional} && {volumes})")


NOT_A_MIRROR_POD = ("!(has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations"
                    " && has(request.userInfo.groups) && 'system:nodes' in request.userInfo.groups)")
FOR_PODS = [{'name': 'create-or-image-changed', 'expression': image_changed()},
            {'name': 'not-a-mirror-pod', 'expression': NOT_A_MIRROR_POD}]
FOR_TEMPLATES = [{'name': 'create-or-image-changed', 'expression': image_changed('spec.template.spec')}]


def rule(group, resources, operations=('CREATE', 'UPDATE')):
    return {'apiGroups': [group], 'apiVersions': ['v1'], 'resources': list(resources), 'operations': list(operations),
            'scope': 'Namespaced'}


POD_RULES = [rule('', ['pods']), rule('', ['pods/ephemeralcontainers'], ['UPDATE'])]
WORKLOAD_RULES = [rule('apps', ['deployments', 'replicasets', 'statefulsets', 'daemonsets']), rule('batch', ['jobs'])]
TEMPLATE_RULES = [rule('batch', ['cronjobs']), rule('', ['podtemplates', 'replicationcontrollers'])]


def bundle(ca):
    return base64.b64encode(ca.read_bytes()).decode()


def client(port, path, ca):
    return {'url': f'https://127.0.0.1:{port}{path}', 'caBundle': bundle(ca)}


def webhook(name, reach, rules, conditions=(), failure='Fail', timeout=10, scope=None):
    return {'name': f'{name}.signet.dev', 'clientConfig': reach, 'rules': rules, 'failurePolicy': failure,
            'timeoutSeconds': timeout, 'sideEffects': 'NoneOnDryRun', 'admissionReviewVersions': ['v1'],
            'matchPolicy': 'Equivalent', 'namespaceSelector': {'matchExpressions': SCOPE if scope is None else scope},
            'matchConditions': list(conditions)}


def validating(reach, name='signet', **more):
    """`reach` gives the clientConfig of a path."""
    return {'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'ValidatingWebhookConfiguration',
            'metadata': {'name': name}, 'webhooks': [
                webhook('pods.validate', reach('/validate'), POD_RULES, FOR_PODS, **more),
                webhook('workloads.validate', reach('/validate'), WORKLOAD_RULES, FOR_TEMPLATES, **more),
                webhook('templates.validate', reach('/validate'), TEMPLATE_RULES, **more)]}


def mutating(reach, name='signet', **more):
    pods = webhook('pods.mutate', reach('/mutate'), POD_RULES, FOR_PODS, failure='Ignore', timeout=5, **more)
    return {'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'MutatingWebhookConfiguration',
            'metadata': {'name': name},
            'webhooks': [pods | {'sideEffects': 'None', 'reinvocationPolicy': 'IfNeeded'}]}
