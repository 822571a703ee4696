"""`python -m tvdrnet_nv.benchmarks.parity [PYTHON]`: make the package's golden files, as `make golden` does."""

from __future__ import annotations

import sys

from tvdrnet_nv.benchmarks.parity.record import make_golden
from tvdrnet_nv.benchmarks.reference import Reference, ReferenceError_, find_reference
from tvdrnet_nv.errors import InputError


def main(arguments: list[str]) -> int:
    """Make them with the interpreter that is named, or with `make reference`'s."""
    python = find_reference(arguments[0] if arguments else None)
    if python is None:
        print("no reference: run `make reference`, or name a Python that has PyTorch3D", file=sys.stderr)
        return 2
    try:
        with Reference(python) as reference:
            rows = make_golden(reference, progress=print)
    except (InputError, ReferenceError_) as error:
        print(error, file=sys.stderr)
        return 2
    failed = [row for row in rows if not row["passed"]]
    for row in failed:
        print("failed:", {name: value for name, value in row.items() if value is not None})
    print(f"{len(rows)} rows, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
