"""Build, verify, grade and report on the chapters of a course written as text."""
