"""The page's server: who may reach it, and what is said where it cannot be."""

from __future__ import annotations

import builtins
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.viewer import ViewJob
from tvdrnet_nv.viewer.serve import address, check_address

viser = pytest.importorskip("viser", reason="viser is not installed; pip install 'tvdrnet_nv[view]'")


@contextmanager
def served(job: ViewJob) -> Iterator[str]:
    """The page's address, while it is served."""
    ended, ready = threading.Event(), Queue[str]()
    thread = threading.Thread(target=lambda: job.serve(ended.is_set, None, ready.put))
    thread.start()
    try:
        yield ready.get(timeout=60)
    finally:
        ended.set()
        thread.join(60)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def url(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    out = tmp_path_factory.mktemp("served") / "out"
    with served(ViewJob(scene=room, port=0, image_size=48, out=out)) as found:
        yield found
    assert not out.exists()


def open_socket(url: str, origin: str | None) -> Any:
    """A connection such as a browser makes."""
    from websockets.sync.client import connect

    protocol: Any = f"viser-v{viser.__version__}"
    return connect(url.replace("http", "ws"), subprotocols=[protocol], origin=origin, max_size=None)  # type: ignore[arg-type]


def test_this_machines_browser_gets_the_page(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert b"<html" in answer.read()
    for origin in (url, "http://localhost:9999", "http://127.0.0.1", None):
        with open_socket(url, origin) as connection:
            assert connection.recv(timeout=10)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example:8080", "null"])
def test_another_sites_page_is_refused(url: str, origin: str) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus, match="403"):
        open_socket(url, origin)


def test_another_machine_does_not_reach_it(url: str) -> None:
    port = int(url.rsplit(":", 1)[1])
    other = "127.0.0.2"  # of this machine as well, and not the one that is listened on
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((other, port), timeout=5)


def test_a_port_in_use_is_named(url: str, room: Path, tmp_path: Path) -> None:
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(InputError, match=rf"^`port` {port}: is in use"):
        ViewJob(scene=room, port=port, out=tmp_path / "out").serve(lambda: True)
    assert not (tmp_path / "out").exists()


def test_the_port_is_free_again_afterwards(room: Path, tmp_path: Path) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for _ in range(2):
        began = time.monotonic()
        with served(ViewJob(scene=room, port=port, image_size=48, out=tmp_path / "out")) as found:
            assert found == f"http://127.0.0.1:{port}"
        assert time.monotonic() - began < 60


def test_addresses_that_are_none_of_this_machine() -> None:
    with pytest.raises(InputError, match=r"^`host` no\.such\.host\.invalid: is no address"):
        check_address("no.such.host.invalid", 0)
    with pytest.raises(InputError, match=r"^`host` 192\.0\.2\.1: cannot be listened on"):
        check_address("192.0.2.1", 0)
    assert address("0.0.0.0", 80) == "http://localhost:80"
    assert address("::1", 8080) == "http://[::1]:8080"


def test_without_viser_one_line_says_what_to_type(room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "viser":
            raise ImportError("No module named 'viser'")
        return plain(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"type: pip install 'tvdrnet_nv\[view\]'$"):
        ViewJob(scene=room, out=tmp_path / "out").serve(lambda: True)
