"""A batch on a Dask cluster: a scheduler and two workers as processes of their own, on loopback."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from class_work import NAME, RIGHT, answered, cell, give_gradebook, hand_in, small_chapter
from distributed import Client
from left_behind import everything
from telling import TOLD, cannot, cluster_grader, fail_on_two, make_telling, no_sandbox

from autograder.cli import main
from autograder.course import Chapter
from autograder.errors import UserError
from autograder.grading import batch, cluster, grade_command
from autograder.grading.demo import released
from autograder.grading.grade_command import Options, Summary, grade_class

HELPERS = Path(__file__).parent / "helpers"
STUDENTS = 14


def start(*words: str, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
        env={**os.environ, "PYTHONPATH": str(HELPERS), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Cluster:
    """A Dask scheduler, and workers that are started and killed."""

    def __init__(self, notes: Path):
        self.notes = notes
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.started: list[subprocess.Popen] = []

    def add_scheduler(self) -> None:
        port = self.address.rpartition(":")[2]
        words = ("--host", "127.0.0.1", "--port", port, "--no-dashboard")
        self.started.append(start("dask_scheduler", *words))

    def add_worker(self, **environment: str) -> subprocess.Popen:
        folder = self.notes / f"worker-{len(self.started)}"
        words = (self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        words += ("--local-directory", str(folder))
        environment = {TOLD: str(self.notes), **environment}
        self.started.append(start("dask_worker", *words, **environment))
        return self.started[-1]

    def wait_for(self, workers: int) -> None:
        with Client(self.address, timeout=60) as client:
            client.wait_for_workers(workers, timeout=120)

    def told(self) -> dict[int, list[str]]:
        """What the Graders wrote down, by process."""
        return {int(f.stem): f.read_text().splitlines() for f in self.notes.glob("*.txt")}

    def end(self) -> None:
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of two workers. What a test takes of it, it has to give back."""
    made = Cluster(tmp_path_factory.mktemp("notes"))
    try:
        made.add_scheduler()
        made.add_worker()
        made.add_worker()
        made.wait_for(2)
        yield made
    finally:
        made.end()


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    made = small_chapter(tmp_path)
    give_gradebook(tmp_path)
    page = released(made)
    for number in range(STUDENTS):
        own = answered(page, double=f"# student-{number:03d}\n{RIGHT['double']}")
        if number == 3:
            own = cell_free(own)
        hand_in(tmp_path / "class", f"student-{number:03d}", own)
    hand_in(tmp_path / "class", "student-099", "{")
    return made


def cell_free(page):
    """Without the answer to one exercise."""
    page.cells.remove(cell(page, "total"))
    return page


def grade(chapter: Chapter, address: str | None, out: Path, make=make_telling) -> Summary:
    options = Options(out=out, sandbox="none", scheduler=address, jobs=1)
    return grade_class(chapter, chapter.course.root / "class", options, make)


def test_a_worker_killed_halfway_costs_nothing(two, chapter, tmp_path, monkeypatch):
    monkeypatch.setenv(TOLD, str(tmp_path))
    here, there = tmp_path / "here", tmp_path / "there"
    for out in (here, there):
        out.mkdir()
        give_gradebook(out)
    local = batch.LocalScheduler
    with monkeypatch.context() as patch:
        # what one machine makes of the same class
        patch.setattr(batch, "LocalScheduler", lambda **about: _InThisProcess(local, about))
        grade(chapter, None, here)
    before = {pid for pid, lines in two.told().items() if lines}
    saved: list[str] = []
    save = grade_command_recorder_save()

    def saving(recorder, graded):
        saved.append(graded.submission.student)
        if len(saved) == 5:
            two.started[1].kill()
        return save(recorder, graded)

    monkeypatch.setattr("autograder.grading.recording.Recorder.save", saving)
    summary = grade(chapter, two.address, there)
    assert summary.graded == STUDENTS + 1
    # recorded once each, by this process, whatever happened to those who graded
    assert sorted(saved) == sorted({*saved}) and len(saved) == STUDENTS + 1
    found, expected = everything(there), everything(here)
    assert found.keys() == expected.keys()
    assert {k: v for k, v in found.items() if k != "report"} == {
        k: v for k, v in expected.items() if k != "report"
    }
    told = {pid: lines for pid, lines in two.told().items() if pid not in before}
    killed, other = told[two.started[1].pid], told[two.started[2].pid]
    # a warm Grader in each worker, and one only
    assert killed.count("start") == other.count("start") == 1
    assert set(killed) | set(other) == {"start", *(f"student-{n:03d}" for n in range(STUDENTS))}
    # again was graded only what had been sent and not come back: at most two items a worker, and one
    assert len(killed) + len(other) - 2 <= STUDENTS + 5
    two.add_worker()
    two.wait_for(2)


def grade_command_recorder_save():
    from autograder.grading.recording import Recorder

    return Recorder.save


class _InThisProcess:
    """Stands for the local scheduler; its processes would cost more than the test."""

    def __init__(self, local, about):
        about["initializer"](*about["arguments"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        batch.close_worker()

    def run(self, work, items):
        for item in items:
            yield batch.Done(item, work(item))


def test_another_course_on_the_workers_is_refused(two, chapter, tmp_path):
    expected = cluster.basis(chapter)
    chapter.source.write_text(chapter.source.read_text().replace("== 7.0", "== 7.5"))
    root = chapter.course.root
    with pytest.raises(UserError, match="would grade otherwise than here: .* the chapter "):
        with scheduler(two, (root, NAME, expected, cluster_grader)):
            pass
    with pytest.raises(UserError, match="has no course at .*AUTOGRADER_COURSE"):
        with scheduler(two, (tmp_path / "nowhere", NAME, expected, cluster_grader)):
            pass


def test_a_worker_without_a_sandbox_is_refused_by_name(two, chapter):
    arguments = (chapter.course.root, NAME, cluster.basis(chapter), no_sandbox)
    with pytest.raises(UserError, match=r"worker tcp://127.0.0.1:\d+: bubblewrap is not here"):
        with scheduler(two, arguments):
            pass


def test_a_cluster_with_other_versions_is_refused(two, monkeypatch):
    mine = cluster._of

    def other(about):
        old = {"distributed": "2020.1.0"} if about["host"].get("made up") else {}
        return {**mine(about), **old}

    asked = Client.get_versions

    def versions(client):
        found = asked(client)
        found["scheduler"]["host"] = {"made up": True}
        return found

    monkeypatch.setattr(cluster, "_of", other)
    monkeypatch.setattr(Client, "get_versions", versions)
    with pytest.raises(UserError, match="the scheduler has distributed 2020.1.0, here it is 20"):
        with scheduler(two, ()):
            pass


def test_work_that_fails_or_kills_its_worker_is_told_and_the_rest_is_done(two):
    with scheduler(two, (), initializer=None) as running:
        done = {d.item: d for d in running.run(fail_on_two, range(5))}
        assert {item: d.result for item, d in done.items()} == {0: 0, 1: 1, 2: None, 3: 3, 4: 4}
        assert done[2].problem == "ValueError: two"
        with pytest.raises(UserError, match="worker .*: not here"):
            list(running.run(cannot, range(3)))


def scheduler(two: Cluster, arguments: tuple, initializer=cluster.start_worker):
    return cluster.DaskScheduler(
        workers=1, initializer=initializer, arguments=arguments, address=two.address
    )


def test_where_nothing_answers_the_command_says_how_to_start_a_cluster(chapter, capsys):
    words = ["grade", NAME, "--course", str(chapter.course.root), "--sandbox", "none"]
    words += ["--submissions", str(chapter.course.root / "class")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "CONNECT", 0.3)
        assert main([*words, "--scheduler", f"tcp://127.0.0.1:{free_port()}"]) == 2
    said = capsys.readouterr().err
    assert "nothing that is a Dask scheduler answers at tcp://127.0.0.1:" in said
    assert "`autograder grade --help` says how to start a cluster" in said
    assert main([*words, "--scheduler", str(chapter.course.root / "dask.json")]) == 2
    assert "there is no scheduler file" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    said = capsys.readouterr().out
    assert all(words in said for words in ("dask scheduler", "dask ssh", "srun", "dask worker"))


def test_a_submission_that_travels_is_read_as_where_it_came_from(chapter):
    from autograder.grading import intake
    from autograder.grading.handed_in import find

    form = intake.GradedForm(chapter)
    for handed in find(chapter.course.root / "class", NAME):
        sent = cluster.carried(handed)
        for file in handed.files:
            os.rename(file.path, f"{file.path}.gone")
        there = intake.read(sent, form)
        for file in handed.files:
            os.rename(f"{file.path}.gone", file.path)
        assert there == intake.read(handed, form)
    refused = dataclasses.replace(handed.files[0], problem="a link")
    sent = cluster.carried(dataclasses.replace(handed, files=[refused]))
    assert intake.read(sent, form).reason == "a link"


def test_the_help_of_grade_names_the_clusters_environment():
    assert cluster.COURSE in (grade_command.__doc__ or "")
