"""What each student's submission of an assignment counts, as nbgrader's gradebook has it.

nbgrader computes a score cell by cell when asked for one submission; for a class of ten thousand
that is minutes. Here the database adds them up, by nbgrader's own rule: a person's grade before the
grader's, extra credit added, a late penalty taken off, and never less than 0.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql


@dataclass(frozen=True, slots=True)
class Score:
    """One submission of one assignment."""

    raw: float
    """Points of all cells."""
    penalty: float
    """Points taken off for coming late."""
    possible: float
    timestamp: datetime.datetime | None
    """When it was handed in, UTC, where that is known."""
    waiting: int = 0
    """Cells that a person still has to grade."""
    review: int = 0
    """Cells that a person graded before the notebook was graded again."""

    @property
    def counted(self) -> float:
        """What the submission counts in the end."""
        return max(0.0, self.raw - self.penalty)


def read_scores(gradebook: Any, assignment: str) -> dict[str, Score]:
    """Scores of an assignment by student id; empty where nobody handed it in."""
    from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook

    entry = gradebook.find_assignment(assignment)
    open_ = Grade.needs_manual_grade
    by_hand = Grade.manual_score.is_not(None)
    per_notebook = (
        sql.select(
            Grade.notebook_id.label("notebook"),
            sql.func.sum(Grade.score).label("raw"),
            sql.func.sum(sql.case((open_ & ~by_hand, 1), else_=0)).label("waiting"),
            sql.func.sum(sql.case((open_ & by_hand, 1), else_=0)).label("review"),
        )
        .group_by(Grade.notebook_id)
        .subquery()
    )
    total = sql.func.coalesce
    query = (
        sql.select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            sql.func.sum(total(per_notebook.c.raw, 0.0)),
            sql.func.sum(total(SubmittedNotebook.late_submission_penalty, 0.0)),
            sql.func.sum(total(per_notebook.c.waiting, 0)),
            sql.func.sum(total(per_notebook.c.review, 0)),
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(per_notebook, per_notebook.c.notebook == SubmittedNotebook.id)
        .where(Assignment.name == assignment)
        .group_by(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
        .order_by(SubmittedAssignment.student_id)
    )
    possible = float(entry.max_score or 0.0)
    with gradebook.engine.connect() as connection:
        return {
            student: Score(float(raw), float(penalty), possible, when, int(waiting), int(review))
            for student, when, raw, penalty, waiting, review in connection.execute(query)
        }
