"""`python3.11 -m unrolled` sets the course up and opens it in JupyterLab."""

import argparse
import os
import sys

from unrolled.environment import SetUpError, open_lab, set_up


def main(argv=None):
    """Run the command; returns its exit code: 0, or 2 where it could not run."""
    argv = sys.argv[1:] if argv is None else list(argv)
    options = []
    if "--" in argv:
        options = argv[argv.index("--") + 1 :]
        argv = argv[: argv.index("--")]
    parser = argparse.ArgumentParser(
        prog="python3.11 -m unrolled",
        description="Set the course up (the first time only) and open it in JupyterLab.",
        epilog="Example, for a machine without a screen: "
        "python3.11 -m unrolled --port 8890 --no-browser -- --ip=127.0.0.1",
    )
    parser.add_argument("--port", type=int, metavar="N", help="serve at this port or not at all")
    parser.add_argument("--no-browser", action="store_true", help="serve, and open no browser")
    parser.add_argument("--setup-only", action="store_true", help="set up, and open nothing")
    parser.usage = parser.format_usage()[len("usage: ") :].rstrip() + " [-- OPTIONS OF jupyter lab]"
    arguments = parser.parse_args(argv)
    course = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        python = set_up(course)
        if arguments.setup_only:
            return 0
        return open_lab(python, course, arguments.port, not arguments.no_browser, options)
    except SetUpError as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command begins again.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
