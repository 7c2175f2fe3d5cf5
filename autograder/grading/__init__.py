"""Grade a class: intake, the student's process, the examiner, recording."""
