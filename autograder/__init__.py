"""Build, verify, grade and report on the chapters of a course written as text."""

import sys

# Where it is installed, jsonschema (under nbformat) loads this package to check addresses, and
# reading its grammar takes a second in every process that opens a notebook. Notebooks hold no field
# of that format.
sys.modules.setdefault("rfc3987_syntax", None)
