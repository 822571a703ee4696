"""Forward mode in several threads."""

from __future__ import annotations

import threading

# torch's forward mode has one level in the whole process, and refuses a second one while another thread is in it.
LOCK = threading.RLock()
