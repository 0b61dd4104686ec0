#!/usr/bin/env python3
"""policies/README.md names what the code knows, no more and no less: the fields with their words and defaults, the rules
of lint, the reasons."""
import re
import unittest

import yaml

import tree

README = 'policies/README.md'
KINDS = ('trustroots', 'clustertrustpolicies', 'trustpolicies')
LOADERS = ('load_authority', 'load_document', 'load_identity', 'load_match', 'load_signature', 'load_trust')
# Of a document and its metadata; told in a sentence, as Kubernetes owns them.
COMMON = ({'apiVersion', 'kind', 'metadata', 'spec', 'status'},
          {'name', 'namespace', 'labels', 'annotations', 'uid', 'resourceVersion', 'generation', 'creationTimestamp',
           'managedFields', 'finalizers', 'ownerReferences', 'selfLink'})
IN_FILES_ONLY = 'file'


# ---- the README

def tables(text):
    """Each as its header and rows, all as lists of cells."""
    found = []
    for block in re.findall(r'(?:^\|.*\n)+', text, re.M):
        rows = [[cell.strip() for cell in re.split(r'(?<!\\)\|', line.strip().strip('|'))]
                for line in block.splitlines()]
        found.append((rows[0], rows[2:]))
    return found


def words(cell):
    return re.findall(r'`([^`]+)`', cell)


def documented_fields(text):
    """{object: {field: cells of its row}}; a dotted field stands for the objects on its way as well."""
    objects = {}
    for header, rows in tables(text):
        if not header[0].startswith('field of '):
            continue
        for owner in words(header[0]):
            for row in rows:
                for field in words(row[0]):
                    at = owner
                    for step in field.split('.'):
                        cells = objects.setdefault(at, {}).setdefault(bare(step), [])
                        if step == field.split('.')[-1]:
                            cells.append(row)
                        at = step
    return {bare(name) if name != 'TrustRoot.spec' else name: fields for name, fields in objects.items()}


def bare(step):
    return step.removesuffix('[]').removesuffix('{}')


# ---- the code

def schemas():
    for kind in KINDS:
        definition = yaml.safe_load(tree.read(f'deploy/crds/{kind}.yaml'))
        schema = definition['spec']['versions'][0]['schema']['openAPIV3Schema']['properties']['spec']
        yield ('TrustRoot.spec' if kind == 'trustroots' else 'spec'), schema


def fields_of_schemas():
    """{object: {field: schema}} over all kinds."""
    objects = {}

    def walk(name, schema):
        for field, inner in schema.get('properties', {}).items():
            objects.setdefault(name, {}).setdefault(field, inner)
            walk(field, inner)
            walk(field, inner.get('items', {}))

    for name, schema in schemas():
        walk(name, schema)
    return objects


def key_lists_of_loaders():
    found = set()
    for name in LOADERS:
        for keys in re.findall(r'is_map_of\(\s*\{([^}]*)\}', tree.read(f'core/policy/{name}.cpp')):
            found.add(frozenset(re.findall(r'"(\w+)"', keys)))
    return found


def reasons_of_code():
    enumeration = re.search(r'enum class Reason \{(.*?)\};', tree.read('core/base/reason.hpp'), re.S)[1]
    return re.findall(r'^\s*(\w+),', enumeration, re.M)


def rows_after(text, title):
    """The first cells of the tables of one section."""
    section = re.search(rf'^##+ {title}\n(.*?)(?=^## |\Z)', text, re.S | re.M)[1]
    return [words(row[0])[0] for _, rows in tables(section) for row in rows if words(row[0])]


class ReferenceTest(unittest.TestCase):
    def setUp(self):
        self.text = tree.read(README)
        self.objects = documented_fields(self.text)

    def test_names_every_field_of_the_definitions(self):
        for name, fields in fields_of_schemas().items():
            with self.subTest(object=name):
                self.assertEqual(set(self.objects.get(name, {})) - {IN_FILES_ONLY, *self.of_crls(name)}, set(fields))

    def of_crls(self, name):
        """`urls` shares a table with the contents, and only CRLs have it."""
        return set() if name == 'crls' else {'urls'}

    def test_names_the_keys_of_the_loader(self):
        loaded = key_lists_of_loaders() - {frozenset(keys) for keys in COMMON}
        documented = {frozenset(set(fields) - self.of_crls(name)) for name, fields in self.objects.items()}
        self.assertEqual(documented, loaded)

    def test_common_keys_are_those_of_the_loader(self):
        for keys in COMMON:
            self.assertIn(frozenset(keys), key_lists_of_loaders())

    def test_names_every_word_and_default(self):
        for name, fields in fields_of_schemas().items():
            for field, schema in fields.items():
                choices = schema.get('enum') or schema.get('items', {}).get('enum') or []
                rows = self.rows_of(name, field)
                said = words(' '.join(cell for row in rows for cell in row[1:]))
                with self.subTest(object=name, field=field):
                    self.assertEqual([word for word in choices if word not in said], [])
                    if 'default' in schema and rows:
                        self.assertIn(f'`{str(schema["default"]).lower()}`', [row[2] for row in rows])

    def rows_of(self, name, field):
        """Of the field itself, or of the TrustRoot's where it refers to that."""
        rows = [row for row in self.objects[name][field] if len(row) == 3]
        refers = any('(#trustroot)' in row[1] for row in rows)
        return self.rows_of('TrustRoot.spec', field) if refers and field in self.objects['TrustRoot.spec'] else rows

    def test_notices_what_is_missing_or_too_much(self):
        row = re.search(r'^\| `threshold` .*\n', self.text, re.M)[0]
        self.assertNotIn('threshold', documented_fields(self.text.replace(row, ''))['spec'])
        more = documented_fields(self.text.replace(row, row + '| `quorum` | no | none |\n'))['spec']
        self.assertEqual(set(more) - set(self.objects['spec']), {'quorum'})

    def test_names_the_keys_of_cases(self):
        lists = re.findall(r'is_map_of\(\s*\{([^}]*)\}', tree.read('server/cli/cases.cpp'))
        known = {key for keys in lists for key in re.findall(r'"(\w+)"', keys)} - {'apiVersion', 'kind'}
        documented = set()
        for header, rows in tables(self.text):
            if header[0].startswith('key of '):
                documented |= {word for row in rows for word in words(row[0])}
                documented |= {word for row in rows for word in words(row[1]) if row[0] in ('`settings`', '`patches`')}
        self.assertEqual(documented - {'none'}, known)

    def test_names_every_rule_of_lint(self):
        section = re.search(r'^### Rules of lint\n(.*?)(?=^##)', self.text, re.S | re.M)[1]
        documented = [[words(row[0])[0] for row in rows] for _, rows in tables(section)]
        known = re.findall(r'LintRule\{\s*"([a-z-]+)",\s*k(Error|Warning)', tree.read('core/policy/lint_rules.cpp'))
        self.assertEqual(documented, [[rule for rule, severity in known if severity == wanted]
                                      for wanted in ('Error', 'Warning')])

    def test_names_every_reason(self):
        self.assertEqual(sorted(rows_after(self.text, 'Reasons')), sorted(reasons_of_code()))

    def test_every_link_leads_somewhere(self):
        titles = {re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-')
                  for title in re.findall(r'^#+ (.*)$', self.text, re.M)}
        for target in re.findall(r'\]\(([^)]+)\)', self.text):
            with self.subTest(target=target):
                if target.startswith('#'):
                    self.assertIn(target[1:], titles)
                elif not target.startswith('https:'):
                    self.assertTrue((tree.ROOT / 'policies' / target).exists())


if __name__ == '__main__':
    unittest.main()
