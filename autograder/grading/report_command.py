"""Write the instructor's page and the feedback pages of a chapter again.

Both are written by `autograder grade`. Call this after grading by hand in formgrader, or after
`nbgrader autograde`, so that they show the new scores and comments. Nothing is graded here.

example:
  autograder report 01_recurrence

exit code: 0 written, 2 could not run
"""

from __future__ import annotations

import argparse

from autograder.course import load_course
from autograder.errors import UserError
from autograder.grading import gradebook_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CHAPTER", help="a chapter's name, like 01_recurrence")
    gradebook_options.add_results(parser)
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="feedback pages at once (default: one per core)"
    )
    parser.add_argument(
        "--no-feedback", action="store_true", help="leave the students' pages as they are"
    )


def run(arguments: argparse.Namespace) -> int:
    course = load_course(arguments.course)
    chapter = course.select([arguments.chapter])[0]
    out = arguments.out or course.root
    db_url = gradebook_options.existing(arguments.db, out, chapter.name)
    # these import nbgrader, which takes two seconds
    from autograder.grading import feedback, recording, report
    from autograder.grading.grade_command import cores
    from autograder.grading.intake import nbgrader_config

    with recording.database_errors(db_url):
        gradebook = recording.open_gradebook(db_url, nbgrader_config(course.root))
        try:
            students = [row["student"] for row in gradebook.submission_dicts(chapter.name)]
            if not students:
                raise UserError(
                    f"{arguments.db or out / 'gradebook.db'} has no submission of {chapter.name}; "
                    f"grade a class first: autograder grade {chapter.name} --submissions DIR"
                )
            if not arguments.no_feedback:
                pages = feedback.Pages(chapter, out, db_url)
                graded = [s for s in students if recording.notebook_path(chapter, out, s).is_file()]
                pages.write(graded, arguments.jobs or cores())
            page = report.write(chapter, out, gradebook)
        finally:
            gradebook.close()
    print(page)
    return 0
