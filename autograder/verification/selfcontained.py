"""Whether a test cell can run alone: in a student's notebook, and in a process without one.

A test cell imports what it needs, makes its own data and uses from the notebook only the names that
its exercise defines. This reads the cell and executes nothing.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course import Exercise, without_hidden_tests

_MAGIC = re.compile(r"^\s*(%|!|\?)|^\s*[\w.]+\s*=\s*[%!]|\?\s*$")
_OTHER_MODULES = {
    "given": "the chapter's given functions are the notebook's, not the test's",
    "__main__": "that is the notebook itself",
    "IPython": "a test also runs where there is no notebook",
}
_REACHES_OUT = frozenset({"globals", "locals", "vars", "exec", "eval", "__import__"})
_TELLS_ANSWER = re.compile(r"(expected|reference|correct|truth|solution|answer)(_\w+)?\Z")
_PRINTS_VALUES = re.compile(r"assert_(allclose|equal|almost_equal|array_\w+|close)\Z")


@dataclass(frozen=True)
class Problem:
    """Something a test cell must not do.

    line: in the cell, from 1.
    stops: whether there is no sense in running the cell before it is mended.
    """

    line: int
    text: str
    stops: bool = True


def problems(exercise: Exercise) -> list[Problem]:
    """Everything that keeps an exercise's test cell from running alone, by line; empty if nothing."""
    lines = exercise.test.splitlines()
    try:
        tree = ast.parse(exercise.test)
    except SyntaxError as error:
        number = error.lineno or 1
        line = lines[number - 1] if number <= len(lines) else ""
        if _MAGIC.search(line):
            return [Problem(number, f"`{line.strip()}` is IPython's; a test cell is plain Python")]
        return [Problem(number, f"not Python: {error.msg}")]
    found = list(_of_form(exercise, tree))
    if not found:  # else what the names say follows from that
        found = [*_of_imports(tree), *_of_names(exercise, tree), *_of_messages(tree)]
    return sorted(found, key=lambda problem: problem.line)


def _of_form(exercise: Exercise, tree: ast.Module) -> Iterator[Problem]:
    for marker in ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"):
        count = sum(line.strip() == marker for line in exercise.test.splitlines())
        if count != 1:
            yield Problem(1, f"the line `{marker}` must stand there once, not {count} times")
            return
    visible = without_hidden_tests(exercise.test).strip("\n").splitlines()
    wanted = ["from unrolled import check", "", f"check({exercise.name})"]
    for number, line in enumerate(wanted):
        if number >= len(visible) or visible[number].rstrip() != line:
            yield Problem(
                number + 1,
                "before the hidden tests a student sees exactly `from unrolled import check`, an "
                f"empty line and `check({exercise.name})`",
            )
            return
    if len(visible) > len(wanted):
        yield Problem(
            exercise.test.splitlines().index(visible[len(wanted)]) + 1,
            "nothing but the call of `check` is visible: what follows it belongs between the "
            "markers of the hidden tests",
        )


def _of_imports(tree: ast.Module) -> Iterator[Problem]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
            if node.level:
                yield Problem(node.lineno, "a relative import has no meaning in a notebook")
            if any(alias.name == "*" for alias in node.names):
                yield Problem(node.lineno, f"`{ast.unparse(node)}`: import the names one by one")
        else:
            continue
        for module in modules:
            top = module.partition(".")[0]
            if top in _OTHER_MODULES:
                yield Problem(node.lineno, f"`{ast.unparse(node)}`: {_OTHER_MODULES[top]}")


def _of_names(exercise: Exercise, tree: ast.Module) -> Iterator[Problem]:
    table = symtable.symtable(exercise.test, "<test>", "exec")
    bound = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported()
    }
    for scope in _scopes(table):
        bound |= {
            symbol.get_name()
            for symbol in scope.get_symbols()
            if symbol.is_declared_global() and symbol.is_assigned()
        }
    used = {
        symbol.get_name()
        for scope in (table, *_scopes(table))
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (scope is table or symbol.is_global())
    }
    own = set(exercise.defines)
    for name in sorted(bound & own):
        yield Problem(
            _line_of(tree, name, binding=True), f"it binds {name}, which the exercise defines"
        )
    unknown = used - bound - own - set(dir(builtins)) - {"__name__"}
    for name in sorted(unknown):
        yield Problem(
            _line_of(tree, name),
            f"it uses {name}, which it neither imports nor makes and which {exercise.name} does "
            "not define",
        )
    for name in sorted(used & _REACHES_OUT - bound):
        yield Problem(_line_of(tree, name), f"`{name}` can reach into the notebook")
    if not _uses_after_check(tree, own):
        yield Problem(1, f"the hidden tests never use what {exercise.name} defines")


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _scopes(child)


def _uses_after_check(tree: ast.Module, own: set[str]) -> bool:
    """Whether a name of the exercise stands anywhere below the visible call of ``check``."""
    return any(
        isinstance(node, ast.Name) and node.id in own
        for statement in tree.body[2:]
        for node in ast.walk(statement)
    )


def _line_of(tree: ast.Module, name: str, *, binding: bool = False) -> int:
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name:
            if not binding or isinstance(node.ctx, ast.Store):
                lines.append(node.lineno)
        elif binding and isinstance(node, definitions) and node.name == name:
            lines.append(node.lineno)
        elif binding and isinstance(node, ast.Import | ast.ImportFrom):
            if any((alias.asname or alias.name.partition(".")[0]) == name for alias in node.names):
                lines.append(node.lineno)
    return min(lines, default=1)


def _of_messages(tree: ast.Module) -> Iterator[Problem]:
    """A failing test shows its message to the student: there must be one, and it tells no answer."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield from _of_assert(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else function.id
            if _PRINTS_VALUES.match(name):
                yield Problem(
                    node.lineno,
                    f"`{ast.unparse(function)}` shows the expected values to the student; compare "
                    "with `assert …, message`",
                    stops=False,
                )


def _of_assert(node: ast.Assert) -> Iterator[Problem]:
    if node.msg is None:
        yield Problem(
            node.lineno, "an assert without a message tells a student nothing", stops=False
        )
        return
    text = "".join(
        part.value
        for part in ast.walk(node.msg)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    test = ast.unparse(node.test)
    if not isinstance(node.test, ast.Name) and test in (text, ast.unparse(node.msg)):
        yield Problem(node.lineno, "the message is the test's own code", stops=False)
    elif isinstance(node.test, ast.Compare | ast.Call) and test in text:
        yield Problem(node.lineno, "the message holds the test's own code", stops=False)
    for part in ast.walk(node.msg):
        if not isinstance(part, ast.FormattedValue):
            continue
        for leaf in ast.walk(part.value):
            if isinstance(leaf, ast.Name) and _TELLS_ANSWER.match(leaf.id):
                if not _is_about_form(part.value):
                    yield Problem(
                        node.lineno,
                        f"the message shows {ast.unparse(part.value)} to the student",
                        stops=False,
                    )
                break


def _is_about_form(node: ast.expr) -> bool:
    """Whether a value in a message is a shape, a dtype or a length, which may be told."""
    attributes = [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    calls = [ast.unparse(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)]
    return bool({"shape", "dtype", "ndim", "__name__"} & set(attributes)) or "len" in calls
