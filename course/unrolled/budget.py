"""How long a training loop runs: in full for a student, briefly under the grader."""

from __future__ import annotations

import os

GRADING_VARIABLE = "NBGRADER_EXECUTION"


def steps(full: int, graded: int) -> int:
    """``full``, or ``graded`` where a submission is being graded (nbgrader sets NBGRADER_EXECUTION).

    A graded notebook must run in seconds, a student's own trains until it is good.
    """
    if min(full, graded) < 0:
        raise ValueError(f"steps cannot be negative: full={full}, graded={graded}")
    return graded if os.environ.get(GRADING_VARIABLE) else full
