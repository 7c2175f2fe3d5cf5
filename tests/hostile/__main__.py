"""Grades the corpus of hostile submissions and prints the table: attack, what came of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.hostile.corpus import attacks
from tests.hostile.grading import graded


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        result = graded(Path(folder))
        kind = ""
        for name, (own, attack) in attacks().items():
            if own != kind:
                kind = own
                print(f"\n{kind}\n" + "-" * len(kind))
            case = result.cases[name]
            right = case.earned == attack.expected and set(attack.kinds) <= case.told
            mark = " " if right else "!"
            print(f"{mark} {name:44} {case.record.seconds:5.1f} s  {case.outcome()}")
        count = len(attacks())
        neighbours = len(result.cases) - count
        print(f"\n{count} attacks and {neighbours} honest neighbours: {result.seconds:.0f} s")


if __name__ == "__main__":
    main()
