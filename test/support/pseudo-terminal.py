"""Runs a command in a pseudo-terminal of its own and ends as it does.

What the command writes goes to stdout as it comes. stdin takes a line of JSON for each thing that a
person does: {"input": "text"} is typed, {"resize": [columns, rows]} makes the window so large.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def main() -> int:
    columns, rows, *command = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        resize(0, int(columns), int(rows))
        os.execvp(command[0], command)
    typed = b""
    while True:
        ready, _, _ = select.select([terminal, 0] if typed is not None else [terminal], [], [])
        if terminal in ready:
            try:
                written = os.read(terminal, 65536)
            except OSError:
                # Linux says so when the last of them has closed it.
                written = b""
            if not written:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            os.write(1, written)
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                typed = None
                continue
            *lines, typed = (typed + more).split(b"\n")
            for line in lines:
                act(terminal, json.loads(line))


def act(terminal: int, deed: dict) -> None:
    if "resize" in deed:
        resize(terminal, *deed["resize"])
    else:
        os.write(terminal, deed["input"].encode())


def resize(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


sys.exit(main())
