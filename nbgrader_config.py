"""nbgrader's settings: the course stands in solutions/ and is released into course/."""

from pathlib import Path

c = get_config()  # noqa: F821 - nbgrader's configuration loader defines it

root = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "unrolled"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
c.CourseDirectory.db_url = f"sqlite:///{(root / 'gradebook.db').as_posix()}"
# `autograder build` releases chapters; where nbgrader itself does, this makes it the same release
c.GenerateAssignment.post_convert_hook = "autograder.authoring.release.finish"
# nbgrader copies what stands beside a notebook, from solutions/ as far as into feedback/
c.CourseDirectory.ignore = ".ipynb_checkpoints *.pyc __pycache__ feedback answers *.md".split()

# `nbgrader autograde` reads notebooks with our intake and runs them in our sandbox
c.Autograde.exporter_class = "autograder.grading.nbgrader_plugins.SubmissionExporter"
c.Autograde.autograde_preprocessors = [
    "autograder.grading.nbgrader_plugins.GradeInSandbox",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "autograder.grading.nbgrader_plugins.KeepRecord",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# `nbgrader generate_feedback` writes pages that never show a hidden test
c.GenerateFeedback.exporter_class = "autograder.grading.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.grading.feedback.Grades"]
