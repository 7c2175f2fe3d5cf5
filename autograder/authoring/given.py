"""``given.py``: functions of earlier chapters, lifted out of their text as they stand there.

So no solution is ever written twice. What a lifted function needs of its own chapter (imports,
helpers, and what that chapter was given itself) comes along. Nothing is executed.
"""

from __future__ import annotations

import ast
import symtable
import weakref
from dataclasses import dataclass, field

from autograder.course import Chapter
from autograder.errors import UserError

MODULE = "given"
_HEADER = '"""What earlier chapters built and this one uses. Import it: `from given import …`."""\n'
_MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")


@dataclass(frozen=True, eq=False)
class _Statement:
    """A top-level statement of a chapter's imports, solution and shared cells."""

    chapter: str
    order: int
    """Its place in the chapter."""
    source: str
    node: ast.stmt
    binds: tuple[str, ...]
    needs: frozenset[str] = field(repr=False)
    """Global names that it uses, here or when it is called."""


def given_source(chapter: Chapter) -> str | None:
    """The text of the chapter's ``given.py``, or None where nothing is given.

    Raises UserError where a name is not defined by the earlier chapter's imports, solution or shared
    cells, or stands for two different things.
    """
    if not chapter.given:
        return None
    chosen: dict[int, _Statement] = {}
    imports: dict[str, str] = {}
    for earlier_name, names in chapter.given.items():
        earlier = chapter.course.chapters[earlier_name]
        for name in names:
            if _find(earlier, name) is None:
                raise UserError(
                    f"{chapter.course.solutions / 'course.toml'}: {chapter.name} is given {name} "
                    f"of {earlier_name}, but no solution cell or shared cell there defines it"
                )
            _lift(earlier, name, chosen, imports)
    order = list(chapter.course.chapters)
    statements = sorted(chosen.values(), key=lambda s: (order.index(s.chapter), s.order))
    _refuse_two_meanings(chapter, statements, imports)
    blocks = [_HEADER]
    if imports:
        blocks.append("\n".join(sorted(imports.values(), key=_import_order)) + "\n")
    before = None
    for statement in statements:
        text = statement.source
        if statement.chapter != before:
            text = f"# from {statement.chapter}\n{text}"
            before = statement.chapter
        blocks.append("\n" + text)
    return "\n".join(blocks)


def given_lines(chapter: Chapter) -> set[str]:
    """The lines of the chapter's ``given.py``, stripped; empty where nothing is given."""
    return {line.strip() for line in (given_source(chapter) or "").splitlines()}


def _lift(
    chapter: Chapter, name: str, chosen: dict[int, _Statement], imports: dict[str, str]
) -> None:
    """Add the statement that binds ``name`` in ``chapter``, and all that it needs."""
    statement = _find(chapter, name)
    if statement is None or id(statement) in chosen:
        return  # a builtin, or here already
    if isinstance(statement.node, ast.Import | ast.ImportFrom):
        if _is_given_import(statement.node):
            earlier, original = _origin(chapter, name, statement.node)
            _lift(earlier, original, chosen, imports)
        else:
            imports[name] = _import_line(statement.node, name)
        return
    chosen[id(statement)] = statement
    for needed in sorted(statement.needs):
        _lift(chapter, needed, chosen, imports)


def _find(chapter: Chapter, name: str) -> _Statement | None:
    """The last top-level statement of the chapter that binds ``name``."""
    found = None
    for statement in _statements(chapter):
        if name in statement.binds:
            found = statement
    return found


# a chapter's text is read once; verification asks for the same one thousands of times
_CACHE: weakref.WeakKeyDictionary[Chapter, tuple[_Statement, ...]] = weakref.WeakKeyDictionary()


def _statements(chapter: Chapter) -> tuple[_Statement, ...]:
    if chapter not in _CACHE:
        cells = [("the imports cell", chapter.imports)]
        cells += [(exercise.name, exercise.solution) for exercise in chapter.exercises.values()]
        cells += [("a shared cell", source) for source in chapter.shared]
        found = []
        for where, source in cells:
            for node, text in _split(source, f"{chapter.source}: {where}"):
                found.append(_statement(chapter, len(found), node, text))
        _CACHE[chapter] = tuple(found)
    return _CACHE[chapter]


def _split(source: str, where: str) -> list[tuple[ast.stmt, str]]:
    """Top-level statements with their text, decorators and the comment above included."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise UserError(f"{where}, line {error.lineno}: {error.msg}") from error
    lines = source.splitlines()
    found = []
    for node in body:
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(d.lineno for d in decorators)]) - 1
        while start > 0 and lines[start - 1].startswith("#"):
            start -= 1
        kept = [
            line for line in lines[start : node.end_lineno] if not line.strip().startswith(_MARKERS)
        ]
        found.append((node, "\n".join(kept) + "\n"))
    return found


def _statement(chapter: Chapter, order: int, node: ast.stmt, text: str) -> _Statement:
    table = symtable.symtable(ast.unparse(node), chapter.name, "exec")
    binds = tuple(s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported())
    return _Statement(chapter.name, order, text, node, binds, frozenset(_globals(table, top=True)))


def _globals(table: symtable.SymbolTable, top: bool) -> set[str]:
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (top or symbol.is_global())
    }
    for child in table.get_children():
        names |= _globals(child, top=False)
    return names


def _is_given_import(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == MODULE and node.level == 0


def _origin(chapter: Chapter, name: str, node: ast.ImportFrom) -> tuple[Chapter, str]:
    """Which earlier chapter a name comes from that ``chapter`` itself was given."""
    original = next(a.name for a in node.names if (a.asname or a.name) == name)
    for earlier, names in chapter.given.items():
        if original in names:
            if original != name:
                raise UserError(
                    f"{chapter.source}: `from {MODULE} import {original} as {name}` cannot be "
                    "lifted into a later chapter; import it under its own name"
                )
            return chapter.course.chapters[earlier], original
    raise UserError(
        f"{chapter.source}: imports {original} from {MODULE}, but course.toml does not give it"
    )


def _import_line(node: ast.Import | ast.ImportFrom, name: str) -> str:
    """An import statement for this one name."""
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        if bound == name:
            only = type(node)(**{**dict(ast.iter_fields(node)), "names": [alias]})
            return ast.unparse(only)
    raise AssertionError(f"{name} is not bound by {ast.unparse(node)}")


def _import_order(line: str) -> tuple[bool, str]:
    return (not line.startswith("import "), line)


def _refuse_two_meanings(
    chapter: Chapter, statements: list[_Statement], imports: dict[str, str]
) -> None:
    where: dict[str, str] = {name: "an import" for name in imports}
    for statement in statements:
        for name in statement.binds:
            if name in where:
                raise UserError(
                    f"{chapter.course.solutions / 'course.toml'}: {chapter.name} is given two "
                    f"things called {name}, from {where[name]} and from {statement.chapter}"
                )
            where[name] = statement.chapter
