"""Streams of `btrfs send` as somebody who means harm would write them."""

from __future__ import annotations

import struct
import uuid

# From <linux/../fs/btrfs/send.h>: commands and attributes of version 1.
SUBVOL, SNAPSHOT, MKFILE, RENAME, LINK, UNLINK, WRITE, CLONE, TRUNCATE, END = 1, 2, 3, 9, 10, 11, 15, 16, 17, 21
OF_UUID, OF_TRANSID, OF_INODE, OF_SIZE = 1, 2, 3, 4
OF_PATH, OF_PATH_TO, OF_PATH_LINK, OF_OFFSET, OF_DATA = 15, 16, 17, 18, 19
OF_CLONE_UUID, OF_CLONE_TRANSID, OF_CLONE_PATH, OF_CLONE_OFFSET, OF_CLONE_LENGTH = 20, 21, 22, 23, 24
HEADER = b"btrfs-stream\0" + struct.pack("<I", 1)

Value = str | bytes | int | uuid.UUID


def crc32c(data: bytes) -> int:
    """As Btrfs uses it: begun with nothing, and not inverted."""
    found = 0
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0x82F63B78 if found & 1 else 0)
    return found


def encoded(value: Value) -> bytes:
    """A value of an attribute."""
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, int):
        return struct.pack("<Q", value)
    return value.encode() if isinstance(value, str) else value


def command(kind: int, attributes: dict[int, Value]) -> bytes:
    """One command."""
    values = {name: encoded(value) for name, value in attributes.items()}
    body = b"".join(struct.pack("<HH", name, len(value)) + value for name, value in values.items())
    return struct.pack("<IHI", len(body), kind, crc32c(struct.pack("<IHI", len(body), kind, 0) + body)) + body


def begins(name: str, parent: uuid.UUID | None = None) -> bytes:
    """A copy of that name begins, whole or as a difference; all that follows is done in it."""
    about: dict[int, Value] = {OF_PATH: name, OF_UUID: uuid.uuid4(), OF_TRANSID: 7}
    if parent is not None:
        about |= {OF_CLONE_UUID: parent, OF_CLONE_TRANSID: 7}
    return command(SUBVOL if parent is None else SNAPSHOT, about)


def stream(name: str, *commands: bytes, parent: uuid.UUID | None = None, ends: bool = True) -> bytes:
    """All of it, or without its end."""
    return HEADER + begins(name, parent) + b"".join(commands) + (command(END, {}) if ends else b"")


def taking(name: str, of: str) -> bytes:
    """The name of what is received here is given to another copy. Paths begin in a copy, so that another one has to begin."""
    return begins("away") + rename(f"../{name}", "../given") + rename(f"../{of}", f"../{name}")


def rename(name: str, to: str) -> bytes:
    """A name is changed."""
    return command(RENAME, {OF_PATH: name, OF_PATH_TO: to})


def file_with(name: str, data: bytes) -> list[bytes]:
    """A file is made, and written."""
    return [command(MKFILE, {OF_PATH: name, OF_INODE: 300}), command(WRITE, {OF_PATH: name, OF_OFFSET: 0, OF_DATA: data})]


def cloned(name: str, source: uuid.UUID, path: str, length: int) -> list[bytes]:
    """A file is made, and gets another's content from a subvolume that is named by its UUID."""
    clone: dict[int, Value] = {OF_OFFSET: 0, OF_CLONE_LENGTH: length, OF_PATH: name, OF_CLONE_UUID: source}
    clone |= {OF_CLONE_TRANSID: 7, OF_CLONE_PATH: path, OF_CLONE_OFFSET: 0}
    return [command(MKFILE, {OF_PATH: name, OF_INODE: 300}), command(CLONE, clone)]
