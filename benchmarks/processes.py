"""How the benchmarks start Python again, for what needs a process of its own."""

import sys

# -P keeps the working directory out of the imports: in a checkout, too, the child imports the installed package.
PYTHON = (sys.executable, "-P")
