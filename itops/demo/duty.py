"""`python -m itops.demo.duty FOLDER`: the tray of the demo office's duty officer; each message becomes a file in it.

A program of the office's own, as the channel `command` calls one: the message is JSON on its standard input.
"""

import json
import sys
from pathlib import Path


def put(folder: Path, message: dict[str, object]) -> Path:
    """A message as people read it; the same one once more is the same file."""
    lines = [line for line in message["lines"] if isinstance(line, dict)] if isinstance(message["lines"], list) else []
    text = [str(message["title"]), "", *(f"- {line['subject']}: {line['text']}" for line in lines)]
    folder.mkdir(exist_ok=True)
    path = folder / f"{message['id']}.txt"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    put(Path(sys.argv[1]), json.loads(sys.stdin.buffer.read()))
