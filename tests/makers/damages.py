"""What can happen to a file on its way to a disk in a box: each takes the bytes of a good copy, gives bad ones."""

from collections.abc import Callable

_PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"


def _flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 0x10
    return bytes(changed)


def _zeroed(data: bytes, begin: int, length: int) -> bytes:
    end = min(len(data), begin + length)
    return data[:begin] + b"\0" * (end - begin) + data[end:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "zero bytes": lambda data: b"",
    "cut by 1 byte": lambda data: data[:-1],
    "cut in half": lambda data: data[: len(data) // 2],
    "one bit flipped in the header": lambda data: _flipped(data, 20),
    "one bit flipped in the middle": lambda data: _flipped(data, len(data) // 2),
    "one bit flipped near the end": lambda data: _flipped(data, len(data) - max(1, len(data) // 20)),
    "4 KiB zeroed in the middle": lambda data: _zeroed(data, len(data) // 2, 4096),
    "tail zeroed (a quarter)": lambda data: _zeroed(data, len(data) * 3 // 4, len(data)),
    "all zeros": lambda data: b"\0" * len(data),
    "junk appended": lambda data: data + b"junk appended by a broken upload\n" * 16,
    "CRLF-mangled": lambda data: data.replace(b"\n", b"\r\n"),
    "HTML error page": lambda data: _PAGE,
}
