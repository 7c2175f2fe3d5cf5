"""What two ways of grading the same class must agree on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import sqlalchemy
from class_work import NAME

from autograder.grading.recording import default_db


def everything(root: Path, db_url: str | None = None) -> dict[str, object]:
    """All that grading leaves behind, without what differs between any two runs."""
    found: dict[str, object] = {}
    where = (
        "JOIN base_cell ON base_cell.id = cell_id JOIN submitted_notebook AS n ON n.id = "
        "{0}.notebook_id JOIN submitted_assignment AS a ON a.id = n.assignment_id"
    )
    queries = {
        "students": "SELECT id FROM student",
        "submissions": "SELECT student_id, timestamp FROM submitted_assignment",
        "notebooks": "SELECT student_id, late_submission_penalty FROM submitted_notebook AS n "
        "JOIN submitted_assignment AS a ON a.id = n.assignment_id",
        "scores": "SELECT student_id, base_cell.name, auto_score, manual_score, extra_credit, "
        f"needs_manual_grade FROM grade {where.format('grade')}",
        "comments": "SELECT student_id, base_cell.name, auto_comment, manual_comment "
        f"FROM comment {where.format('comment')}",
    }
    engine = sqlalchemy.create_engine(db_url or default_db(root))
    with engine.connect() as book:
        for name, query in queries.items():
            rows = [tuple(row) for row in book.exec_driver_sql(query)]
            # one database gives 0 or a text where the other gives False or a date
            rows = [(who, *(_plain(value) for value in rest)) for who, *rest in rows]
            found[name] = sorted(rows, key=repr)
        rows = book.exec_driver_sql("SELECT student, key, details FROM autograder_record")
        found["records"] = sorted(
            (who, key, json.dumps({**json.loads(details), "seconds": None}))
            for who, key, details in rows
        )
    engine.dispose()
    for folder in ("autograded", "feedback"):
        for file in sorted((root / folder).rglob("*")):
            if file.is_file():
                found[str(file.relative_to(root))] = file.read_bytes()
    page = (root / "report" / f"{NAME}.html").read_text("utf-8")
    found["report"] = re.sub(r"\d\d \w+ 20\d\d, \d\d:\d\d", "now", page)
    return found


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return str(value).partition(".")[0] if hasattr(value, "year") else value
