"""Parses a scrape with the reference parser of Prometheus. Usage: parse_metrics.py text|openmetrics FILE"""

import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain


def check_histograms(family):
    counts = {}
    for sample in family.samples:
        labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
        if sample.name.endswith("_bucket") and sample.labels["le"] == "+Inf":
            counts.setdefault(labels, []).append(sample.value)
        if sample.name.endswith("_count"):
            counts.setdefault(labels, []).append(sample.value)
    assert counts and all(len(set(both)) == 1 and len(both) == 2 for both in counts.values()), family.name


def main():
    parse = {"text": plain, "openmetrics": open_metrics}[sys.argv[1]]
    with open(sys.argv[2], encoding="utf-8", newline="") as file:
        families = list(parse(file.read()))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a family is not contiguous"
    assert len(names) > 50, names
    for family in families:
        assert family.documentation and family.type != "unknown", family.name
        if family.type == "histogram":
            check_histograms(family)
    registries = {s.labels["registry"] for f in families for s in f.samples if "registry" in s.labels}
    assert registries == {"a.example", 'quoted"back\\slash\nline', "other"}, registries


main()
