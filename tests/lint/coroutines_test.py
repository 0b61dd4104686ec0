#!/usr/bin/env python3
"""No spelling of co_await that g++ 12 miscompiles; coro_lint.py knows them."""
import unittest

import coro_lint
import tree

BAD = (
    'co_await f([t] { use(t); });',
    'co_await f([t = std::move(t)] { use(t); });',
    'co_await send({.m = s, .p = p});',
    'co_await send(Req{"GET", x});',
    'Two w{.a = co_await f(), .b = g()};',
    'T x = c ? co_await f() : T();',
    'co_await f(c ? a : b);',
    'if (co_await f()) { g(); }',
    'while (co_await f()) { g(); }',
    '} }; struct S { Task<int> g() override { co_await f(); co_return 1; } };  void h() {',
)
GOOD = (
    'auto r = co_await f(T(1));',
    'const Req request{"GET", x}; auto r = co_await send(request);',
    'if (auto r = co_await f(); !r) { g(); }',
    'auto [a, b] = co_await f();',
    'co_await f([&] { use(); });',
    '} }; struct S { Task<int> g() override { use(); co_await f(); co_return 1; } };  void h() {',
    '// if (co_await f()) is what not to write\nco_await f();',
)


def complaints(code):
    return list(coro_lint.complaints(coro_lint.LITERAL.sub(coro_lint.blank, code)))


class CoroutinesTest(unittest.TestCase):
    def test_no_source_holds_a_bad_spelling(self):
        paths = [str(tree.ROOT / p) for p in tree.sources()]
        self.assertEqual(coro_lint.main(paths), 0)

    def test_refuses_bad_samples(self):
        for code in BAD:
            with self.subTest(code=code):
                self.assertTrue(complaints('Task<void> t() { int n = 0; ' + code + ' }'))

    def test_accepts_good_samples(self):
        for code in GOOD:
            with self.subTest(code=code):
                self.assertEqual(complaints('Task<void> t() { int n = 0; ' + code + ' }'), [])


if __name__ == '__main__':
    unittest.main()
