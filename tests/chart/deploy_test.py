"""deploy/ and the chart are the same installation."""
import chart
import deploy

FOLDER = chart.ROOT / 'deploy'
HELM = ('helm.sh/chart', 'app.kubernetes.io/managed-by', 'helm.sh/resource-policy')


def test_deploy_is_the_chart_rendered_with_its_defaults():
    written = {f'manifests/{file.name}': file.read_text() for file in (FOLDER / 'manifests').iterdir()}
    written['kustomization.yaml'] = (FOLDER / 'kustomization.yaml').read_text()
    assert written == deploy.files(), 'run tests/chart/deploy.py'


def key(thing):
    return thing['kind'], thing['metadata'].get('namespace'), thing['metadata']['name']


def test_it_holds_every_object_of_the_chart_once_and_a_namespace():
    listed = chart.load((FOLDER / 'kustomization.yaml').read_text())['resources']
    ours = [key(thing) for name in listed for thing in chart.yaml.safe_load_all((FOLDER / name).read_text())]
    assert len(ours) == len(set(ours))
    assert set(ours) == {key(thing) for thing in chart.installed()} | {('Namespace', None, chart.NAMESPACE)}


def test_nothing_of_helm_is_left():
    for name, text in deploy.files().items():
        assert not any(word in text for word in HELM), name
