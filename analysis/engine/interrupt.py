"""Ctrl-C that ends a run between two blocks, with everything finished so far at hand."""

import signal
import threading
from types import FrameType
from typing import Self


class Interruptible:
    """with Interruptible() as stop: ... `stop.requested` is true after the first Ctrl-C; the second one
    raises.

    Outside the main thread, where Python allows no handler, Ctrl-C raises KeyboardInterrupt as always.
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: object = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
