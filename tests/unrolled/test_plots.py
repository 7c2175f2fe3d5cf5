"""Figures: alternative text on each, nothing clipped or overlapping, stable outputs, sliders."""

import base64
import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from unrolled import plots, widgets


@pytest.fixture
def shell():
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def line():
    fig, ax = plots.figure()
    ax.plot([1, 2, 3])
    return fig


def test_a_figure_is_shown_with_its_alternative_text_and_caption(shell):
    fig = line()
    with capture_output() as captured:
        plots.show(fig, alt="A rising <line>.", caption="It rises & rises.")
    picture, caption = captured.outputs
    assert picture.metadata["image/png"]["alt"] == "A rising <line>."
    assert picture.metadata["image/png"]["width"] == round(6.4 * plots.SHOWN_DPI)
    assert picture.data["text/plain"] == "[Figure: A rising <line>.]"
    image = Image.open(io.BytesIO(base64.b64decode(picture.data["image/png"])))
    assert image.size == (int(6.4 * plots.DPI), int(3.4 * plots.DPI))
    assert "A rising &lt;line&gt;." in caption.data["text/html"]
    assert caption.data["text/plain"] == "It rises & rises."
    assert not plt.fignum_exists(fig.number), "an open figure would be shown a second time"


def test_outside_a_notebook_the_words_are_printed(capsys):
    fig = line()
    plots.show(fig, alt="A line.", caption="It rises.")
    assert capsys.readouterr().out == "[Figure: A line.]\nIt rises.\n"
    assert not plt.fignum_exists(fig.number)


def test_no_figure_without_alternative_text():
    with pytest.raises(ValueError, match="alternative text"):
        plots.show(line(), alt=" ")
    with pytest.raises(TypeError):
        plots.show(line())


def test_a_figure_is_opaque_and_small():
    data = plots.png(line())
    assert len(data) < 40_000
    with Image.open(io.BytesIO(data)) as image:
        assert "transparency" not in image.info
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_the_style_tells_lines_apart_without_colour():
    plots.use_style()
    cycle = plt.rcParams["axes.prop_cycle"].by_key()
    assert len(set(map(str, cycle["linestyle"]))) == len(set(cycle["color"])) == 6
    assert plt.rcParams["figure.facecolor"] == plt.rcParams["axes.facecolor"] == plots.PAPER


def luminance(colour: str) -> float:
    channels = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_words_have_enough_contrast_on_paper():
    for colour in (plots.INK, plots.GREY):
        assert (luminance(plots.PAPER) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def test_a_heatmap_has_no_grid_over_it():
    fig, ax = plots.figure()
    plots.heatmap(ax, np.eye(3), label="weight")
    assert not any(line.get_visible() for line in ax.get_xgridlines())
    assert fig.axes[1].get_ylabel() == "weight"


DRAWINGS = {
    "folded and unrolled": dict(),
    "many to one": dict(T=4, outputs=[4], folded=False),
    "one to many": dict(T=4, inputs=[1], folded=False, weights=False),
    "one step": dict(T=1),
    "words": dict(T=3, words={"x1": "extraordinarily", "x2": "bad"}, outputs=[3]),
    "losses": dict(T=3, losses=True),
    "gradients": dict(
        T=3,
        losses=True,
        gradients={"L3>y3": "", "y3>h3": "", "h3>h2": r"$\partial L/\partial h_2$", "h2>x2": ""},
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_are_whole_and_their_words_apart(name):
    fig = plots.draw_unrolled(**DRAWINGS[name])
    assert_readable(fig)


def test_a_cell_is_whole_and_its_words_apart():
    assert_readable(plots.draw_cell())


def assert_readable(fig):
    """Every shape and word lies within the figure, and no word lies on another."""
    fig.canvas.draw()
    page = fig.bbox
    axes = fig.axes[0]
    boxes = []
    for text in axes.texts:
        box = text.get_window_extent()
        assert page.x0 <= box.x0 and box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0 and box.y1 <= page.y1, text.get_text()
        boxes.append((text.get_text(), box))
    for patch in axes.patches:
        box = patch.get_window_extent()
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
    for number, (one, a) in enumerate(boxes):
        for other, b in boxes[number + 1 :]:
            assert not a.overlaps(b), (one, other)


def test_drawings_follow_their_arguments():
    def words(**options):
        return [text.get_text() for text in plots.draw_unrolled(**options).axes[0].texts]

    assert words(T=3, folded=False).count("$W_{hh}$") == 3, "one matrix, drawn at every step"
    assert "$y_{1}$" not in words(T=3, outputs=[3], folded=False)
    assert "$x_{2}$" not in words(T=3, inputs=[1], folded=False)
    with pytest.raises(ValueError, match="from 1 to T=2"):
        plots.draw_unrolled(2, inputs=[3])
    with pytest.raises(ValueError, match="at least one step"):
        plots.draw_unrolled(0)
    with pytest.raises(ValueError, match="no node 'h9'"):
        plots.draw_unrolled(2, gradients=["h9>h1"])


def test_a_diagram_holds_the_parts_of_any_cell():
    diagram = plots.Diagram(4, 2)
    diagram.node("c", 0.5, 1, "$c_{t-1}$", "state")
    diagram.node("f", 2, 1, r"$\times$", "operation")
    diagram.node("gate", 2, 0.4, r"$\sigma$", "gate")
    diagram.arrow("c", "f", "kept", bend=0.2)
    diagram.arrow("gate", "f", kind="gradient")
    diagram.arrow("f", (3.5, 1), kind="quiet")
    diagram.frame(1.2, 0.1, 1.6, 1.5, "forget")
    assert_readable(diagram.figure)
    with pytest.raises(ValueError, match="kind is one of"):
        diagram.node("x", 1, 1, kind="cloud")


def curve(slope):
    fig, ax = plots.figure()
    ax.plot([0, slope])
    return fig


def test_sliders_redraw_a_figure_that_also_stands_alone(shell, monkeypatch):
    monkeypatch.setattr(widgets, "_interactive", lambda: True)
    made = []
    original = widgets._slider
    monkeypatch.setattr(widgets, "_slider", lambda *args: made.append(original(*args)) or made[-1])
    with capture_output() as captured:
        plots.explore(
            curve,
            alt=lambda slope: f"A line of slope {slope:g}.",
            caption="Steeper.",
            slope=(0.0, 2.0, 0.5, 1.0),
        )
    picture, _, sliders = captured.outputs
    assert picture.metadata["image/png"]["alt"] == "A line of slope 1."
    assert "application/vnd.jupyter.widget-view+json" in sliders.data
    assert sliders.data["text/plain"] == "Sliders (in a running notebook): slope from 0 to 2"
    (slider,) = made
    assert (slider.min, slider.max, slider.step, slider.value) == (0, 2, 0.5, 1)
    shown = []
    monkeypatch.setattr(widgets, "_picture", lambda fig, alt: shown.append(alt) or "<img>")
    slider.value = 1.5
    assert shown == ["A line of slope 1.5."]


def test_a_redrawn_picture_has_its_alternative_text():
    page = widgets._picture(line(), 'A "steep" line.')
    assert 'alt="A &quot;steep&quot; line."' in page and "data:image/png;base64," in page
    assert not plt.get_fignums()


def test_whole_numbers_get_a_slider_of_whole_numbers():
    ipywidgets = pytest.importorskip("ipywidgets")
    assert widgets._slider(ipywidgets, "T", 1, 9, 1, 3).value == 3
    assert type(widgets._slider(ipywidgets, "T", 1, 9, 1, 3)) is ipywidgets.IntSlider
    assert type(widgets._slider(ipywidgets, "a", 0, 1, 0.1, 1)) is ipywidgets.FloatSlider


def test_without_a_notebook_and_while_grading_the_figure_stands_alone(shell, monkeypatch):
    with capture_output() as captured:
        plots.explore(curve, alt="A line.", slope=(0.0, 2.0, 0.5, 1.0))
    assert len(captured.outputs) == 2
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(type(shell), "kernel", object(), raising=False)
    assert not widgets._interactive()
    monkeypatch.delenv("NBGRADER_EXECUTION")
    assert widgets._interactive()


def test_a_slider_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="slope="):
        plots.explore(curve, alt="A line.", slope=(0, 1, 0.1, 3))


def test_a_graded_notebook_keeps_the_words_of_a_figure_and_not_its_picture(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(plots, "ipython_shell", lambda: object())
    fig, _ = plots.figure()
    plots.show(fig, alt="A line that rises.", caption="See it rise.")
    assert capsys.readouterr().out == "[Figure: A line that rises.]\nSee it rise.\n"


def test_no_half_made_figure_is_left_for_a_graded_notebook_to_draw(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    open_before = plt.get_fignums()
    fig, axes = plots.figure(1, 2, width=5, sharey=True, gridspec_kw={"width_ratios": [1, 2]})
    axes[1].plot([0, 1])
    diagram = plots.Diagram(3, 2)
    diagram.node("a", 1, 1)
    assert plt.get_fignums() == open_before
    assert fig.get_size_inches()[0] == 5
    assert diagram.figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)
