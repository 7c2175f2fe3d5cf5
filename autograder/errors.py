"""The one error that a command shows as a sentence instead of a traceback."""


class UserError(Exception):
    """Something the user can mend. The message says what was wrong, where, and what to do."""
