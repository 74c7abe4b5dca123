"""Work for real worker processes; it must be importable by them."""

import gc
import os
import signal
import struct
import time
from multiprocessing.connection import Connection
from pathlib import Path


def square(index):
    """Later pieces are done sooner."""
    time.sleep(0.02 * (5 - index))
    return index * index, os.environ["OPENBLAS_NUM_THREADS"], os.getpid()


def fail(index):
    """Pieces 2 and 4 fail, 4 long before 2."""
    time.sleep(0.3 if index == 2 else 0.0)
    if index in (2, 4):
        raise ValueError(f"piece {index}")
    return index


class DieOnce:
    """Kills its own process the first time it gets piece 1."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, index):
        mark = Path(self.folder) / "died"
        if index == 1 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return index


class DieSpeaking(DieOnce):
    """Dies in the middle of its answer to piece 1, the first time."""

    def __call__(self, index):
        if index == 1 and not (Path(self.folder) / "died").exists():
            (pipe,) = (thing for thing in gc.get_objects() if isinstance(thing, Connection) and thing.writable)
            os.write(pipe.fileno(), struct.pack("!i", 1000) + bytes(10))
        return super().__call__(index)


def die(index):
    """Kills its own process whenever it gets piece 1."""
    if index == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return index


def wait_long(index):
    """Tell who works, then work for long."""
    print(os.getpid(), flush=True)
    time.sleep(60)
    return index
