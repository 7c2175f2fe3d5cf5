"""What readers are shown of a student's outputs runs nothing, loads nothing and deceives nobody."""

from __future__ import annotations

import base64
import io
import struct

import pytest
from matplotlib.figure import Figure

from autograder.grading import feedback, readable, showing
from autograder.grading.outcome import CellOutcome, Outcome


def shown(**data: str) -> dict[str, str]:
    nodes = showing.shown([{"output_type": "display_data", "data": data, "metadata": {}}])
    return dict(nodes[0].data) if nodes else {}


def picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(stream, format=kind)
    return stream.getvalue()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_pictures_are_kept_where_they_are_pictures_of_their_kind_and_not_too_large(kind):
    data = picture(kind)
    mime = f"image/{kind}"
    assert shown(**{mime: encoded(data)}) == {mime: encoded(data)}
    if kind == "png":
        huge = data[:16] + struct.pack(">II", 100_000, 100_000) + data[24:]
    else:
        place = next(i for i in range(len(data)) if data[i : i + 2] in (b"\xff\xc0", b"\xff\xc2"))
        huge = data[: place + 5] + struct.pack(">HH", 60_000, 60_000) + data[place + 9 :]
    for bad in (huge, b"<script>alert(1)</script>" * 9, data[:20], b"", data[1:], b"\xff\xd8" * 99):
        assert shown(**{mime: encoded(bad), "text/plain": "words"}) == {"text/plain": "words"}


def test_jpegs_that_lead_nowhere_end():
    for data in (b"\xff\xd8\xff\xe0\x00\x00", b"\xff\xd8" + b"\xff\xe0\x00\x02" * 1000):
        assert shown(**{"image/jpeg": encoded(data)}) == {}


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<table class="dataframe"><tr><td>1</td></tr></table>', 'class="dataframe"'),
        ('<strong class="right">2 of 2 points</strong>', "<strong>2 of 2 points</strong>"),
        ('<table class="columns"><tr><td>1</td></tr></table>', "<table><tbody>"),
        ('<a href="https://docs.python.org">a</a>', '<a href="https://docs.python.org">a</a>'),
        ('<a href="#place">a</a>', '<a href="#place">a</a>'),
        ('<a href="&#106;avascript:x">a</a>', "<a>a</a>"),
        ('<a href="javascript&colon;x">a</a>', "<a>a</a>"),
        ('<a href="//evil.example/x">a</a>', "<a>a</a>"),
        ('<a href="../student-002/x.html">a</a>', "<a>a</a>"),
        ("a\u202eb\x1b[31mc\x9bd", "abcd"),
    ],
)
def test_html_keeps_tables_and_links_to_the_web_only(html, kept):
    assert kept in shown(**{"text/html": html})["text/html"]


@pytest.mark.parametrize("count", [10**5000, -1, True, 2.0, "3"], ids=lambda _: "count")
def test_an_impossible_execution_count_is_none(count):
    outcome = Outcome("x", cells={"a": CellOutcome([], count)})
    assert showing.cleaned(outcome).cells["a"].execution_count is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain äöü 中文 עברית \U0001f600\tx\ny", "plain äöü 中文 עברית \U0001f600\tx\ny"),
        ("50%\r75%\r\n100%", "50%\n75%\n100%"),
        ("\x1b]0;title\x07a\x1b[2Jb\x1b]8;;http://x\x1b\\c", "abc"),
        ("a\u202eb\u2066c\u2069\u200f\u061c\ufeff\U000e0041", "abc"),
        ("\ud800\x00\x7f\x85\u2028", "?"),
    ],
)
def test_text_keeps_what_can_be_read(text, kept):
    assert readable.readable(text) == kept


def test_code_shows_what_it_hides():
    assert readable.marked("a\u202eb\r\n\x00") == "a⟨U+202E⟩b\n⟨U+0000⟩"


def test_a_line_is_one_line():
    assert readable.line(" a\n\n b\x1b[31m ") == "a b"
    assert readable.line("x" * 900, 10) == "x" * 9 + "…"


def test_headings_of_a_student_do_not_pose_as_the_pages_own():
    from nbformat.v4 import new_markdown_cell, new_notebook

    page = new_notebook(
        cells=[
            new_markdown_cell("# Final grade: 100\n\n## scale: 2 of 2 points", id="own-0001"),
            new_markdown_cell("# The chapter\n\n## Its part", id="cell-001"),
        ]
    )
    html, _ = feedback.FeedbackExporter().from_notebook_node(page, {})
    assert "Final grade" not in html and "2 of 2" not in html
    assert "<h1>The chapter</h1>" in html and "<h2>Its part</h2>" in html
