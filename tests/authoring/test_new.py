"""`autograder new` makes a chapter that builds as it stands, and changes nothing else."""

from __future__ import annotations

import tomllib

import pytest

from autograder.cli import main
from autograder.course import load_course

TOML = """title = "Small"

# the order matters

[[chapter]]
name = "03_early"   # a comment
title = "Early"

# about the next one
[[chapter]]
name = "20_late"
[chapter.given]
"03_early" = ["f"]
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "course.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def toml(root) -> str:
    return (root / "solutions" / "course.toml").read_text(encoding="utf-8")


def names(root) -> list[str]:
    return [chapter["name"] for chapter in tomllib.loads(toml(root))["chapter"]]


def new(root, *arguments: str) -> int:
    return main(["new", "--course", str(root), *arguments])


def test_it_stands_by_its_number_and_comments_are_kept(root, capsys):
    assert new(root, "14_my_chapter") == 0
    assert names(root) == ["03_early", "14_my_chapter", "20_late"]
    entry = '[[chapter]]\nname = "14_my_chapter"\ntitle = "My chapter"\nminutes = 10\n\n'
    assert toml(root).replace(entry, "") == TOML
    assert toml(root).index(entry) < toml(root).index("# about the next one")
    said = capsys.readouterr().out
    assert "autograder build 14_my_chapter" in said


def test_it_can_stand_elsewhere(root):
    assert new(root, "14_mine", "--after", "20_late") == 0
    assert names(root) == ["03_early", "20_late", "14_mine"]
    assert tomllib.loads(toml(root))["chapter"][1]["given"] == {"03_early": ["f"]}


def test_number_and_title_stand_in_the_text(root):
    title = 'Say "no" to {{number}} \\ ünicode'
    assert new(root, "07_x", "--title", title) == 0
    chapter = load_course(root).chapters["07_x"]
    assert chapter.title == title
    text = chapter.source.read_text(encoding="utf-8")
    assert f"# 7 · {title}\n" in text
    assert "\\tag{7.1}" in text
    assert "{{title}}" not in text and text.count("{{number}}") == 1
    assert {path.name for path in chapter.folder.iterdir()} == {"07_x.md", "answers"}
    assert not list(chapter.folder.rglob("*.pyc"))


def test_its_exercise_has_answers_enough(root):
    assert new(root, "07_x") == 0
    exercise = load_course(root).chapters["07_x"].exercises["moving_mean"]
    assert len(exercise.wrong) >= 5
    assert len(exercise.right) >= 2
    assert len({answer.diagnosis for answer in exercise.wrong}) == len(exercise.wrong)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["mychapter"], "two digits, an underscore and lower-case words"),
        (["14_My"], "two digits"),
        (["14_../../x"], "two digits"),
        (["03_early"], "03_early exists already"),
        (["05_there"], "05_there exists already"),
        (["03_other"], "the number 03 is taken by 03_early"),
        (["14_x", "--after", "09_no"], "no chapter '09_no'; the course has 03_early, 20_late"),
        (["14_x", "--title", "two\nlines"], "a title is one line of text"),
        (["14_x", "--title", " "], "a title is one line of text"),
    ],
)
def test_a_bad_request_changes_nothing(root, arguments, sentence, capsys):
    (root / "solutions" / "05_there").mkdir()
    before = sorted(root.rglob("*"))
    assert new(root, *arguments) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(root.rglob("*")) == before
    assert toml(root) == TOML


def test_a_course_file_that_cannot_be_extended_is_left_alone(root, capsys):
    inline = 'title = "T"\nchapter = [{ name = "03_early" }]\n'
    (root / "solutions" / "course.toml").write_text(inline, encoding="utf-8")
    assert new(root, "14_x") == 2
    assert 'add this yourself:\n[[chapter]]\nname = "14_x"' in capsys.readouterr().err
    assert toml(root) == inline
    assert not (root / "solutions" / "14_x").exists()


def test_where_writing_fails_nothing_is_left(root, monkeypatch, capsys):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("autograder.authoring.new_command.os.replace", refuse)
    before = sorted(root.rglob("*"))
    assert new(root, "14_x") == 2
    assert "Permission denied" in capsys.readouterr().err
    assert sorted(root.rglob("*")) == before


def test_it_builds_verifies_and_grades_as_it_stands(tmp_path, capsys):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "course").mkdir()
    (tmp_path / "solutions" / "course.toml").write_text('title = "Small"\n', encoding="utf-8")
    assert new(tmp_path, "14_mine") == 0
    course = ["--course", str(tmp_path)]
    assert main(["build", *course, "14_mine"]) == 0
    # verify grades the solution, the released notebook and every answer
    assert main(["verify", *course, "14_mine"]) == 0, capsys.readouterr()
