"""Schemas for kubeconform out of the OpenAPI of an API server, its custom resources included."""
import json
import re

LOCATION = '{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'
INT_OR_STRING = {'oneOf': [{'type': 'string'}, {'type': 'integer'}]}
REFERENCE = '#/definitions/'


def strict(schema):
    """The same, and nothing that it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get('format') == 'int-or-string' or schema.get('x-kubernetes-int-or-string'):
        return INT_OR_STRING
    changed = {name: strict(below) for name, below in schema.items()
               if name != 'format' or not isinstance(below, str)}
    closed = 'properties' in schema and isinstance(schema.get('type', ''), str)
    if closed and not any(name in schema for name in ('additionalProperties', 'x-kubernetes-preserve-unknown-fields')):
        changed['additionalProperties'] = False
    return changed


def needed(definitions, name, found):
    """That definition and those it refers to."""
    if name not in found:
        found[name] = strict(definitions[name])
        for other in re.findall(f'"{REFERENCE}([^"]+)"', json.dumps(found[name])):
            needed(definitions, other, found)
    return found


def write(folder, openapi, wanted):
    """One file for each of the wanted kinds, whole in itself."""
    for name, one in openapi['definitions'].items():
        for kind in one.get('x-kubernetes-group-version-kind', []):
            if kind['kind'] in wanted:
                home = folder / (kind['group'] or kind['version'])
                home.mkdir(parents=True, exist_ok=True)
                (home / f'{kind["kind"].lower()}_{kind["version"]}.json').write_text(json.dumps(
                    {'$ref': REFERENCE + name, 'definitions': needed(openapi['definitions'], name, {})}))
