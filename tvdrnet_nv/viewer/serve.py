"""The page on a port of this machine, until somebody ends it."""

from __future__ import annotations

import contextlib
import errno
import functools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvdrnet_nv.atomic import check_writable
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.events import Kind, OnEvent, Reporter
from tvdrnet_nv.jobs.kept_meshes import kept_meshes
from tvdrnet_nv.jobs.output import output_folder
from tvdrnet_nv.viewer.run_folder import read_run
from tvdrnet_nv.viewer.view_job import ViewJob

if TYPE_CHECKING:
    import viser

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Pages that may talk to a server that only this machine reaches: its own, by any port, as SSH forwards it to another.
# A page of another site, open in the same browser, may not.
_OWN_PAGES = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_ASKED_EVERY = 0.1  # seconds


def serve(
    job: ViewJob, ended: Callable[[], bool], on_event: OnEvent | None, on_ready: Callable[[str], None] | None
) -> None:
    """See `ViewJob.serve`."""
    _need_viser()
    from tvdrnet_nv.viewer.page import Page
    from tvdrnet_nv.viewer.session import Session

    reporter = Reporter(on_event)
    check_writable(output_folder(job))
    check_address(job.host, job.port)
    run = None if job.run_folder is None else read_run(Path(job.run_folder))
    with kept_meshes():
        session = Session(job, reporter)
        if run is not None and Path(str(run.facts.get("scene"))).name != session.file.name:
            told = f"`run_folder` {run.folder}: is of the scene {run.facts.get('scene')}, not of {session.file}"
            reporter.report(Kind.NOTE, told)
        with opened(job.host, job.port) as server:
            page = Page(server, session, run)
            reporter.report(Kind.SCENE, f"in the browser: {page.shown.text}")
            if on_ready is not None:
                on_ready(address(job.host, server.get_port()))
            while not ended():
                time.sleep(_ASKED_EVERY)
            if page.desk.is_busy and page.desk.run is not None:
                reporter.report(Kind.NOTE, f"stopping the run; its best goes to {page.desk.run.folder}")
            if not page.desk.close():
                reporter.report(Kind.NOTE, "the run has not stopped within a minute; what it has found is lost")


def address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    name = "localhost" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def check_address(host: str, port: int) -> None:
    """Raise InputError unless a server may listen there."""
    try:
        kind = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(*kind[:2]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            probe.bind(kind[4])
            probe.listen(1)
    except socket.gaierror as error:
        raise InputError(f"`host` {host}: is no address of this machine; leave `host` out for 127.0.0.1") from error
    except OSError as error:
        if isinstance(error, PermissionError):
            raise InputError(f"`port` {port}: needs more rights; choose one above 1023, or 0 for any") from error
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"`port` {port}: is in use; choose another one, or 0 for any that is free") from error
        why = (error.strerror or str(error)).lower()
        raise InputError(f"`host` {host}: cannot be listened on: {why}; leave `host` out for 127.0.0.1") from error


@contextlib.contextmanager
def opened(host: str, port: int) -> Iterator[viser.ViserServer]:
    """viser's server, which says nothing on the terminal and opens no way in from other networks.

    Raises:
        InputError: the address is taken.
    """
    import rich
    import viser

    class Server(viser.ViserServer):
        """A server that never asks viser's own for a public address, whatever a page sends."""

        def request_share_url(self, verbose: bool = True) -> str | None:
            return None

    check_address(host, port)
    console = rich.get_console()
    quiet, console.quiet = console.quiet, True
    try:
        with _own_pages_only(host):
            server = Server(host=host, port=port, label="tvdr-nv", verbose=False)
        try:
            if port not in (0, server.get_port()):  # viser takes the next one
                raise InputError(f"`port` {port}: is in use; choose another one, or 0 for any that is free")
            yield server
        finally:
            server.stop()
    finally:
        console.quiet = quiet


_opening = threading.Lock()


@contextlib.contextmanager
def _own_pages_only(host: str) -> Iterator[None]:
    """While it is open, servers of websockets refuse other sites' pages, where only this machine is to reach them.

    viser has no option for websockets' `origins`. A program that is no browser tells no origin, and is let in.
    """
    import websockets.asyncio.server as library

    if host not in _LOOPBACK:
        yield
        return
    with _opening:
        plain: Any = library.serve
        library.serve = functools.partial(plain, origins=[_OWN_PAGES, None])  # pyright: ignore[reportAttributeAccessIssue]
        try:
            yield
        finally:
            library.serve = plain


def _need_viser() -> None:
    try:
        import viser  # noqa: F401
    except ImportError as error:
        raise InputError("the viewer needs viser; type: pip install 'tvdrnet_nv[view]'") from error
