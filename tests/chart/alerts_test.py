"""Every alert fires when it should, and none on a healthy installation; promtool evaluates the rules."""
import json
import subprocess

import chart

CASES = chart.load((chart.ROOT / 'tests' / 'chart' / 'alerts.yaml').read_text())
RULES = chart.CHART / 'files' / 'rules.yaml'
AT = '100m'


def promtool(*arguments):
    done = subprocess.run(['promtool', *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def case(name, series, firing):
    """At that time these alerts fire and no other."""
    return {'name': name, 'interval': '1m',
            'input_series': [{'series': one, 'values': values} for one, values in series.items()],
            'promql_expr_test': [{
                'expr': 'group by (alertname) (ALERTS{alertstate="firing"})', 'eval_time': AT,
                'exp_samples': [{'labels': f'{{alertname="{alert}"}}', 'value': 1} for alert in firing]}]}


def test_there_is_a_case_for_every_alert():
    alerts = [rule['alert'] for group in chart.load(RULES.read_text())['groups'] for rule in group['rules'] if 'alert' in rule]
    assert list(CASES['fires']) and set(CASES['fires']) == set(alerts)


def test_the_rules_are_well_formed():
    promtool('check', 'rules', RULES)


def test_each_alert_fires_alone_and_none_on_a_healthy_installation(tmp_path):
    healthy = CASES['healthy']
    small = {one: values for one, values in healthy.items()
             if not any(word in one for word in CASES['static_roots_without_cluster'])}
    cases = [case('healthy', healthy, []), case('little is known', small, [])]
    cases += [case(alert, healthy | given, [alert]) for alert, given in CASES['fires'].items()]
    file = tmp_path / 'cases.yaml'
    file.write_text(json.dumps({'rule_files': [str(RULES)], 'evaluation_interval': '5m', 'tests': cases}))
    promtool('test', 'rules', file)
