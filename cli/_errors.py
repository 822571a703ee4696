"""Every way a command can end, as an exit code and at most one line on stderr."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import typer

from tvdrnet_nv.cli._flags import in_flags
from tvdrnet_nv.errors import InputError, NothingMeantError

BAD_INPUT = 2
NOT_FOUND = 3
INTERRUPTED = 130

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # what a terminal would obey, such as an escape in a sentence

# Typer keeps its base class for usage errors in a private module, and not always in the same one.
UsageError: Any = typer.BadParameter.__bases__[0]


def exit_code(call: Callable[[], Any]) -> int:
    """Runs a Typer app in its non-standalone mode and turns its end into an exit code.

    Other exceptions are bugs and pass through with their traceback.
    """
    try:
        return call() or 0
    except UsageError as error:
        command = error.ctx.command_path if error.ctx else "tvdr-nv"
        message = error.format_message().replace("Value error, ", "")  # the words of a library within Typer
        return _fail(f"{message.rstrip('.')}; see {command} --help")
    except NothingMeantError as error:
        _fail(in_flags(str(error)))
        return NOT_FOUND
    except InputError as error:
        return _fail(in_flags(str(error)))
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted", "nothing was saved")
        return INTERRUPTED
    except OSError as error:
        return _fail(f"{error.filename or 'output'}: {(error.strerror or str(error)).lower()}")
    except (MemoryError, RuntimeError) as error:
        # torch reports a lack of memory as a RuntimeError on the CPU, and as a subclass of it on CUDA.
        if isinstance(error, MemoryError) or "out of memory" in str(error) or "allocate memory" in str(error):
            return _fail("not enough memory; use a smaller --image-size, fewer --starts or a smaller scene")
        raise


def _fail(message: str) -> int:
    _say("error", _CONTROL.sub(lambda match: " " if match[0].isspace() else f"\\x{ord(match[0]):02x}", message))
    return BAD_INPUT


def _say(what: str, message: str) -> None:
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text.assemble((f"{what}: ", "bold red"), message))
