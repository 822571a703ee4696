"""`tvdr-nv batch` under faults, and with a hundred thousand jobs. docs/scale.md has figures."""
