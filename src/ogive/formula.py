"""The formula of an entry: one string in a small language, read by people, by the tests' oracle and by the web page.

The language is Python's expressions: arithmetic, calls of the functions below, ``a if condition else b``, indexing, and
``sum(… for v in x)`` over a vector, one inside another where a vector holds vectors. Who evaluates one says what the
functions and numbers are: floats here, 50-digit numbers with derivatives in the tests.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import Any

MATHEMATICS: dict[str, Any] = {
    name: getattr(math, name)
    for name in ("exp", "expm1", "log", "log1p", "log2", "tanh", "sin", "cos", "atan", "erf", "erfc", "lgamma", "sqrt", "pi", "inf")
} | {"abs": abs, "max": max, "min": min, "sum": sum, "zip": zip, "len": len, "range": range, "number": float}


class _NumbersAsWritten(ast.NodeTransformer):
    """Hands to ``number`` every decimal constant, as the text that stands in the formula, and every dividend, so that no float
    rounds 0.1 or 1 / 3 before the numbers of the evaluator are reached.
    """

    def __init__(self, source: str) -> None:
        self.source = source

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, float):
            return node
        return _number(ast.Constant(ast.get_source_segment(self.source, node)))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            node.left = _number(node.left)
        return node


def _number(argument: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("number", ast.Load()), [argument], [])


@cache
def _compiled(formula: str) -> CodeType:
    tree = _NumbersAsWritten(formula).visit(ast.parse(formula, mode="eval"))
    return compile(ast.fix_missing_locations(tree), "<formula>", "eval")


def evaluate(formula: str | float, variables: Mapping[str, Any], functions: Mapping[str, Any] = MATHEMATICS) -> Any:
    """The value of `formula`, its names looked up in `variables` and then in `functions`.

    >>> evaluate("x / (1 + exp(-x))", {"x": 1.0})
    0.7310585786300049
    """
    if not isinstance(formula, str):
        return formula
    return eval(_compiled(formula), {"__builtins__": {}, **functions, **variables})


def latex(formula: str) -> str:
    r"""The formula as LaTeX.

    >>> latex("x / (1 + exp(-x))")
    '\\frac{x}{1 + e^{-x}}'
    """
    return _latex(ast.parse(formula, mode="eval").body)


_SIGNS = {name: rf"\{name}" for name in ("alpha", "beta", "gamma", "delta", "epsilon", "mu", "sigma", "tau", "pi")} | {"inf": r"\infty"}
_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: (" + ", 1),
    ast.Sub: (" - ", 1),
    ast.Mult: (r" \, ", 2),
    ast.Div: ("", 4),
    ast.Pow: ("^", 3),
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: r"\ge",
    ast.Lt: "<",
    ast.LtE: r"\le",
    ast.Eq: "=",
    ast.NotEq: r"\ne",
}


def _name(name: str) -> str:
    if name in _SIGNS:
        return _SIGNS[name]
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', ' ')}}}".replace(" ", r"\ ")


def _call(function: str, arguments: list[ast.expr]) -> str:
    inner = ", ".join(_latex(argument) for argument in arguments)
    match function:
        case "exp":
            return f"e^{{{inner}}}"
        case "expm1":
            return rf"\left(e^{{{inner}}} - 1\right)"
        case "log1p":
            return rf"\log\left(1 + {inner}\right)"
        case "sqrt":
            return rf"\sqrt{{{inner}}}"
        case "abs":
            return rf"\left|{inner}\right|"
        case "sum":
            return rf"\sum{inner}"
        case "max" | "min" if isinstance(arguments[0], ast.GeneratorExp):
            return rf"\{function}{inner}"
        case "log2":
            return rf"\log_2\left({inner}\right)"
        case "log" | "tanh" | "sin" | "cos" | "max" | "min":
            return rf"\{function}\left({inner}\right)"
        case _:
            return rf"\operatorname{{{function}}}\left({inner}\right)"


def _latex(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=value):
            return f"{value:g}" if isinstance(value, int) else repr(value)
        case ast.Name(id=name):
            return _name(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_operand(operand, 2)}"
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return rf"\frac{{{_latex(left)}}}{{{_latex(right)}}}"
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"{_operand(left, 4)}^{{{_latex(right)}}}"
        case ast.BinOp(left=left, op=operation, right=right):
            sign, precedence = _BINARY[type(operation)]
            tighter = precedence + isinstance(operation, ast.Sub)
            return f"{_operand(left, precedence)}{sign}{_operand(right, tighter)}"
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            return f"{_latex(left)} {_COMPARE[type(comparison)]} {_latex(right)}"
        case ast.IfExp():
            return rf"\begin{{cases}} {_cases(node)} \end{{cases}}"
        case ast.Subscript(value=vector, slice=index):
            return f"{_latex(vector)}_{{{_latex(index)}}}"
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _call(function, arguments)
        case ast.Tuple(elts=elements):
            return ", ".join(_latex(element) for element in elements)
        case ast.GeneratorExp(elt=term, generators=vectors):
            return f"_{{{', '.join(map(_over, vectors))}}} {_operand(term, 2)}"
    raise ValueError(f"the formula language has no {type(node).__name__}")


def _over(vector: ast.comprehension) -> str:
    """What a sum runs over: the element, the vectors that it is taken from, and which elements count."""
    of = vector.iter.args if isinstance(vector.iter, ast.Call) else [vector.iter]
    return ", ".join([rf"{_latex(vector.target)} \in {', '.join(map(_latex, of))}", *map(_latex, vector.ifs)])


def _cases(node: ast.expr) -> str:
    if isinstance(node, ast.IfExp):
        return rf"{_latex(node.body)} & {_latex(node.test)} \\ {_cases(node.orelse)}"
    return rf"{_latex(node)} & \text{{otherwise}}"


def _operand(node: ast.expr, precedence: int) -> str:
    """The operand, in parentheses where it binds less tightly than its operator."""
    match node:
        case ast.BinOp(op=operation):
            looser = _BINARY[type(operation)][1] < precedence
        case ast.UnaryOp():
            looser = precedence > 1
        case _:
            looser = isinstance(node, ast.IfExp | ast.Compare)
    return rf"\left({_latex(node)}\right)" if looser else _latex(node)
