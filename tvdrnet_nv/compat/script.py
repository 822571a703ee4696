"""Runs a program written for another library, unchanged, with that library provided by us."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from types import CodeType, ModuleType
from typing import Any

from tvdrnet_nv.errors import InputError

StandIn = Callable[[], AbstractContextManager[None]]


class NoSuchModule(InputError):
    """A module was to be run that there is not."""


def read_script(script: str) -> CodeType:
    """The compiled script.

    Raises:
        InputError: there is no such file, or it cannot be read.
        SyntaxError: it is not Python.
    """
    path = os.path.abspath(script)
    if os.path.isdir(path):
        raise InputError(f"{script} is a folder; name the script in it")
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        raise InputError(f"cannot read the script {script}: {error.strerror}") from None
    return compile(source, path, "exec", dont_inherit=True)


@contextmanager
def _provided(standing_in: StandIn, cpu: bool) -> Iterator[None]:
    from tvdrnet_nv.compat.cuda_on_cpu import cuda_on_cpu

    with standing_in(), cuda_on_cpu() if cpu else nullcontext():
        yield


def run_script(code: CodeType, arguments: Sequence[str], standing_in: StandIn, *, cpu: bool) -> None:
    """Run a script from `read_script` as Python would.

    What the script raises, `SystemExit` included, comes out. `sys.argv`, `sys.path` and `__main__` stay the script's.

    Args:
        code: the script.
        arguments: `sys.argv`, whose first is the script's path as given.
        standing_in: provides the library.
        cpu: whether 'cuda' means the CPU.
    """
    main = ModuleType("__main__")
    main.__dict__.update(__file__=code.co_filename, __builtins__=__builtins__, __cached__=None)
    sys.argv[:] = arguments
    sys.path[0] = os.path.dirname(os.path.realpath(code.co_filename))
    sys.modules["__main__"] = main
    with _provided(standing_in, cpu):
        exec(code, main.__dict__)


def run_module(name: str, arguments: Sequence[str], standing_in: StandIn, *, cpu: bool) -> None:
    """Run a module as `python -m NAME` would: of a package, its `__main__`; the packages above it are imported first.

    Args:
        name: the module's full name.
        arguments: what follows it; `sys.argv` gets the module's file before them.
        standing_in: provides the library.
        cpu: whether 'cuda' means the CPU.

    Raises:
        NoSuchModule: there is no such module, or it has no code.
    """
    sys.path[0] = os.getcwd()
    with _provided(standing_in, cpu):
        sys.argv[:] = ["-m", *arguments]
        spec = _spec_of(name)
        if spec is not None and spec.submodule_search_locations is not None:
            name = f"{name}.__main__"
            spec = _spec_of(name)
        code = getattr(spec.loader, "get_code", lambda _: None)(name) if spec is not None else None
        if spec is None or code is None:
            raise NoSuchModule(f"no module named {name} that can be run; check the name and the folder you are in")
        main = ModuleType("__main__")
        main.__dict__.update(
            __file__=spec.origin,
            __builtins__=__builtins__,
            __cached__=spec.cached,
            __loader__=spec.loader,
            __package__=spec.parent,
            __spec__=spec,
        )
        sys.argv[0] = spec.origin or name
        sys.modules["__main__"] = main
        exec(code, main.__dict__)


def _spec_of(name: str) -> Any:
    try:
        return find_spec(name)
    except ModuleNotFoundError as error:
        # A package above it is missing; what that package itself fails to import is another matter.
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise
    except ValueError:  # a module that is loaded without a spec
        return None
