"""The lines of an LDIF, whatever its encoding and line ends, without trusting the length of any."""

import codecs
from collections.abc import Iterable, Iterator

from itops.backup.formats import MIB, Effort, damaged

MOST_LINE = 64 * MIB  # characters; a photo of 40 MiB in base64 on one line still fits
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF8, "utf-8"))


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding and the length of the mark that tells it: `ldifde -u` writes UTF-16, everybody else UTF-8."""
    return next(((encoding, len(mark)) for mark, encoding in _MARKS if head.startswith(mark)), ("utf-8", 0))


class Lines:
    """The lines of one file; after the last, `ends_whole` tells whether that had an end of line."""

    def __init__(self, chunks: Iterable[bytes], effort: Effort) -> None:
        self._chunks = iter(chunks)
        self._effort = effort
        self.encoding = "utf-8"
        self.number = 0  # of the line given last
        self.with_return = 0  # lines that end in CR LF
        self.ends_whole = True

    def __iter__(self) -> Iterator[str]:
        rest = ""
        for text in self._decoded():
            if len(rest) + len(text) > MOST_LINE and "\n" not in text:
                raise damaged("structure-damaged", f"line {self.number + 1}", length=len(rest) + len(text))
            *whole, rest = (rest + text).split("\n")
            for line in whole:
                yield self._bare(line)
        if rest:
            self.ends_whole = False
            yield self._bare(rest)

    def _decoded(self) -> Iterator[str]:
        first = next(self._chunks, b"")
        self.encoding, mark = encoding_of(first)
        decoder = codecs.getincrementaldecoder(self.encoding)()
        yield from self._text(decoder, first[mark:])
        for chunk in self._chunks:
            yield from self._text(decoder, chunk)
        yield from self._text(decoder, b"", is_last=True)

    def _text(self, decoder: codecs.IncrementalDecoder, chunk: bytes, *, is_last: bool = False) -> Iterator[str]:
        self._effort.tick()
        try:
            text = decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            if is_last:  # half a character
                raise damaged("cut", f"line {self.number + 1}") from error
            line = self.number + 1 + chunk[: max(error.start, 0)].count(b"\n")
            raise damaged("structure-damaged", f"line {line}", encoding=self.encoding) from error
        if "\0" in text:
            line = self.number + 1 + text[: text.index("\0")].count("\n")
            raise damaged("structure-damaged", f"line {line}", zero_bytes=text.count("\0"))
        yield text

    def _bare(self, line: str) -> str:
        self.number += 1
        if line.endswith("\r"):
            self.with_return += 1
            line = line[:-1]
            if line.endswith("\r"):  # CR LF sent through an ASCII-mode transfer once more
                raise damaged("line-endings", f"line {self.number}")
        return line
