"""Verifies one chapter: runs what has changed since the last time, and judges what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.authoring.given import given_source
from autograder.course import Answer, Chapter, Exercise
from autograder.errors import UserError
from autograder.progress import progress
from autograder.verification.cache import Cache, key
from autograder.verification.grading_runs import (
    Graded,
    Graders,
    Submission,
    answer_submission,
    solution_submission,
    unsolved_submission,
)
from autograder.verification.mutants import Mutant, make_mutants, without_line
from autograder.verification.results import ChapterResult, ExerciseResult, Finding, Mutants
from autograder.verification.static import (
    Text,
    count_warnings,
    dims_warning,
    read_equivalent,
    refusals,
    shown_path,
    toml_line,
)
from autograder.verification.trials import Trial, TrialAnswer, TrialServer

CHECK_SECONDS = 120.0
SOLUTION_SECONDS = 60.0
MUTANT_SECONDS = 2.0
"""A mutant's least limit of processor time; a slow test gives ten times what the solution takes."""


@dataclass(frozen=True)
class Options:
    """What of a chapter to verify, and how.

    exercises: names, all for none. jobs: how many things to run at once.
    """

    exercises: tuple[str, ...] = ()
    jobs: int = 1
    mutants: bool = True
    force: bool = False


def verify(chapters: Iterable[Chapter], options: Options) -> Iterator[ChapterResult]:
    """Hold the tests, answers and check of chapters of one course to what they must do.

    Yields a result as soon as a chapter is done. Raises UserError where the course's files do not
    allow it.
    """
    chapters = list(chapters)
    if not chapters:
        return
    course = chapters[0].course
    cache = Cache(course.root, force=options.force)
    with Graders(course, options.jobs) as graders, TrialServer(course, options.jobs) as server:
        for chapter in chapters:
            yield _Proof(chapter, options, cache, graders, server).run()
    cache.forget_old()


class _Proof:
    def __init__(
        self,
        chapter: Chapter,
        options: Options,
        cache: Cache,
        graders: Graders,
        server: TrialServer,
    ):
        self.chapter = chapter
        self.options = options
        self.cache = cache
        self.graders = graders
        self.server = server
        self.text = Text(chapter)
        self.result = ChapterResult(chapter.name)

    def run(self) -> ChapterResult:
        result = self.result
        refused, runs = refusals(self.text, set(self.options.exercises))
        result.findings += refused
        if not runs:
            result.ran = False
            return result
        self.exercises = {
            name: exercise
            for name, exercise in self.chapter.exercises.items()
            if not self.options.exercises or name in self.options.exercises
        }
        result.possible = self.chapter.points
        for name, exercise in self.exercises.items():
            result.exercises[name] = ExerciseResult(
                points=exercise.points,
                wrong_tried=len(exercise.wrong),
                right_tried=len(exercise.right),
            )
            result.warnings += count_warnings(exercise)
        # what does not depend on the notebook's other cells
        self.reference = json.dumps(
            [
                self.chapter.imports,
                given_source(self.chapter),
                *(exercise.solution for exercise in self.chapter.exercises.values()),
            ]
        )
        self._grade()
        self._ask_check()
        if self.options.mutants:
            self._kill_mutants()
        return result

    def _find(self, where: str, text: str) -> None:
        self.result.findings.append(Finding(where, text))

    def _path(self, answer: Answer) -> str:
        return shown_path(self.chapter, answer.path)

    # ---- solution, unsolved notebook and answers under the grader --------------------------------

    def _grade(self) -> None:
        submissions = [solution_submission(self.chapter), unsolved_submission(self.chapter)]
        for exercise in self.exercises.values():
            for answer in (*exercise.wrong, *exercise.right):
                submissions.append(answer_submission(exercise, answer))
        graded = dict(self._graded(submissions))
        # in the order of the chapter, whatever ended first
        for submission in submissions:
            if submission.what == "solution":
                self._judge_solution(graded[submission])
            elif submission.what == "unsolved":
                self._judge_unsolved(graded[submission])
            else:
                self._judge_answer(*submission.what, graded[submission])

    def _graded(self, submissions: list[Submission]) -> Iterator[tuple[Submission, Graded]]:
        waiting = []
        keys = {}
        tests = json.dumps(
            [[e.name, e.test, e.points, e.defines] for e in self.chapter.exercises.values()]
        )
        for submission in submissions:
            what = submission.what if isinstance(submission.what, str) else "answer"
            texts = (what, self.reference, tests, *submission.texts)
            keys[submission] = key("grade", *texts, grader=True)
            kept = self.cache.get(keys[submission])
            if kept is None:
                waiting.append(submission)
            else:
                yield submission, Graded.from_plain(kept)
        running = self.graders.run(waiting)
        for submission, graded in self._shown(running, len(waiting), "answers"):
            self.cache.put(keys[submission], graded.as_plain())
            yield submission, graded

    def _shown(self, items: Iterable, total: int, what: str) -> Iterable:
        return progress(items, total=total, what=f"{self.chapter.name}: {what}") if total else ()

    def _judge_solution(self, graded: Graded) -> None:
        self.result.solution = graded.earned
        for name, exercise in self.chapter.exercises.items():
            part = graded.exercises[name]
            if not part.all_earned:
                self._find(
                    self.text.where(exercise.test_id),
                    f"the solution of {name} earns {part.earned:g} of {part.points:g} points: "
                    f"{part.message or part.status}",
                )
        for cell, error in graded.raised.items():
            self._find(self.text.where(cell), f"in the solved notebook the cell raises {error}")
        for problem in graded.problems:
            self._find(self.text.where(), f"the solved notebook under the grader: {problem}")

    def _judge_unsolved(self, graded: Graded) -> None:
        self.result.unsolved = graded.earned
        for name, exercise in self.chapter.exercises.items():
            part = graded.exercises[name]
            if part.earned or part.status == "passed":
                self._find(
                    self.text.where(exercise.test_id),
                    f"unsolved, {name} earns {part.earned:g} of {part.points:g} points",
                )
        for problem in graded.problems:
            self._find(
                self.text.where(), f"the unsolved notebook does not run to its end: {problem}"
            )

    def _judge_answer(self, exercise: Exercise, answer: Answer, graded: Graded) -> None:
        result = self.result.exercises[exercise.name]
        own = graded.exercises[exercise.name]
        if answer.path.parent.name == "right":
            if not own.all_earned:
                result.refused.append(answer.name)
                self._find(
                    self._path(answer),
                    f"a right answer earns {own.earned:g} of {own.points:g} points: "
                    f"{own.message or own.status}",
                )
        elif own.all_earned:
            result.accepted.append(answer.name)
            self._find(
                self._path(answer),
                f"this wrong answer passes the test of {exercise.name} "
                f"({self.text.where(exercise.test_id)})",
            )
        for name, part in graded.exercises.items():
            if name != exercise.name and not part.all_earned:
                told = f"{exercise.name}/{answer.path.parent.name}/{answer.name} costs {name}"
                self.result.double_jeopardy.append(told)
                self._find(
                    self._path(answer),
                    f"this answer to {exercise.name} also loses points in {name}: "
                    f"{part.message or part.status}",
                )

    # ---- check -----------------------------------------------------------------------------------

    def _trial(self, trials: list[Trial], what: str) -> Iterator[tuple[Trial, TrialAnswer]]:
        yield from self._shown(self.server.run(trials), len(trials), what)

    def _ask_check(self) -> None:
        said, keys, trials = {}, {}, []
        for name, exercise in self.exercises.items():
            answers = [
                [str(a.path), a.path.read_text("utf-8")] for a in exercise.wrong + exercise.right
            ]
            cases = exercise.cases_file
            if not cases.is_file():
                raise UserError(f"{cases} is missing: check({name}) has nothing to compare with")
            texts = (name, self.reference, cases.read_text("utf-8"), json.dumps(answers))
            keys[name] = key("check", *texts, grader=False)
            said[name] = self.cache.get(keys[name])
            if said[name] is None:
                trials.append(Trial(exercise, "check", CHECK_SECONDS))
        for trial, answer in self._trial(trials, "check"):
            name = trial.exercise.name
            said[name] = {"verdict": answer.verdict, "message": answer.message, **answer.details}
            if answer.verdict == "done":
                self.cache.put(keys[name], said[name])
        for name, exercise in self.exercises.items():
            self._judge_check(exercise, said[name])

    def _judge_check(self, exercise: Exercise, said: dict) -> None:
        if said["verdict"] == "fault":
            raise UserError(said["message"])
        result = self.result.exercises[exercise.name]
        if said["verdict"] != "done":
            where = shown_path(self.chapter, exercise.cases_file)
            self._find(where, f"check({exercise.name}) on every answer: {said['message']}")
            result.missed = [answer.name for answer in exercise.wrong]
            return
        self.result.warnings += dims_warning(exercise, said["dims"])
        told = said["said"]
        solution = told[str(self.chapter.source)]
        if not solution["right"]:
            self._find(
                self.text.where(exercise.name), f"check refuses the solution: {solution['text']}"
            )
        for answer in (*exercise.wrong, *exercise.right):
            path = str(answer.path)
            if path in said["broken"]:
                self._find(self._path(answer), f"it cannot be run: {said['broken'][path]}")
        for answer in exercise.right:
            verdict = told.get(str(answer.path))
            if verdict is not None and verdict["right"]:
                continue
            if answer.name not in result.refused:
                result.refused.append(answer.name)
            if verdict is not None:
                self._find(
                    self._path(answer), f"check refuses this right answer: {verdict['text']}"
                )
        for answer in exercise.wrong:
            verdict = told.get(str(answer.path))
            if verdict is not None and verdict["diagnosis"] == answer.name:
                result.matched += 1
                continue
            result.missed.append(answer.name)
            if verdict is not None:
                self._find(self._path(answer), _missed(verdict))

    # ---- mutants ---------------------------------------------------------------------------------

    def _kill_mutants(self) -> None:
        made = {n: make_mutants(e.solution, n) for n, e in self.exercises.items()}
        keys = {
            name: key(
                "mutants", name, self.reference, exercise.test, *exercise.defines, grader=False
            )
            for name, exercise in self.exercises.items()
        }
        killed = {name: self.cache.get(keys[name]) for name in self.exercises}
        waiting = [e for name, e in self.exercises.items() if killed[name] is None]
        limits = self._limits(waiting)
        trials: dict[Trial, Mutant] = {}
        for exercise in waiting:
            if exercise.name not in limits:
                continue
            killed[exercise.name] = {}
            for mutant in made[exercise.name]:
                trial = Trial(exercise, "test", limits[exercise.name], mutant.code)
                trials[trial] = mutant
        for trial, answer in self._trial(list(trials), "mutants"):
            if answer.verdict == "fault":
                raise UserError(answer.message)
            name = trial.exercise.name
            killed[name][trials[trial].description] = answer.verdict != "passed"
            if len(killed[name]) == len(made[name]):
                self.cache.put(keys[name], killed[name])
        for name, exercise in self.exercises.items():
            if killed[name] is not None:
                self._judge_mutants(exercise, made[name], killed[name])

    def _limits(self, exercises: list[Exercise]) -> dict[str, float]:
        """Processor time for each exercise's mutants; none for one whose own solution fails."""
        trials = [Trial(exercise, "time", SOLUTION_SECONDS) for exercise in exercises]
        limits = {}
        for trial, answer in self._trial(trials, "tests"):
            exercise = trial.exercise
            if answer.verdict == "fault":
                raise UserError(answer.message)
            if answer.verdict == "passed":
                limits[exercise.name] = max(MUTANT_SECONDS, 10 * answer.details["again"])
            else:
                self._find(
                    self.text.where(exercise.test_id),
                    f"{exercise.test_id} fails on the solution, so no mutant was tried: "
                    f"{answer.message}",
                )
        return limits

    def _judge_mutants(
        self, exercise: Exercise, made: list[Mutant], killed: dict[str, bool]
    ) -> None:
        result = self.result.exercises[exercise.name]
        reasons = read_equivalent(exercise)
        survivors = [m.description for m in made if not killed[m.description]]
        result.mutants_run = True
        result.mutants = Mutants(
            made=len(made),
            killed=len(made) - len(survivors),
            survivors=survivors,
            equivalent={text: reasons[text] for text in survivors if text in reasons},
        )
        by_description = {mutant.description: mutant for mutant in made}
        for text in result.mutants.unexplained:
            self._find(
                self.text.where(exercise.name, by_description[text].line),
                f"the test lets this mutant of the solution pass: {text}. Test what it changes, or "
                f"write down in {shown_path(self.chapter, exercise.equivalent_file)} why no test "
                f"can tell it:\n{toml_line(text)}",
            )
        where = shown_path(self.chapter, exercise.equivalent_file)
        for text in reasons:
            if text not in killed:
                self._find(where, _stale(text, result.mutants.unexplained))
            elif killed[text]:
                self._find(where, f"a test kills this mutant, so it is not equivalent: {text}")


def _missed(verdict: dict) -> str:
    if verdict["right"]:
        return "check says that this wrong answer is right: add a case on which it differs"
    if verdict["diagnosis"]:
        return f"check takes it for {verdict['diagnosis']}: add a case on which the two differ"
    return f"check does not know this mistake; it says: {verdict['text']}"


def _stale(text: str, unexplained: list[str]) -> str:
    said = f"there is no such mutant any more: {text}"
    moved = [other for other in unexplained if without_line(other) == without_line(text)]
    if len(moved) == 1:
        return f"{said}. It seems to have moved; change it to\n{toml_line(moved[0])}"
    return f"{said}. Remove the line"
