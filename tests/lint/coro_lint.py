#!/usr/bin/env python3
"""Rejects the co_await spellings that g++ 12.2 miscompiles. Usage: coro_lint.py FILE...

One full expression may hold co_await only if it holds none of
  - a lambda that captures by value     co_await f([x] {...})
  - a braced temporary                  co_await f(T{a}),  T t{co_await f(), b}
  - a conditional                       c ? co_await f() : g()
and co_await may not stand in the condition of if / while / do / switch,
except as the initialiser of a declaration there.
"""
import re
import sys
from pathlib import Path

LITERAL = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
CAPTURE = re.compile(r'(?:^|co_await|return|[^\w\s\])])\s*\[\s*(?!\]|&\s*\]|&\w+\s*(?:,\s*&\w+\s*)*\])[^\[\]]*\]\s*[({]')
BRACED = re.compile(r'[\w>(,=]\s*\{')
LAMBDA = r'\]\s*(?:\([^()]*\))?\s*(?:mutable\s*)?(?:->\s*[\w:<>, ]+)?\s*\{'
LAMBDA_BODY = re.compile(LAMBDA)
LAMBDA_OPEN = re.compile(LAMBDA + '$')


def blank(match):
    return re.sub(r'[^\n]', ' ', match.group())


def full_expression(code, at):
    """The text around `at` up to its statement's ends, and the keyword whose condition it is in."""
    start, depth, keyword = at, 0, None
    while start > 0:
        c = code[start - 1]
        if c in ')]':
            depth += 1
        elif c in '([':
            if depth == 0:
                word = re.search(r'(\w+)\s*$', code[:start - 1])
                if word and word.group(1) in ('if', 'while', 'switch', 'for', 'constexpr'):
                    keyword = word.group(1)
                    break
            else:
                depth -= 1
        elif c in ';' and depth == 0:
            break
        elif c == '}':
            if depth == 0 and not re.match(r'\s*[,.)]', code[start:]):
                break
            depth += 1
        elif c == '{':
            if depth == 0 and (LAMBDA_OPEN.search(code[max(0, start - 200):start]) or
                               not re.search(r'[\w>(,=]\s*$', code[:start - 1]) or
                               re.search(r'\b(?:else|do|try|override|final|const|noexcept)\s*$', code[:start - 1])):
                break
            depth -= depth > 0
        start -= 1
    end, depth = at, 0
    while end < len(code):
        c = code[end]
        if c in '([{':
            depth += 1
        elif c in ')]}':
            if depth == 0:
                break
            depth -= 1
        elif c == ';' and depth == 0:
            break
        end += 1
    # widen to the closing ';' when co_await sits inside call parentheses
    tail = code.find(';', end)
    return start, (end if keyword else (tail if tail >= 0 else end)), keyword


def complaints(code):
    for m in re.finditer(r'\bco_await\b', code):
        start, end, keyword = full_expression(code, m.start())
        text = code[start:end]
        if keyword in ('if', 'while', 'switch') and not re.match(r'[^=!<>]*[^=!<>]=[^=]', code[start:m.start()] + ' '):
            yield m.start(), f'co_await in the condition of {keyword}'
        elif CAPTURE.search(text):
            yield m.start(), 'lambda capturing by value beside co_await'
        elif BRACED.search(LAMBDA_BODY.sub(']', text)):
            yield m.start(), 'braced temporary beside co_await'
        elif re.search(r'\?', text):
            yield m.start(), 'conditional beside co_await'


def main(paths):
    bad = 0
    for path in paths:
        code = LITERAL.sub(blank, Path(path).read_text(encoding='utf-8'))
        for at, why in complaints(code):
            bad += 1
            print(f'{path}:{code.count(chr(10), 0, at) + 1}: {why}')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
