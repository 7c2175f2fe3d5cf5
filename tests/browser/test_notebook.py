"""A student works through a chapter in JupyterLab: runs it, moves its slider, reads a check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import nbformat
import pytest

from autograder.course import Chapter, Course
from autograder.grading.demo import answer_codes, filled, released
from tests.browser.chromium import Browser
from tests.browser.lab import jupyterlab, open_lab

NAME = "01_recurrence"
EXERCISE, MISTAKE = "count_parameters", "no_biases"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# how far apart the colours of a text and of what is behind it are, by WCAG 2
CONTRAST = """
(element) => {
  const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = element;
  while (behind.parentElement && channels(getComputedStyle(behind).backgroundColor)[3] === 0) {
    behind = behind.parentElement;
  }
  const [low, high] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]
    .map(light).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
"""
PANEL = "[...window.jupyterapp.shell.widgets('main')].find((panel) => panel.sessionContext)"
NOTEBOOK = f"{PANEL}.content"


@pytest.fixture(scope="module")
def chapter(course: Course, browser: Browser) -> Chapter:
    return course.chapters[NAME]


@pytest.fixture(scope="module")
def address(chapter: Chapter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A copy of what students get, with right answers and one known mistake."""
    folder = tmp_path_factory.mktemp("student") / "course"
    clutter = shutil.ignore_patterns(".venv", "*.egg-info", "__pycache__", ".ipynb_checkpoints")
    shutil.copytree(chapter.course.release, folder, ignore=clutter)
    codes = {name: answer_codes(exercise) for name, exercise in chapter.exercises.items()}
    answers = {name: code["right"] for name, code in codes.items()}
    answers[EXERCISE] = codes[EXERCISE][f"wrong/{MISTAKE}"]
    page = filled(released(chapter), answers)
    nbformat.write(page, folder / NAME / f"{NAME}.ipynb")
    with jupyterlab(folder, tmp_path_factory.mktemp("server") / "home") as address:
        yield address


@pytest.fixture(scope="module")
def notebook(address: str, browser: Browser) -> Browser:
    """The chapter in JupyterLab, all of its cells run."""
    open_lab(browser, address, f"{NAME}/{NAME}.ipynb")
    browser.until(
        f"{NOTEBOOK}.widgets.length && {PANEL}.sessionContext.ready.then(() => true)",
        what="the notebook and its kernel",
    )
    browser.js(f"jupyterapp.shell.activateById({PANEL}.id)")
    browser.js("void jupyterapp.commands.execute('notebook:run-all-cells')")
    browser.until(
        f"{NOTEBOOK}.widgets.filter((c) => c.model.type === 'code' && "
        "c.model.sharedModel.getSource().trim()).every((c) => c.model.executionCount)",
        what="every cell to have run",
        patience=180,
    )
    return browser


def go_to(browser: Browser, source: str) -> None:
    """Scroll to the code cell that contains this text."""
    wanted = f"{NOTEBOOK}.widgets.findIndex((c) => c.model.type === 'code' && \
c.model.sharedModel.getSource().includes({json.dumps(source)}))"
    browser.until(
        f"{wanted} >= 0 && ({NOTEBOOK}.activeCellIndex = {wanted}, "
        f"{NOTEBOOK}.scrollToItem({wanted}, 'start').then(() => true))",
        what=f"a cell with {source}",
    )


def change_theme(browser: Browser, theme: str) -> None:
    name = THEMES[theme]
    browser.js(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})")
    browser.until(f"document.body.dataset.jpThemeName === '{name}'", what=f"the {theme} theme")


def test_every_cell_of_the_chapter_runs(notebook):
    wrong = notebook.js(
        f"{NOTEBOOK}.widgets.filter((c) => c.model.type === 'code').flatMap((c) => "
        "c.model.outputs.toJSON()).filter((o) => o.output_type === 'error').map((o) => o.evalue)"
    )
    assert wrong == []


@pytest.mark.parametrize("theme", THEMES)
def test_moving_a_slider_by_keyboard_redraws_the_figure(theme, notebook, shots):
    change_theme(notebook, theme)
    go_to(notebook, "plots.explore(")
    picture = "document.querySelector('.jp-Cell .widget-html img')"
    before = notebook.js(f"{picture} && {picture}.alt")
    notebook.click(".noUi-handle")
    notebook.press("ArrowRight" if theme == "light" else "ArrowLeft", times=5)
    notebook.until(f"{picture} && {picture}.complete && {picture}.alt !== {json.dumps(before)}",
                   what="another figure")  # fmt: skip
    assert notebook.js(f"{picture}.naturalWidth") > 300
    assert notebook.js(f"{picture}.alt.length") > 20
    notebook.screenshot(shots / f"slider_{theme}.png")


@pytest.mark.parametrize("theme", THEMES)
def test_check_says_what_is_wrong_in_readable_colours(theme, notebook, chapter, shots):
    change_theme(notebook, theme)
    go_to(notebook, f"check({EXERCISE})")
    exercise = chapter.exercises[EXERCISE]
    (mistake,) = [answer for answer in exercise.wrong if answer.name == MISTAKE]
    words = mistake.diagnosis.split()[0:6]
    say = "(e) => Boolean(e.innerText) && e.innerText.replace(/\\s+/g, ' ').includes(words)"
    said = (
        f"(words) => {{ const says = {say}; "
        "return [...document.querySelectorAll('.jp-OutputArea-output *')]"
        f".filter((e) => says(e) && ![...e.children].some(says)).map({CONTRAST}) }}"
    )
    notebook.until(f"(words) => ({said})(words).length", " ".join(words), what="the diagnosis")
    notebook.screenshot(shots / f"check_{theme}.png")
    assert min(notebook.js(said, " ".join(words))) >= 4.5
