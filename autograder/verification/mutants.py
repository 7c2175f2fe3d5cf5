"""Mechanical mutants of a solution: the same code with one small thing changed.

A test cell that cannot tell a mutant from the solution does not look at what was changed. Only what
stands between the solution markers is changed; docstrings, annotations and the text of errors are
left alone. Mutants are made from the syntax tree, so a mutant is the changed tree written out again.
"""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

_BEGIN = re.compile(r"^\s*### BEGIN SOLUTION")
_END = re.compile(r"^\s*### END SOLUTION")

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
# for an order, the neighbour that differs only where both are equal, then the opposite
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_PAIRS = (
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("max", "min"),
    ("maximum", "minimum"),
    ("amax", "amin"),
    ("argmax", "argmin"),
    ("sum", "mean"),
    ("cumsum", "cumprod"),
    ("std", "var"),
    ("any", "all"),
    ("floor", "ceil"),
    ("sin", "cos"),
    ("hstack", "vstack"),
    ("add", "subtract"),
    ("multiply", "divide"),
    ("square", "sqrt"),
)
_SWAPS = {a: b for a, b in _PAIRS} | {b: a for a, b in _PAIRS} | {"prod": "sum", "log2": "log"}
_BUILTIN_SWAPS = {"max": "min", "min": "max", "any": "all", "all": "any"}
_ONE_NUMBER_FUNCTIONS = frozenset(
    {"tanh", "sigmoid", "exp", "log", "sqrt", "square", "abs", "absolute", "sin", "cos", "relu"}
)
_EVEN = frozenset({"square", "abs", "absolute", "cos"})
"""Of these a minus before the argument changes nothing."""
_LEAVES_OUT = frozenset({"transpose", "swapaxes", "copy", "astype", "detach", "clip"})
"""Methods (``x.copy()``) and functions (``np.copy(x)``) of which only ``x`` is left."""
_TWO_ORDERED = frozenset({"matmul", "dot", "outer", "mm", "bmm", "subtract", "divide", "power"})
_JOINS = frozenset(
    {"concatenate", "stack", "hstack", "vstack", "block", "column_stack", "cat", "append"}
)
_NO_SIGN = frozenset(
    {"empty", "empty_like", "zeros", "zeros_like", "list", "tuple", "dict", "set", "range", "len"}
)
_AXES = frozenset({"axis", "dim"})
_OWN_RULES = _AXES | {"keepdims", "keepdim"}

_Node = ast.expr | ast.stmt


@dataclass(frozen=True)
class Mutant:
    """A solution cell with one thing changed.

    description: says where and what, the same on every run; the key in ``equivalent.toml``.
    code: the whole cell; comments are gone.
    line: of the cell, from 1, where the change is.
    """

    description: str
    code: str
    line: int


def make_mutants(source: str, exercise: str) -> list[Mutant]:
    """Every mutant of a solution cell, in the order of its lines, no two with the same code.

    source: the solution cell, markers included; without markers all of it may change.
    exercise: names what stands outside of functions in the descriptions.
    """
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    found: list[Mutant] = []
    for mutant in _Maker(tree, _solution_lines(source), exercise).mutants():
        if mutant.code not in seen:
            seen.add(mutant.code)
            found.append(mutant)
    return _told_apart(found)


def without_line(description: str) -> str:
    """A description without its line number: what stays of it when lines are added above."""
    return re.sub(r": line \d+: ", ": ", description, count=1)


def _solution_lines(source: str) -> set[int]:
    """Numbers, from 1, of the lines between the solution markers."""
    inside, marked, numbers = False, False, set()
    lines = source.splitlines()
    for number, line in enumerate(lines, start=1):
        if _BEGIN.match(line):
            inside = marked = True
        elif _END.match(line):
            inside = False
        elif inside:
            numbers.add(number)
    return numbers if marked else set(range(1, len(lines) + 1))


def _told_apart(mutants: list[Mutant]) -> list[Mutant]:
    """Number the descriptions that would stand for several mutants."""
    total = Counter(mutant.description for mutant in mutants)
    counted: Counter[str] = Counter()
    numbered = []
    for mutant in mutants:
        text = mutant.description
        if total[text] > 1:
            counted[text] += 1
            mutant = replace(mutant, description=f"{text} ({counted[text]} of {total[text]})")
        numbered.append(mutant)
    return numbered


class _Maker:
    """Walks a tree and, at each place that may change, puts every alternative in its stead."""

    def __init__(self, tree: ast.Module, lines: set[int], exercise: str):
        self.tree = tree
        self.lines = lines
        self.exercise = exercise
        self.uses_numpy = any(
            isinstance(node, ast.Name) and node.id == "np" for node in ast.walk(tree)
        )

    def mutants(self) -> Iterator[Mutant]:
        places = list(self._places(self.tree, ()))
        # stable: two changes of one line stay in the order of the tree
        places.sort(key=lambda place: place[0].lineno)
        for node, parents, field, index in places:
            holder = parents[-1]
            if isinstance(node, ast.stmt):
                yield from self._of_statement(node, parents, field, index)
                continue
            for other in _alternatives(node, parents, self.uses_numpy):
                context = _context(node, parents)
                before = _shown(context)
                _put(holder, field, index, other)
                after = _shown(other if context is node else context)
                code = ast.unparse(ast.fix_missing_locations(self.tree))
                _put(holder, field, index, node)
                where = self._where(node, parents)
                yield Mutant(f'{where}: "{before}" → "{after}"', code, node.lineno)

    def _places(
        self, node: ast.AST, parents: tuple[ast.AST, ...]
    ) -> Iterator[tuple[_Node, tuple[ast.AST, ...], str, int | None]]:
        """Nodes that may change, with the nodes around them and their place in the innermost."""
        parents = (*parents, node)
        for field, index, child in _children(node):
            if isinstance(child, _Node) and child.lineno in self.lines:
                yield child, parents, field, index
            yield from self._places(child, parents)

    def _of_statement(self, node, parents, field, index) -> Iterator[Mutant]:
        where = self._where(node, parents)
        shown = _shown(node)
        changes: list[tuple[str, ast.stmt]] = []
        if isinstance(node, ast.For | ast.AsyncFor):
            empty = copy.copy(node)
            empty.body = [ast.Pass()]
            changes.append((f'body of "{shown}" dropped', empty))
        elif isinstance(node, ast.AugAssign):
            for operator in _OPERATORS.get(type(node.op), ()):
                other = copy.copy(node)
                other.op = operator()
                changes.append((f'"{shown}" → "{_shown(other)}"', other))
            plain = ast.Assign(targets=[node.target], value=node.value)
            ast.fix_missing_locations(plain)
            changes.append((f'"{shown}" → "{_shown(plain)}"', plain))
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            for first in range(len(node.value.elts) - 1):
                parts = list(node.value.elts)
                parts[first], parts[first + 1] = parts[first + 1], parts[first]
                other = ast.Return(value=ast.Tuple(elts=parts, ctx=ast.Load()))
                changes.append((f'"{shown}" → "{_shown(other)}"', other))
        if _is_droppable(node):
            changes.append((f'"{shown}" dropped', ast.Pass()))
        for what, other in changes:
            _put(parents[-1], field, index, other)
            code = ast.unparse(ast.fix_missing_locations(self.tree))
            _put(parents[-1], field, index, node)
            yield Mutant(f"{where}: {what}", code, node.lineno)

    def _where(self, node: _Node, parents: tuple[ast.AST, ...]) -> str:
        scopes = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        names = [parent.name for parent in parents if isinstance(parent, scopes)]
        return f"{'.'.join(names) or self.exercise}: line {node.lineno}"


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    """Field, position and node of what may change below a node."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        if (isinstance(node, ast.Assert) and field == "msg") or isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, ast.Raise):
            continue
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield field, index, item


def _put(holder: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[index] = node


def _is_droppable(node: ast.stmt) -> bool:
    """Simple statements that do something; imports, docstrings and declarations are kept."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    kinds = ast.Assign | ast.AugAssign | ast.Return | ast.Delete | ast.Raise | ast.Assert
    if isinstance(node, ast.AnnAssign):
        return node.value is not None
    return isinstance(node, kinds | ast.Break | ast.Continue)


_SAYS_ENOUGH = ast.BinOp | ast.Compare | ast.BoolOp | ast.Call | ast.IfExp | ast.Subscript


def _context(node: ast.expr, parents: tuple[ast.AST, ...]) -> ast.AST:
    """The node itself, or the smallest one around it that a reader can find in the line."""
    for candidate in (node, *reversed(parents)):
        if isinstance(candidate, _SAYS_ENOUGH | ast.stmt):
            return candidate
    return node


def _shown(node: ast.AST) -> str:
    """A node as one line; of a compound statement its head."""
    lines = ast.unparse(node).splitlines()
    if isinstance(node, ast.stmt) and getattr(node, "body", None):
        return next(line for line in lines if not line.startswith("@"))
    return lines[0] if len(lines) == 1 else f"{lines[0]} …"


def _alternatives(
    node: ast.expr, parents: tuple[ast.AST, ...], uses_numpy: bool
) -> Iterator[ast.expr]:
    """What may stand in an expression's place. Trees may share parts: nothing changes them."""
    if not isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load):
        # what is assigned to: only the indices below it change
        return
    parent = parents[-1]
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.Compare):
        yield from _of_comparison(node)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield from _of_sign(node, parent)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node, parent)
    elif isinstance(node, ast.Call):
        yield from _of_call(node, parent, uses_numpy)
    elif isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node.value
    elif isinstance(node, ast.Subscript):
        yield from _of_subscript(node)
    elif isinstance(node, ast.Name) and isinstance(parent, ast.BinOp):
        if isinstance(parent.op, ast.MatMult) and node is parent.right:
            yield ast.Attribute(node, "T", ast.Load())
    if _is_condition(node, parent) and not isinstance(node, ast.Compare | ast.Constant):
        yield ast.UnaryOp(ast.Not(), node)
    if _is_value(node, parents) and _has_a_sign(node):
        yield _negative(node)


def _of_operation(node: ast.BinOp) -> Iterator[ast.expr]:
    for operator in _OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, operator(), node.right)
    if isinstance(node.op, ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left)
    terms = (node.left, node.right)
    if isinstance(node.op, ast.Add | ast.Sub) and not any(_is_number(term) for term in terms):
        yield from terms


def _of_comparison(node: ast.Compare) -> Iterator[ast.expr]:
    for index, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            operators = list(node.ops)
            operators[index] = other()
            yield ast.Compare(node.left, operators, node.comparators)


def _of_sign(node: ast.UnaryOp, parent: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node.op, ast.USub):
        if not _is_number(node):
            yield node.operand
        elif not (isinstance(parent, ast.keyword) and parent.arg in _OWN_RULES):
            value = ast.literal_eval(node)
            yield node.operand
            others = (value + 1, value - 1) if isinstance(value, int) else (2 * value,)
            yield from (_number(other) for other in others if other != -value)
    elif isinstance(node.op, ast.Not):
        yield node.operand


def _of_constant(node: ast.Constant, parent: ast.AST) -> Iterator[ast.expr]:
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub):
        return
    if isinstance(parent, ast.keyword) and parent.arg in _OWN_RULES:
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield _number(value + 1)
        yield _number(value - 1)
    elif isinstance(value, float | complex):
        yield _number(2 * value if value else 1.0)
        if value == 1.0:
            yield _number(0.0)


def _of_subscript(node: ast.Subscript) -> Iterator[ast.expr]:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for position, part in enumerate(parts):
        for other in _shifted(part, node.value):
            if isinstance(node.slice, ast.Tuple):
                elements = list(parts)
                elements[position] = other
                other = ast.Tuple(elements, ast.Load())
            yield ast.Subscript(node.value, other, node.ctx)


def _shifted(part: ast.expr, of: ast.expr) -> Iterator[ast.expr]:
    """An index one further and one back; of a slice each end, and without each end."""
    if not isinstance(part, ast.Slice):
        if _may_shift(part):
            yield _plus_one(part)
            yield _minus_one(part)
        return
    lower, upper, step = part.lower, part.upper, part.step
    if lower is not None and _may_shift(lower):
        yield ast.Slice(_plus_one(lower), upper, step)
        yield ast.Slice(_minus_one(lower), upper, step)
    if upper is not None and _may_shift(upper):
        if not _is_length(upper, of):
            yield ast.Slice(lower, _plus_one(upper), step)
        yield ast.Slice(lower, _minus_one(upper), step)
    for end in (lower, upper):
        if end is not None and not _is_zero(end):
            yield ast.Slice(None if end is lower else lower, None if end is upper else upper, step)


def _of_call(node: ast.Call, parent: ast.AST, uses_numpy: bool) -> Iterator[ast.expr]:
    function, arguments = node.func, node.args
    method = function.attr if isinstance(function, ast.Attribute) else None
    name = method or (function.id if isinstance(function, ast.Name) else None)
    if name is None:
        return
    plain = len(arguments) == 1 and not isinstance(arguments[0], ast.Starred)
    if method in _SWAPS:
        yield ast.Call(_named(function, _SWAPS[method]), arguments, node.keywords)
    elif method is None and name in _BUILTIN_SWAPS:
        yield ast.Call(_named(function, _BUILTIN_SWAPS[name]), arguments, node.keywords)
    if name in _ONE_NUMBER_FUNCTIONS and plain:
        yield arguments[0]
        if name not in _EVEN:
            yield ast.Call(function, [_negative(arguments[0])], node.keywords)
    if name == "tanh" and plain and method:
        power = ast.Call(_named(function, "exp"), [_negative(arguments[0])], [])
        yield ast.BinOp(_number(1), ast.Div(), ast.BinOp(_number(1), ast.Add(), power))
    elif name == "sigmoid" and plain:
        if method:
            yield ast.Call(_named(function, "tanh"), arguments, node.keywords)
        elif uses_numpy:
            tanh = ast.Attribute(ast.Name("np", ast.Load()), "tanh", ast.Load())
            yield ast.Call(tanh, arguments, node.keywords)
    if method in _LEAVES_OUT:
        in_module = isinstance(function.value, ast.Name) and function.value.id in ("np", "torch")
        yield arguments[0] if in_module and arguments else function.value
    if name in _TWO_ORDERED and len(arguments) == 2:
        yield ast.Call(function, arguments[::-1], node.keywords)
    if name == "where" and len(arguments) == 3:
        yield ast.Call(function, [arguments[0], arguments[2], arguments[1]], node.keywords)
    if name in _JOINS and arguments and isinstance(arguments[0], ast.List | ast.Tuple):
        joined = arguments[0]
        if len(joined.elts) > 1:
            turned = type(joined)(joined.elts[::-1], ast.Load())
            yield ast.Call(function, [turned, *arguments[1:]], node.keywords)
    if method is None and name == "range":
        yield from _of_range(node, parent)
    if method is None and name in ("reversed", "sorted") and plain:
        yield arguments[0]
    yield from _of_keywords(node, name)


def _of_range(node: ast.Call, parent: ast.AST) -> Iterator[ast.expr]:
    arguments = node.args
    turned_already = isinstance(parent, ast.Call) and ast.unparse(parent.func) == "reversed"
    if not turned_already:
        yield ast.Call(ast.Name("reversed", ast.Load()), [node], [])
    if len(arguments) == 1:
        yield ast.Call(node.func, [_number(1), arguments[0]], [])
        if _may_shift(arguments[0]):
            yield ast.Call(node.func, [_minus_one(arguments[0])], [])
    elif len(arguments) > 1:
        start, stop, *step = arguments
        if _may_shift(stop):
            yield ast.Call(node.func, [start, _minus_one(stop), *step], [])
        if _may_shift(start):
            yield ast.Call(node.func, [_plus_one(start), stop, *step], [])


def _of_keywords(node: ast.Call, name: str) -> Iterator[ast.expr]:
    for position, keyword in enumerate(node.keywords):
        rest = node.keywords[:position] + node.keywords[position + 1 :]
        default = name in _JOINS and keyword.arg in _AXES and _is_zero(keyword.value)
        if keyword.arg is not None and not default:
            yield ast.Call(node.func, node.args, rest)
        if keyword.arg in _AXES:
            for other in _other_axes(keyword.value):
                changed = list(node.keywords)
                changed[position] = ast.keyword(keyword.arg, other)
                yield ast.Call(node.func, node.args, changed)


def _other_axes(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Tuple):
        for position in range(len(node.elts)):
            rest = node.elts[:position] + node.elts[position + 1 :]
            if rest:
                yield ast.Tuple(rest, ast.Load())
    elif _is_number(node):
        axis = ast.literal_eval(node)
        yield from (_number(other) for other in {0: (1,), -1: (0, -2)}.get(axis, (0,)))


def _is_condition(node: ast.expr, parent: ast.AST) -> bool:
    if isinstance(parent, ast.comprehension):
        return any(node is condition for condition in parent.ifs)
    return isinstance(parent, ast.If | ast.IfExp | ast.While) and node is parent.test


def _is_value(node: ast.expr, parents: tuple[ast.AST, ...]) -> bool:
    """Whether this is what a statement returns or assigns: a part of it where it is a tuple."""
    parent = parents[-1]
    if isinstance(parent, ast.Tuple) and len(parents) > 1:
        return isinstance(parents[-2], ast.Return) and parents[-2].value is parent
    if isinstance(parent, ast.Assign):
        return node is parent.value and isinstance(parent.targets[0], ast.Name | ast.Subscript)
    return isinstance(parent, ast.Return | ast.AugAssign) and node is parent.value


def _has_a_sign(node: ast.expr) -> bool:
    """Whether a minus may stand before it: it is no container, no text, no constant, no boolean."""
    if isinstance(node, ast.UnaryOp):
        return False
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _NO_SIGN:
        return False
    kinds = ast.BinOp | ast.Call | ast.Name | ast.Subscript | ast.Attribute | ast.IfExp
    return isinstance(node, kinds)


def _may_shift(node: ast.expr) -> bool:
    """Not a number, nor a sum with one: those are changed where the number stands."""
    if isinstance(node, ast.BinOp):
        return not (_is_number(node.left) or _is_number(node.right))
    kinds = ast.Name | ast.Attribute | ast.Call | ast.Subscript
    return isinstance(node, kinds)


def _is_length(node: ast.expr, of: ast.expr) -> bool:
    """Whether an upper end is the length itself, so that one more takes nothing more."""
    array = ast.unparse(of)
    return ast.unparse(node) in (f"len({array})", f"{array}.shape[0]", f"{array}.size")


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    )


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _number(value: complex) -> ast.expr:
    if isinstance(value, int | float) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _negative(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return node.operand
    return ast.UnaryOp(ast.USub(), node)


def _plus_one(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Add(), ast.Constant(1))


def _minus_one(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Sub(), ast.Constant(1))


def _named(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Name(name, ast.Load())
