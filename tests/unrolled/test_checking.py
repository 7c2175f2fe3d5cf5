"""How a verdict is shown: in a notebook, in a terminal, and never as an exception."""

import html.parser
import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import unrolled.checking
from unrolled.checking import VerdictView, check
from unrolled.diagnosis import Verdict, judge
from unrolled.key import write_key


@pytest.fixture
def beside(tmp_path, monkeypatch, key):
    """The current folder is a chapter's, with its key."""
    write_key(tmp_path / "key.npz", {"rnn_step": key})
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNROLLED_KEY", raising=False)
    return tmp_path


def test_in_a_plain_process_the_verdict_is_printed(beside, solution, capsys):
    assert check(solution) is None
    assert capsys.readouterr().out == (
        "✓ Right. `rnn_step` agrees with the solution in all 4 cases.\n"
    )
    check(lambda *args: None, name="rnn_step")
    assert (
        capsys.readouterr().out == "✗ Not yet. `rnn_step` returned None. Did you forget `return`?\n"
    )


def test_a_process_that_never_imports_ipython_can_check(beside):
    code = (
        "import sys\nfrom unrolled import check\n"
        "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    raise NotImplementedError()\n"
        "check(rnn_step)\nassert 'IPython' not in sys.modules and 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout.startswith(b"? To do. `rnn_step` is not written yet")


def test_in_a_notebook_the_verdict_is_one_display_and_nothing_else(beside):
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            result = shell.run_cell(
                "from unrolled import check\n"
                "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
                "    print('looking', x_t)\n"
                "    return x_t / 0\n"
                "check(rnn_step)"
            )
    finally:
        InteractiveShell.clear_instance()
    assert result.success and result.result is None
    assert captured.stdout == "" and captured.stderr == ""
    (output,) = captured.outputs
    assert set(output.data) == {"text/plain", "text/html"}
    assert "`h_t` has shape (3, 4)" in output.data["text/plain"]
    assert output.data["text/plain"].endswith(
        "What it prints is left out here; call it yourself to see that."
    )


def test_a_raising_cell_shows_its_own_line(beside):
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            shell.run_cell(
                "from unrolled import check\n"
                "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
                "    inner = x_t @ h_prev\n"
                "    return inner\n"
                "check(rnn_step)"
            )
    finally:
        InteractiveShell.clear_instance()
    assert "line 3: `inner = x_t @ h_prev`" in captured.outputs[0].data["text/plain"]


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_html_is_escaped_and_code_is_set_as_code():
    text = "`W[0]` & <script>alert(1)</script>\nline 2: `a < b` costs $5 or $6 \\(x\\)"
    page = VerdictView(Verdict("f", False, None, text, "values")).html()
    tags = Tags()
    tags.feed(page)
    assert tags.tags == ["div", "strong", "code", "br", "code"]
    assert tags.text == "✗ Not yet. " + text.replace("\n", "").replace("`", "")
    assert 'class="mathjax_ignore"' in page, "or JupyterLab would read mathematics into it"
    assert "background" not in page and page.count("color") == 0, "colours are the theme's"


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("right", "✓ Right."),
        ("values", "✗ Not yet."),
        ("known", "✗ Not yet."),
        ("unwritten", "○ To do."),
        ("no_key", "! Nothing checked."),
    ],
)
def test_a_symbol_and_a_word_stand_beside_the_colour(kind, start):
    view = VerdictView(Verdict("f", kind == "right", None, "So it is.", kind))
    assert repr(view).startswith(start) and start.split()[0] in view.html()


def test_check_never_raises(beside, monkeypatch, capsys):
    for thing in (None, 3, "rnn_step", [], lambda: 0, int, check):
        check(thing)
    assert capsys.readouterr().out.count("! Nothing checked.") == 7

    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr(unrolled.checking, "diagnose", fails)
    check(lambda: 0)
    assert "a fault of the course, not yours" in capsys.readouterr().out


def test_the_same_answer_gives_the_same_words(key):
    def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
        return x_t @ W_xh.T

    views = {VerdictView(judge(rnn_step, key)).html() for _ in range(3)}
    assert len(views) == 1
