"""Runs a Python program as a cell of a notebook does: `python notebook_cell.py ARGS`.

ARGS are those of `python`: a file, or -m and a module, and the program's own. It is
called within a running event loop, and its output goes to objects that can do no more
than ipykernel's must: they have no file descriptor, no buffer, and no encoding.
"""

import asyncio
import os
import runpy
import sys


class Output:
    def __init__(self, descriptor):
        self._descriptor = descriptor

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"{text!r}: a notebook takes text only")
        data = text.encode("utf-8")
        while data:
            data = data[os.write(self._descriptor, data) :]
        return len(text)

    def flush(self):
        pass


async def cell(arguments):
    if arguments[0] == "-m":
        sys.argv, sys.path[0] = arguments[1:], os.getcwd()
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        folder = os.path.dirname(os.path.abspath(arguments[0]))
        sys.argv, sys.path[0] = arguments, folder
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    sys.stdout = sys.__stdout__ = Output(1)
    sys.stderr = sys.__stderr__ = Output(2)
    asyncio.run(cell(sys.argv[1:]))
