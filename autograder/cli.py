"""The `autograder` command: `build`, `new`, `verify`, `grade`, `report`, `export`, `demo`.

Exit codes of every command: 0 all well, 1 found something (a wrong answer accepted, a stale file,
a failing cell), 2 could not run. Errors are sentences; `--debug` shows the traceback.

A command is a module with ``add_arguments(parser)`` and ``run(arguments) -> int``; its docstring's
first line is the help line and the rest its description. Modules are imported only when called,
so `autograder --help` starts fast.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from autograder.errors import UserError

COMMANDS = {
    "build": ("autograder.authoring.build_command", "build chapters from their text"),
    "new": ("autograder.authoring.new_command", "make a new chapter that builds and grades"),
    "verify": ("autograder.verification.verify_command", "hold tests to right and wrong answers"),
    "grade": ("autograder.grading.grade_command", "grade a class's submissions of a chapter"),
    "report": ("autograder.grading.report_command", "write the instructor's page again"),
    "export": (
        "autograder.grading.export_command",
        "write scores for Canvas, Moodle or a spreadsheet",
    ),
    "demo": ("autograder.grading.demo_command", "make up a class and grade it"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    top = argparse.ArgumentParser(
        prog="autograder",
        description="Build, verify, grade and report on the chapters of a course.",
        epilog="`autograder COMMAND --help` says more, with an example.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in argv if not word.startswith("-")), None)
    for name, (module_name, line) in COMMANDS.items():
        if name != chosen:
            commands.add_parser(name, help=line, add_help=False)
            continue
        module = importlib.import_module(module_name)
        parser = commands.add_parser(
            name,
            help=line,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument(
            "--course",
            type=Path,
            metavar="DIR",
            help="the folder that holds solutions/ and course/ (default: here or above)",
        )
        parser.add_argument("--debug", action="store_true", help="show tracebacks")
        module.add_arguments(parser)
    arguments = top.parse_args(argv)
    try:
        return module.run(arguments)
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 2
    except Exception as error:
        if arguments.debug:
            raise
        if isinstance(error, UserError):
            print(f"autograder {chosen}: {error}", file=sys.stderr)
        else:
            kind = type(error).__name__
            print(
                f"autograder {chosen}: unexpected {kind}: {error} (--debug shows where)",
                file=sys.stderr,
            )
        return 2


if __name__ == "__main__":
    sys.exit(main())
