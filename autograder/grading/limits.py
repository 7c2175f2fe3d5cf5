"""How much a submission may use: seconds, bytes, processes. Every number can be set by the caller."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission. Times are wall-clock seconds, sizes are bytes.

    A limit that is reached ends what reached it and nothing else: a cell, a test, at worst the
    student's process. Points earned before stay earned.
    """

    cell: float = 60.0
    """One cell; then it is interrupted, and the notebook goes on with the next."""
    test: float = 30.0
    """One exercise's test, all of the student's calls in it together."""
    diagnosis: float = 10.0
    """Looking for a known mistake after a test has failed."""
    notebook: float = 300.0
    """All cells together, and again all tests together. When the cells have used theirs up, only
    the answers to exercises still run, so that a slow experiment costs no points."""
    grace: float = 2.0
    """How long a student's process may take to stop when told; then it is killed."""
    memory: int = 4096 * MIB
    """Private memory of each process, and what all processes of a submission hold together."""
    scratch: int = 256 * MIB
    """Everything written to files, shared memory included."""
    file: int = 256 * MIB
    """One file."""
    processes: int = 64
    open_files: int = 256
    message: int = 64 * MIB
    """One message between a student's process and its examiner: arguments or a result."""
    output_cell: int = 1 * MIB
    output_notebook: int = 10 * MIB
    restarts: int = 4
    """How often a notebook is run again without the cell or the test that ended its process."""

    def __post_init__(self):
        for part in fields(self):
            value = getattr(self, part.name)
            if not value > 0 and not (part.name == "restarts" and value == 0):
                raise ValueError(f"the limit {part.name} must be positive, not {value!r}")

    @property
    def total(self) -> float:
        """Seconds after which a submission is over, whatever its parts claim."""
        return 2 * self.notebook + self.cell + self.test + (self.restarts + 2) * 5 * self.grace

    def as_plain(self) -> dict[str, float | int]:
        """For sending to another process; ``Limits(**plain)`` there."""
        return asdict(self)
