#!/usr/bin/env python3
"""No file over 400 lines, no function over 60."""
import re
import unittest

import tree

FILE_LINES = 400
FUNCTION_LINES = 60

LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', re.M)
SCOPE = re.compile(r'\b(?:namespace|class|struct|union|enum)\b[^()]*$|\bextern\s*$')
SCOPE_WITH_CALL = re.compile(r'^\s*(?:template\s*<.*>\s*)?(?:class|struct)\s+(?:alignas|\[\[)', re.S)


def blank(match):
    return re.sub(r'[^\n]', ' ', match[0])


def is_scope(head):
    return bool(SCOPE.search(head) or SCOPE_WITH_CALL.match(head))


def is_table(body):
    """Whether a body is one `return {...};`: rows, not steps."""
    begin = re.match(r'\{\s*(?:using[^;]*;\s*)?return\s*(?=\{)', body)
    return bool(begin) and not body[matching_brace(body, begin.end()) + 1:].strip(' \n;}')


def functions(code):
    """(first line, number of lines, head) of each function body that stands in a namespace or class."""
    code = DIRECTIVE.sub(blank, LITERAL.sub(blank, code))
    found, at, head_start = [], 0, 0
    while at < len(code):
        c = code[at]
        if c in ';}':
            head_start = at + 1
        elif c == '{':
            head = code[head_start:at]
            if is_scope(head):
                head_start = at + 1
            else:
                end = matching_brace(code, at)
                # Braces of an initialiser list or of a table: the function's body comes after, or there is none.
                rest = code[end + 1:end + 200].lstrip()
                if not rest.startswith((',', '{', '.', ')')) and '(' in head:
                    first = head_start + len(head) - len(head.lstrip())
                    line = code.count('\n', 0, first) + 1
                    if not is_table(code[at:end + 1]):
                        found.append((line, code.count('\n', first, end) + 1, ' '.join(head.split())[:80]))
                    head_start = end + 1
                at = end
        at += 1
    return found


def matching_brace(code, start):
    depth = 0
    for at in range(start, len(code)):
        depth += {'{': 1, '}': -1}.get(code[at], 0)
        if depth == 0:
            return at
    raise ValueError('unbalanced braces')


def complaints(path, code):
    found = []
    lines = code.count('\n')
    if lines > FILE_LINES:
        found.append(f'{path}: {lines} lines')
    if path.endswith(('.cpp', '.hpp')):
        found += [f'{path}:{line}: {size} lines: {head}' for line, size, head in functions(code)
                  if size > FUNCTION_LINES]
    return found


class SizesTest(unittest.TestCase):
    def test_every_file_and_function_is_short(self):
        paths = tree.sources(suffixes=('.cpp', '.hpp', '.py', '.sh'))
        found = [c for path in paths for c in complaints(path, tree.read(path))]
        self.assertFalse(found, '\n' + '\n'.join(found))

    def test_refuses_a_long_file(self):
        self.assertEqual(complaints('x.cpp', '\n' * FILE_LINES), [])
        self.assertEqual(len(complaints('x.cpp', '\n' * (FILE_LINES + 1))), 1)

    def test_refuses_a_long_function(self):
        for head in ('int f() {', 'namespace a {\nclass B {\n  B(int x) : x_{x}, y_(1) {',
                     'TEST(A, B) {', 'auto f() -> std::vector<int> {', 'namespace {\nvoid f(P p = {}) {'):
            for body, expected in ((FUNCTION_LINES - 2, 0), (FUNCTION_LINES - 1, 1)):
                with self.subTest(head=head, body=body):
                    code = head + '\n' + '  g("{", \'{\');  // {\n' * body + '}' * (head.count('{') - ('x_{' in head)
                                                                                   - ('= {}' in head)) + '\n'
                    self.assertEqual(len(complaints('x.cpp', code)), expected)

    def test_a_long_table_is_no_function(self):
        code = 'const Row kRows[] = {\n' + '  {1, "a"},\n' * 100 + '};\n'
        self.assertEqual(complaints('x.cpp', code), [])
        code = 'std::vector<Row> rows() {\n  return {\n' + '  {1, "a"},\n' * 100 + '  };\n}\nint f() {}\n'
        self.assertEqual(complaints('x.cpp', code), [])

    def test_finds_each_function_of_a_class(self):
        code = 'class A : public B {\n int f() const { return 1; }\n int g() noexcept {\n return 2;\n }\n};\n'
        self.assertEqual([(line, size) for line, size, _ in functions(code)], [(2, 1), (3, 3)])


if __name__ == '__main__':
    unittest.main()
