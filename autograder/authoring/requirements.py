"""The student's part of ``requirements.txt``, which the build copies to ``course/``."""

from __future__ import annotations

from autograder.errors import UserError

STUDENTS = "# === students ==="
INSTRUCTORS = "# === instructors ==="


def student_requirements(text: str) -> str:
    """What ``course/requirements.txt`` holds, made from the repository's ``requirements.txt``.

    The lines between the two marks, and the toolbox that stands beside the file.
    Raises UserError where a mark is missing.
    """
    before, mark, rest = text.partition(STUDENTS + "\n")
    part, end, _ = rest.partition(INSTRUCTORS + "\n")
    if not mark or not end:
        raise UserError(
            f"requirements.txt needs a line `{STUDENTS}` and, after it, a line `{INSTRUCTORS}`"
        )
    return (
        "# Every version the notebooks were tried with, on Python 3.11. Built, not edited.\n"
        + part.strip()
        + "\n\n# the toolbox\n-e ./unrolled\n"
    )
