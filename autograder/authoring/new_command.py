"""Make a new chapter from the template: it builds, verifies and grades as it stands.

The folder holds a text with one exercise, its hidden tests, seven wrong answers and two right ones;
change them one after another, and build after each step.

example:
  autograder new 14_mychapter --title "What I want to teach"
  autograder build 14_mychapter
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import tempfile
import tomllib
from pathlib import Path

from autograder.course import Chapter, Course, load_course
from autograder.errors import UserError

TEMPLATE = Path(__file__).resolve().parent / "template"
MINUTES = 10
_NAME = re.compile(r"\d\d_[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{(number|title)\}\}")
_HEADER = re.compile(r"\s*\[\[\s*chapter\s*\]\]")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="two digits and words, like 14_mychapter")
    parser.add_argument("--title", help="the chapter's title (default: from its name)")
    parser.add_argument(
        "--after", metavar="CHAPTER", help="where it stands in the course (default: by its number)"
    )


def run(arguments: argparse.Namespace) -> int:
    course = load_course(arguments.course)
    chapter = new_chapter(course, arguments.name, arguments.title, arguments.after)
    print(f"made {chapter.source}")
    print(f"next: edit it, then `autograder build {chapter.name}`")
    return 0


def new_chapter(
    course: Course, name: str, title: str | None = None, after: str | None = None
) -> Chapter:
    """Write ``solutions/NAME`` and its entry in ``course.toml``; both or neither.

    Raises UserError where the name is not one, is taken, or ``after`` is no chapter.
    """
    title = title or name[3:].replace("_", " ").capitalize()
    _refuse(course, name, title, after)
    folder = course.solutions / name
    file = course.solutions / "course.toml"
    text = file.read_text(encoding="utf-8")
    entry = f"[[chapter]]\nname = {json.dumps(name)}\n"
    entry += f"title = {json.dumps(title, ensure_ascii=False)}\nminutes = {MINUTES}\n"
    position = _position(course, name, after)
    new_text = _inserted(text, entry, position)
    if _names(new_text) != [*_names(text)[:position], name, *_names(text)[position:]]:
        raise UserError(f"{file}: cannot be extended; add this yourself:\n{entry}")
    with tempfile.TemporaryDirectory(prefix=".new-", dir=course.solutions) as temporary:
        made = Path(temporary) / name
        shutil.copytree(TEMPLATE, made, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        source = (made / "chapter.md").read_text(encoding="utf-8")
        values = {"number": str(int(name[:2])), "title": title}
        source = _PLACEHOLDER.sub(lambda match: values[match[1]], source)
        (made / f"{name}.md").write_text(source, encoding="utf-8")
        (made / "chapter.md").unlink()
        beside = Path(temporary) / "course.toml"
        beside.write_text(new_text, encoding="utf-8")
        os.rename(made, folder)
        try:
            os.replace(beside, file)
        except BaseException:
            shutil.rmtree(folder)
            raise
    return load_course(course.root).chapters[name]


def _refuse(course: Course, name: str, title: str, after: str | None) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(
            f"a chapter's name is two digits, an underscore and lower-case words, like "
            f"14_mychapter: {name!r}"
        )
    if name in course.chapters or (course.solutions / name).exists():
        raise UserError(f"{name} exists already: {course.solutions / name}")
    for other in course.chapters:
        if other[:2] == name[:2]:
            raise UserError(f"the number {name[:2]} is taken by {other}; choose another")
    if not title.strip() or not title.isprintable():
        raise UserError(f"a title is one line of text: {title!r}")
    if after is not None and after not in course.chapters:
        known = ", ".join(course.chapters) or "none yet"
        raise UserError(f"--after: no chapter {after!r}; the course has {known}")


def _position(course: Course, name: str, after: str | None) -> int:
    """How many chapters stand before the new one."""
    names = list(course.chapters)
    if after is not None:
        return names.index(after) + 1
    return sum(other < name for other in names)


def _inserted(text: str, entry: str, position: int) -> str:
    """The TOML text with the entry as chapter number ``position``; all else, comments too, stays."""
    lines = text.splitlines(keepends=True)
    headers = [i for i, line in enumerate(lines) if _HEADER.match(line)]
    if position >= len(headers):
        return text.rstrip("\n") + "\n\n" + entry
    at = headers[position]
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1  # a comment above a chapter belongs to it
    return "".join(lines[:at]) + entry + "\n" + "".join(lines[at:])


def _names(text: str) -> list[str] | None:
    """The chapters' names in TOML text, or None where it is not TOML."""
    try:
        return [chapter["name"] for chapter in tomllib.loads(text).get("chapter", [])]
    except tomllib.TOMLDecodeError:
        return None
