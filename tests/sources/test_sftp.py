"""SFTP against a real SSH server of our own, on this machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import pytest

from recon.sources.place import ARCHIVE, Unreachable
from recon.sources.sftp import Address, remote_of

SECRET = {"BANK_PASSWORD": "sea-and-sand"}


@dataclass(frozen=True)
class Server:
    """A running server: its address, the folder that it shows, and the file of a key that it knows."""

    address: Address
    folder: Path
    key_file: Path


class Door(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("fjord", SECRET["BANK_PASSWORD"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("bank")
    (root / "out").mkdir()
    host_key, own = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    key_file = tmp_path_factory.mktemp("keys") / "id"
    own.write_private_key(key_file)
    known = tmp_path_factory.mktemp("keys") / "authorized"
    own.write_public_key(known)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Door,
            server_host_keys=[host_key],
            authorized_client_keys=str(known),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        )

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    address = Address(
        "127.0.0.1", "fjord", "/out", host_key.get_fingerprint(), port=acceptor.get_port(), password="BANK_PASSWORD"
    )
    yield Server(address, root / "out", key_file)
    loop.call_soon_threadsafe(acceptor.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def test_files_are_listed_read_and_put_away(server: Server) -> None:
    (server.folder / "b.xml").write_bytes(b"<b/>")
    (server.folder / "a.xml").write_bytes(b"x" * 300_000)
    (server.folder / "deeper").mkdir()
    with remote_of(server.address, SECRET) as remote:
        assert [(found.name, found.size) for found in remote.files()] == [("a.xml", 300_000), ("b.xml", 4)]
        assert remote.content("a.xml") == b"x" * 300_000
        remote.put_away("a.xml", ARCHIVE, "1-a.xml")
        remote.put_away("a.xml", ARCHIVE, "2-a.xml")  # gone already: left alone
        (server.folder / "b2.xml").write_bytes(b"other")
        remote.put_away("b.xml", ARCHIVE, "b.xml")
        remote.put_away("b2.xml", ARCHIVE, "b.xml")  # nothing there is overwritten
    assert sorted(path.name for path in (server.folder / ARCHIVE).iterdir()) == ["1-a.xml", "b.xml"]
    assert (server.folder / ARCHIVE / "b.xml").read_bytes() == b"<b/>"
    assert (server.folder / "b2.xml").exists()


def test_a_key_signs_in_as_well(server: Server) -> None:
    address = replace(server.address, password="", key_file="BANK_KEY")
    with remote_of(address, {"BANK_KEY": str(server.key_file)}) as remote:
        assert isinstance(remote.files(), list)


@pytest.mark.parametrize(
    ("change", "environment", "said"),
    [
        ({"host_key": "SHA256:somebodyElse"}, SECRET, "nothing was sent"),
        ({}, {"BANK_PASSWORD": "wrong"}, "cannot be read"),
        ({}, {}, "BANK_PASSWORD is not set"),
        ({"folder": "/nowhere"}, SECRET, "cannot be read"),
        ({"port": 1}, SECRET, "cannot be read"),
        ({"password": "", "key_file": "BANK_KEY"}, {"BANK_KEY": "/nowhere/id"}, "key file"),
    ],
)
def test_what_cannot_be_reached_is_one_sentence(
    server: Server, change: dict[str, object], environment: dict[str, str], said: str
) -> None:
    address = replace(server.address, **change)  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match=said), remote_of(address, environment) as remote:
        remote.files()
