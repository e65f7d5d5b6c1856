"""A folder on an SFTP server. The server must show the host key that was agreed; nothing is trusted at first sight."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko

from recon.sources.place import LARGEST, Found, Gone, Unreachable
from rules.wording import _

SECONDS = 30
"""How long a silent server is waited for."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where and as whom. `host_key` is the server's fingerprint as `ssh-keygen -l` writes it (SHA256:…); `key_file` and
    `password` are names of environment variables, of which one is set."""

    host: str
    user: str
    folder: str
    host_key: str
    port: int = 22
    key_file: str = ""
    password: str = ""


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Whatever goes wrong on the way is said in one sentence."""
    try:
        yield
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise _unreachable(address, error) from None


class Remote:
    def __init__(self, address: Address, client: paramiko.SFTPClient) -> None:
        self.address, self._client = address, client

    def files(self) -> list[Found]:
        with _told(self.address):
            lying = sorted(self._client.listdir_attr(self.address.folder), key=lambda each: each.filename)
        return [
            Found(each.filename, each.st_size or 0, float(each.st_mtime or 0))
            for each in lying
            if stat.S_ISREG(each.st_mode or 0)
        ]

    def content(self, name: str) -> bytes:
        with _told(self.address), self._client.open(self._path(name), "rb") as stream:
            stream.prefetch()
            return bytes(stream.read(LARGEST))

    def put_away(self, name: str, folder: str, new_name: str) -> None:
        with _told(self.address):
            if not self._exists(self._path(folder)):
                self._client.mkdir(self._path(folder))
            target = self._path(f"{folder}/{new_name}")
            if self._exists(self._path(name)) and not self._exists(target):
                self._client.rename(self._path(name), target)

    def _path(self, name: str) -> str:
        return f"{self.address.folder.rstrip('/')}/{name}"

    def _exists(self, path: str) -> bool:
        try:
            self._client.stat(path)
        except FileNotFoundError:
            return False
        return True


@contextmanager
def remote_of(address: Address, environment: Mapping[str, str] = os.environ) -> Iterator[Remote]:
    """The server's folder, signed in. Raises Unreachable: no answer, another host key, refused, no secret."""
    try:
        connection = socket.create_connection((address.host, address.port), timeout=SECONDS)
    except OSError as error:
        raise _unreachable(address, error) from None
    transport = paramiko.Transport(connection)
    transport.banner_timeout = transport.auth_timeout = SECONDS
    try:
        client = _signed_in(transport, address, environment)
        yield Remote(address, client)
    finally:
        transport.close()


def _signed_in(transport: paramiko.Transport, address: Address, environment: Mapping[str, str]) -> paramiko.SFTPClient:
    try:
        transport.start_client(timeout=SECONDS)
        shown = fingerprint(transport.get_remote_server_key())
        if shown != address.host_key:
            told = _("{host} shows the host key {shown}, and {agreed} was agreed: nothing was sent")
            raise Unreachable(told.format(host=address.host, shown=shown, agreed=address.host_key))
        if address.key_file:
            transport.auth_publickey(address.user, _key(_secret(address.key_file, environment)))
        else:
            transport.auth_password(address.user, _secret(address.password, environment), fallback=False)
        client = paramiko.SFTPClient.from_transport(transport)
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise _unreachable(address, error) from None
    if client is None:
        raise Unreachable(_("{host} has no SFTP").format(host=address.host))
    channel = client.get_channel()
    if channel is not None:
        channel.settimeout(SECONDS)
    return client


def fingerprint(key: paramiko.PKey) -> str:
    """SHA256:… of a host key, as OpenSSH writes it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def _secret(variable: str, environment: Mapping[str, str]) -> str:
    if value := environment.get(variable, ""):
        return value
    raise Unreachable(_("the environment variable {name} is not set").format(name=variable or "–"))


def _key(path: str) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_path(path)
    except (OSError, ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
        raise Unreachable(_("the key file {path} cannot be read: {reason}").format(path=path, reason=error)) from None


def _unreachable(address: Address, error: Exception) -> Unreachable:
    reason = str(error) or type(error).__name__
    kind = Gone if isinstance(error, FileNotFoundError) else Unreachable
    return kind(_("{host} cannot be read: {reason}").format(host=address.host, reason=reason))
