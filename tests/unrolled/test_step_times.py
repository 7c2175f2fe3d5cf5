"""Measured step times: what is measured, the file's layout, the command, the figures."""

import copy
import json
import platform
import socket
import time

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from unrolled import plots, step_limits, step_methods, step_results, step_times
from unrolled.step_methods import BY_NAME, Problem, Size, float32_products

CPU = torch.device("cpu")
SMALL = {"H": (8, 16), "T": (4, 8), "B": (2, 3)}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def tiny(monkeypatch):
    """Sizes so small that a measurement takes a moment, whatever time it is given."""
    monkeypatch.setattr(step_times, "CENTRE", {"T": 8, "B": 3, "H": 16})
    monkeypatch.setattr(step_times, "FULL", SMALL)
    monkeypatch.setattr(step_times, "SHORT", SMALL)
    for name in ("matmul_speed", "copy_speed"):
        whole = getattr(step_limits, name)
        monkeypatch.setattr(step_limits, name, lambda device, _, whole=whole: whole(device, 0.02))
    # compiling is no part of these tests, and takes longer than all of them
    monkeypatch.setattr(step_methods.torch, "compile", lambda function, **options: function)


def made_up(name="Made-up GPU", device="cuda", faster=1.0):
    """A complete result with invented times, to try the layout and the figures on."""
    centre = {"T": 128, "B": 64, "H": 256}
    axes = {axis: sorted(values) for axis, values in step_times.FULL.items()}
    weights = dict.fromkeys(BY_NAME, 1.0) | {"loop": 40.0, "compiled": 20.0, "graph": 5.0}
    points = []
    for method in BY_NAME.values():
        places = [centre] + [
            centre | {axis: value}
            for axis in method.axes
            for value in axes[axis]
            if value != centre[axis]
        ]
        for place in places:
            size = Size(**place, D=64)
            seconds = (weights[method.name] * 1e-5 * size.T + size.flops / 3e13) / faster
            work = {"flops": size.flops, "bytes": size.bytes(4)}
            timed = {"seconds": seconds, "fastest": seconds, "repeats": 5}
            points.append({"method": method.name} | place | timed | work)
    gpu = {"name": name, "driver": "1.0", "capability": "9.0"} if device == "cuda" else None
    return {
        "format": step_results.FORMAT,
        "date": "2026-01-01",
        "machine": {
            "device": device,
            "name": name,
            "cpu": "Made-up processor",
            "threads": 2,
            "system": "Linux x86_64",
            "clock": "wall",
            "gpu": gpu,
        },
        "versions": {"python": "3.11.7", "torch": "2.13.0"},
        "setting": {"cell": "LSTM", "D": 64, "centre": centre, "axes": axes},
        "methods": {
            method.name: {"label": method.label, "dtype": method.dtype, "reason": None}
            for method in BY_NAME.values()
        },
        "points": points,
        "limits": {
            "matmul": {
                "fp32": {"flops_per_second": 5e13 * faster},
                "tf32": {"reason": "not there"},
                "bf16": {"flops_per_second": 7e14 * faster},
            },
            "copy": [
                {"bytes": 2e6, "bytes_per_second": 6e12 * faster},
                {"bytes": 2e9, "bytes_per_second": 3e12 * faster},
            ],
        },
        "launch": {
            "unit": "kernel",
            "seconds": 4e-6,
            "latency_seconds": 9e-6,
            "graph_seconds": 1e-6,
            "T": 128,
            "counts": {
                "loop": {"launches": 5500, "kernels": 5400},
                "graph": {"launches": 1, "kernels": 5400},
                "nn": {"launches": 300, "kernels": 290},
                "fused": {"reason": "not counted"},
            },
        },
    }


# --- what is measured -----------------------------------------------------------------------------


def relative(found, wanted):
    found, wanted = found.detach().double(), wanted.detach().double()
    return float((found - wanted).norm() / wanted.norm())


@pytest.mark.parametrize(("name", "tolerance"), [("nn", 1e-6), ("nn_bf16", 2e-2), ("fused", 1e-6)])
def test_every_method_gives_the_gradients_of_the_readable_loop(name, tolerance):
    problem = Problem(Size(T=7, B=3, H=5, D=4), CPU)
    loop, other = BY_NAME["loop"].make(problem), BY_NAME[name].make(problem)
    assert relative(other.forward(), loop.forward()) < tolerance
    wanted, found = loop.step(), other.step()
    for one, right in zip(found, wanted, strict=False):  # torch.nn has a second bias at the end
        assert relative(one.reshape(right.shape), right) < tolerance


def test_a_step_is_as_much_work_as_torch_counts():
    size = Size(T=5, B=3, H=8, D=4)
    step = BY_NAME["loop"].make(Problem(size, CPU)).step
    with FlopCounterMode(display=False) as counter:
        step()
    assert counter.get_total_flops() == size.flops


def test_the_bytes_of_a_step_are_those_of_its_arrays():
    # H and D so small beside B that the gates, states and inputs are nearly all, and the reverse
    assert Size(T=1, B=10**6, H=1, D=1).bytes(4) == pytest.approx(4 * 47e6, rel=1e-4)
    assert Size(T=100, B=1, H=10**4, D=1).bytes(2) == pytest.approx(2 * 8e10, rel=1e-2)


def test_operators_are_counted_without_views():
    weights = torch.ones(3, 3, requires_grad=True)
    counted = step_limits.count_launches(lambda: (weights.T.chunk(3)[0] * 2).exp(), CPU)
    assert counted == {"launches": 2, "kernels": None}
    loop = BY_NAME["loop"].make(Problem(Size(T=6, B=2, H=3, D=2), CPU)).step
    longer = BY_NAME["loop"].make(Problem(Size(T=12, B=2, H=3, D=2), CPU)).step
    once, twice = (step_limits.count_launches(step, CPU)["launches"] for step in (loop, longer))
    assert 1.9 < twice / once < 2.1, "T steps are T times as many operators"


def test_a_call_is_repeated_for_the_time_given_and_at_least_as_often_as_asked():
    calls = []
    assert step_limits.time_calls(lambda: calls.append(1), CPU, 1e-9, least=4).repeats == 4
    assert len(calls) == 5, "one to see how long it takes"
    assert step_limits.time_calls(lambda: None, CPU, 1.0, most=6).repeats == 6


def test_other_programs_do_not_lengthen_the_time_of_one_thread(monkeypatch):
    if platform.system() == "Windows":
        pytest.skip("Windows counts processor time too coarsely")
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert step_limits.time_once(lambda: time.sleep(0.2), CPU) < 0.1
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    assert step_limits.time_once(lambda: time.sleep(0.2), CPU) >= 0.2


def test_a_system_that_tells_little_is_described_all_the_same(monkeypatch):
    def refuses(*arguments, **options):
        raise OSError

    monkeypatch.setattr(step_limits.os, "getloadavg", refuses, raising=False)
    monkeypatch.setattr("builtins.open", refuses)
    machine = step_limits.describe_machine(CPU)
    assert machine["load"] is None and machine["name"] and machine["threads"] >= 1


def test_a_short_measurement_has_a_time_or_a_reason_for_everything(tiny):
    random_before = torch.random.get_rng_state()
    result = step_times.measure_here(30)
    step_results.check_layout(result)
    assert torch.equal(torch.random.get_rng_state(), random_before)
    if result["machine"]["device"] == "cpu":
        assert result["methods"]["graph"]["reason"] == "needs an NVIDIA GPU"
        assert "unrolled.step_times" in result["methods"]["compiled"]["reason"]
    for name, method in result["methods"].items():
        points = [point for point in result["points"] if point["method"] == name]
        assert bool(points) != bool(method["reason"])
        if "T" in BY_NAME[name].axes and points:
            assert {point["T"] for point in points} == {4, 8}
    loop = step_results.points_along("B", result, "loop")
    assert [point["B"] for point in loop] == [2, 3]
    assert result["launch"]["counts"]["loop"]["launches"] > 100


def test_when_time_runs_out_the_points_say_so_and_the_least_is_there_to_show(tiny):
    result = step_times.measure_here(1e-3)
    step_results.check_layout(result)
    measured = [point for point in result["points"] if "seconds" in point]
    assert {(point["T"], point["B"], point["H"]) for point in measured} == {(8, 3, 8)}
    reasons = {point["reason"] for point in result["points"] if "reason" in point}
    assert reasons == {"the time given was over before it"}
    for draw in (step_times.draw_times, step_times.draw_roofline, step_times.draw_launches):
        assert_nothing_clipped(draw(result))


def test_a_method_that_fails_leaves_its_reason_and_the_others(tiny, monkeypatch):
    def fails(problem):
        raise RuntimeError("no such instruction\nand much more")

    broken = step_methods.Method("nn", "nn.LSTM", "fp32", fails)
    monkeypatch.setitem(step_methods.BY_NAME, "nn", broken)
    monkeypatch.setattr(step_times, "METHODS", tuple(step_methods.BY_NAME.values()))
    result = step_times.measure(CPU, 30, axes={"H": (8,), "T": (), "B": ()})
    reasons = {point["reason"] for point in result["points"] if point["method"] == "nn"}
    assert reasons == {"RuntimeError: no such instruction"}
    assert step_results.points_along("H", result, "loop")


def test_without_a_compiler_the_reason_is_recorded(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    assert "C++ compiler" in BY_NAME["compiled"].missing(CPU)
    monkeypatch.setenv("CXX", "/nowhere/c++")
    assert "/nowhere/c++" in BY_NAME["compiled_loop"].missing(CPU)


def test_the_precision_of_products_is_put_back():
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    with pytest.raises(KeyError), float32_products(True):
        assert torch.backends.cudnn.allow_tf32
        raise KeyError
    assert (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == before


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(step_times.StepTimesError, match="name cpu, cuda or mps"):
        step_times.find_device("toaster")
    with pytest.raises(step_times.StepTimesError, match="meta is not measured"):
        step_times.find_device("meta")
    missing = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(step_times.StepTimesError, match=f"finds no {missing} device"):
        step_times.find_device(missing)


# --- files ----------------------------------------------------------------------------------------


def test_a_result_comes_back_from_its_file(tmp_path):
    result = made_up()
    step_times.save(result, tmp_path / "gpu.json")
    assert step_times.load(tmp_path / "gpu.json") == result
    assert [path.name for path in tmp_path.iterdir()] == ["gpu.json"]


def spoil(*path, value=None, remove=False):
    """A made-up result with one thing wrong in it."""
    result = made_up()
    place = result
    for name in path[:-1]:
        place = place[name]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return result


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ([], "the file is a list, not an object"),
        (spoil("format", value=2), "format is 2, and this toolbox reads 1"),
        (spoil("machine", remove=True), "the file has no 'machine'"),
        (spoil("machine", "name", value=""), "machine.name is ''"),
        (spoil("machine", "device", value="abacus"), "machine.device is 'abacus'"),
        (spoil("machine", "gpu", value=None), "machine.gpu is null, not an object"),
        (spoil("setting", "centre", "T", value=0), "setting.centre.T is 0"),
        (spoil("setting", "axes", "H", value=[True]), "setting.axes.H holds"),
        (spoil("methods", "nn", "reason", value=7), "methods.nn.reason is 7, not a text"),
        (spoil("points", value={}), "points is an object, not a list"),
        (spoil("points", 0, "method", value="magic"), r"points\[0\].method is 'magic'"),
        (spoil("points", 3, "seconds", value=-1.0), r"points\[3\].seconds is -1.0"),
        (spoil("points", 3, "repeats", value=1.5), r"points\[3\].repeats is 1.5"),
        (spoil("points", 2, "flops", remove=True), r"points\[2\] has no 'flops'"),
        (spoil("limits", "matmul", "fp32", value={}), "limits.matmul.fp32 has no"),
        (spoil("limits", "copy", 0, "bytes", value="1"), r"limits.copy\[0\].bytes is '1'"),
        (spoil("launch", "counts", "nn", value=3), "launch.counts.nn is a number"),
        (spoil("launch", "seconds", value=0), "launch.seconds is 0"),
    ],
)
def test_a_malformed_file_is_refused_where_it_is_wrong(tmp_path, result, words):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(result), encoding="utf-8")
    with pytest.raises(step_times.StepTimesError, match=f"bad.json: {words}"):
        step_times.load(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b'{"format": NaN}', "NaN is no number"),
        (b"\xff\xfe", "cannot be read"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path, content, words):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(step_times.StepTimesError, match=words):
        step_times.load(path)
    with pytest.raises(step_times.StepTimesError, match="no such file"):
        step_times.load(tmp_path / "nothing.json")


def test_the_shipped_results_are_whole_and_name_no_computer():
    results = step_times.shipped()
    assert results and all(path.suffix == ".json" for path in step_results.DATA.iterdir())
    for result in results:
        assert {point["method"] for point in step_results.points_along("T", result, "nn")} == {"nn"}
        assert result["limits"]["matmul"]["fp32"]["flops_per_second"] > 1e9
        for host in {platform.node(), socket.gethostname()} - {"", "localhost"}:
            assert host not in json.dumps(result)


def test_a_file_added_to_the_folder_ships(tmp_path, monkeypatch):
    monkeypatch.setattr(step_results, "DATA", tmp_path)
    assert step_times.shipped() == []
    step_times.save(made_up("B"), tmp_path / "b.json")
    step_times.save(made_up("A"), tmp_path / "a.json")
    assert [step_times.machine_name(result) for result in step_times.shipped()] == ["A", "B"]


# --- the command ----------------------------------------------------------------------------------


def test_the_command_writes_a_file_and_shows_its_progress(tiny, tmp_path, capsys):
    out = tmp_path / "here.json"
    assert step_times.main(["--out", str(out), "--minutes", "0.5", "--device", "cpu"]) == 0
    words = capsys.readouterr().out
    assert "[  1/" in words and "CUDA graph: not measured, needs an NVIDIA GPU" in words
    assert f"written: {out}" in words
    result = step_times.load(out)
    assert step_results.points_along("T", result, "compiled")
    assert step_times.main(["--out", str(out)]) == 2
    assert "--resume" in capsys.readouterr().err


def test_an_interrupted_command_goes_on_where_it_was(tiny, tmp_path, capsys, monkeypatch):
    out = tmp_path / "here.json"
    command = ["--out", str(out), "--minutes", "0.5", "--device", "cpu"]
    made = []

    def make(problem):
        made.append(problem.size)
        if len(made) == 3:
            raise KeyboardInterrupt
        return step_methods._module(problem)

    method = step_methods.Method("nn", "nn.LSTM", "fp32", make)
    monkeypatch.setitem(step_methods.BY_NAME, "nn", method)
    monkeypatch.setattr(step_times, "METHODS", tuple(step_methods.BY_NAME.values()))
    assert step_times.main(command) == 130
    assert "--resume" in capsys.readouterr().err
    before = [p for p in step_times.load(out)["points"] if "seconds" in p]
    reasons = [p["reason"] for p in step_times.load(out)["points"] if "reason" in p]
    assert reasons[0] == "interrupted while it ran" and "interrupted before it" in reasons
    assert step_times.main([*command, "--resume"]) == 0
    after = step_times.load(out)["points"]
    assert all(point in after for point in before)
    places = [(p["method"], p["T"], p["B"], p["H"]) for p in after]
    assert len(set(places)) == len(places)
    assert sum("seconds" in point for point in after) > len(before)
    assert "launches" in step_times.load(out)["launch"]["counts"]["loop"]


def test_another_machines_file_is_not_gone_on_with(tiny, tmp_path, capsys):
    out = tmp_path / "gpu.json"
    step_times.save(made_up(), out)
    assert step_times.main(["--out", str(out), "--resume", "--device", "cpu"]) == 2
    assert "another machine (Made-up GPU" in capsys.readouterr().err
    assert step_times.load(out) == made_up()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--out", "nowhere/here.json"], "there is no folder nowhere"),
        (["--out", "."], "is a folder"),
        (["--out", "a.json", "--minutes", "0"], "give a number above 0"),
        (["--out", "a.json", "--threads", "0"], "give a whole number above 0"),
        (["--out", "a.json", "--device", "toaster"], "name cpu, cuda or mps"),
    ],
)
def test_what_the_command_cannot_do_it_says(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    assert step_times.main(words) == 2
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# --- figures --------------------------------------------------------------------------------------


def assert_nothing_clipped(fig):
    """All that is drawn lies on the page, and no label of an axis runs into the next."""
    fig.canvas.draw()
    drawn, (width, height) = fig.get_tightbbox(), fig.get_size_inches()
    assert drawn.x0 > -0.01 and drawn.y0 > -0.01
    assert drawn.x1 < width + 0.01 and drawn.y1 < height + 0.01
    for ax in fig.axes:
        low, high = ax.get_xlim()
        labels = [t for t in ax.get_xticklabels() if low <= t.get_position()[0] <= high]
        boxes = sorted((t.get_window_extent() for t in labels), key=lambda box: box.x0)
        for left, right in zip(boxes, boxes[1:], strict=False):
            assert left.x1 < right.x0


def cpu():
    result = made_up("AMD EPYC", "cpu", faster=0.02)
    for name in ("graph", "nn_tf32", "fused"):
        result["methods"][name]["reason"] = "needs an NVIDIA GPU"
    result["points"] = [
        point for point in result["points"] if not result["methods"][point["method"]]["reason"]
    ]
    result["launch"]["counts"] = {"loop": {"launches": 6000, "kernels": None}}
    result["launch"]["unit"] = "operator"
    return result


MACHINES = {"a CPU": [cpu()], "a GPU": [made_up()], "both": [cpu(), made_up()]}


@pytest.mark.parametrize(("machines", "axis"), list(zip(MACHINES, "THB", strict=True)))
def test_times_are_drawn_over_an_axis_with_all_words_on_the_page(machines, axis):
    plots.use_style()
    results = MACHINES[machines]
    fig, ax = plots.figure(width=8)
    step_times.draw_over(axis, results, ax)
    assert_nothing_clipped(fig)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"loop over cells", "nn.LSTM", "nn.LSTM, bf16"} <= set(words)
    assert ("CUDA graph" in words) == (machines != "a CPU")
    named = [ax.get_title(loc="left"), *words]
    assert all(step_times.machine_name(result) in named for result in results)
    looks = {(line.get_marker(), line.get_linestyle()) for line in ax.lines}
    assert len(looks) == len(ax.lines), "told apart without colour"


@pytest.mark.parametrize("machines", MACHINES)
def test_all_axes_are_drawn_together(machines):
    plots.use_style()
    fig = step_times.draw_times(MACHINES[machines])
    assert len(fig.axes) == 3
    assert_nothing_clipped(fig)


@pytest.mark.parametrize("result", [cpu(), made_up()], ids=["CPU", "GPU"])
def test_the_roofline_has_the_measured_roofs(result):
    plots.use_style()
    fig = step_times.draw_roofline(result)
    assert_nothing_clipped(fig)
    words = " ".join(text.get_text() for text in fig.axes[0].texts)
    for part in ("memory", "caches", "fp32", "bf16"):
        assert part in words
    assert "tf32" not in words, "a limit that was not measured is not drawn"


@pytest.mark.parametrize("result", [cpu(), made_up()], ids=["CPU", "GPU"])
def test_launches_are_drawn_beside_the_time_of_a_step(result):
    plots.use_style()
    fig = step_times.draw_launches(result)
    assert_nothing_clipped(fig)
    words = " ".join(text.get_text() for text in fig.axes[0].texts)
    if result["launch"]["unit"] == "operator":
        assert "6,000 operators" in words
    else:
        assert "5,500 launches" in words and ", 1 launch" in words and "300 launches" in words


def test_one_point_is_drawn_and_none_is_refused():
    result = cpu()
    result["points"] = [p for p in result["points"] if (p["T"], p["B"], p["H"]) == (128, 64, 256)]
    fig, ax = plots.figure()
    step_times.draw_over("T", result, ax)
    assert_nothing_clipped(fig)
    assert "at T = 128;" in step_times.describe_over("T", result)
    result["points"] = []
    for draw in (step_times.draw_times, step_times.draw_roofline, step_times.draw_launches):
        with pytest.raises(ValueError, match="no m"):
            draw(result)
    with pytest.raises(ValueError, match="no measured points along B"):
        step_times.draw_over("B", result, ax)
    with pytest.raises(ValueError, match="an axis is one of H, T, B"):
        step_times.draw_over("D", made_up(), ax)
    with pytest.raises(ValueError, match="no method is called 'magic'"):
        step_times.draw_over("T", made_up(), ax, methods=["magic"])


def test_the_words_for_a_figure_name_machine_method_and_ends():
    words = step_times.describe_over("T", [cpu(), made_up()], methods=["nn"])
    assert words.startswith(
        "Time of a training step over the sequence length T: nn.LSTM on AMD EPYC"
    )
    assert "at T = 8 to" in words and "; nn.LSTM on Made-up GPU from" in words


def test_made_up_results_stay_as_they_were():
    # drawing must not change what it draws
    before = copy.deepcopy(MACHINES)
    step_times.draw_times(MACHINES["both"])
    assert MACHINES == before
