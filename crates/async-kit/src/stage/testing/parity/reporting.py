"""Reports what the tasks of an asyncio program do, and in which line, for a recording of the run.

It is the first part of the program whose second part is `clock.py`, and reads the clock of that part.

The output has a line for each event of a task, `\x1eMILLISECONDS EVENT TASK LINE TEXT`. LINE is the line of
the program where it happens, or 0. A printed line is the event `said` of the task that printed it.

A recording must not depend on the version of Python, although asyncio itself makes other tasks, and waits
at other moments, from version to version: such a task or wait is not reported.
"""

import asyncio
import collections.abc
import gc
import os
import sys


def reporting(task, coro):
    """The coroutine of a task, which also reports what its task does.

    Up to 3.11 `wait_for` runs a coroutine in a task of its own: its events are those of the task that
    called `wait_for`. At its end the loop closes each remaining generator in a task, which is not reported.
    """
    line = 0
    for caller in callers():
        if caller.f_code is SHUTDOWN:
            return coro
        if caller.f_code is WAIT_FOR:
            return part_of(task, running_task().get_coro(), coro)
        if line := line_of(caller):
            break
    if is_of_asyncio(coro):
        return coro
    task.reported_as = task.number
    # The loop closes a generator in a task, with an awaitable that has no name of its own.
    name = getattr(coro, "__name__", type(coro).__name__)
    report("made", task.number, line, name)
    return Reporting(coro, task.number)


def part_of(task, outer, coro):
    if not isinstance(outer, Reporting):
        return coro
    task.reported_as = outer.number
    outer.delegates = True
    return Reporting(coro, outer.number, outer)


class Reporting(collections.abc.Coroutine):
    """The coroutine of a task, which also reports its beginning, its end, and where it waits."""

    def __init__(self, coro, number, outer=None):
        self.coro = coro
        self.number = number
        # The coroutine of the task of which this is a part. That one has begun already, and will end.
        self.outer = outer
        self.has_started = outer is not None
        # Whether a part of this task reports where this one waits.
        self.delegates = False

    def send(self, value):
        if not self.has_started:
            self.has_started = True
            report("started", self.number)
        return self.step(self.coro.send, value)

    def throw(self, *error):
        return self.step(self.coro.throw, *error)

    def step(self, advance, *values):
        self.delegates = False
        try:
            awaited = advance(*values)
        except StopIteration:
            # A task that is cancelled in its last step ends as cancelled.
            self.ends("cancelled" if asyncio.current_task()._must_cancel else "done")
            raise
        except asyncio.CancelledError:
            self.ends("cancelled")
            raise
        except BaseException:
            self.ends("failed")
            raise
        if not (self.delegates or is_over(awaited) or any(map(waits_again, frames(self.coro)))):
            report("waits", self.number, self.line())
        return awaited

    def ends(self, how):
        if self.outer is None:
            report(how, self.number)

    def line(self):
        """The line of the innermost frame that lies in the program: there the task waits."""
        lines = list(filter(None, map(line_of, frames(self.coro))))
        if lines:
            return lines[-1]
        return 0 if self.outer is None else self.outer.line()

    def close(self):
        self.coro.close()

    def __await__(self):
        return self.coro.__await__()

    def __getattr__(self, name):
        # A stack of the task, and the name of its coroutine.
        return getattr(self.coro, name)


FRAMES = "cr_frame", "gi_frame", "ag_frame"
AWAITED = "cr_await", "gi_yieldfrom", "ag_await"

# What Python puts between an awaiting frame and the next one, without an attribute for that.
OPAQUE = "anext_awaitable", "async_generator_asend", "async_generator_athrow", "coroutine_wrapper"

RUN_ONCE = asyncio.BaseEventLoop._run_once.__code__

# Functions of asyncio that make tasks of their own.
WAIT_FOR = asyncio.wait_for.__code__
SHUTDOWN = asyncio.BaseEventLoop.shutdown_asyncgens.__code__


def is_over(awaited):
    """Whether it is a `gather` of tasks that have ended: only up to 3.11 the task waits for that."""
    children = getattr(awaited, "_children", None)
    return children is not None and all(child.done() for child in children)


def waits_again(frame):
    """Whether a `wait_for` of 3.11 waits once more than a later one.

    It waits for a future that is done, and for the end of a task that it has cancelled.
    """
    if frame.f_code is WAIT_FOR:
        future = frame.f_locals.get("fut")
        return asyncio.isfuture(future) and future.done()
    return frame.f_code.co_name == "_cancel_and_wait"


def frames(awaited):
    """The frames of a coroutine and of what it awaits, from the outside to the inside."""
    while awaited is not None:
        frame = attribute(awaited, FRAMES)
        if frame is not None:
            yield frame
        awaited = next_awaited(awaited)


def next_awaited(awaited):
    if type(awaited).__name__ in OPAQUE:
        return next((part for part in gc.get_referents(awaited) if is_awaited(part)), None)
    return attribute(awaited, AWAITED)


def is_awaited(part):
    return type(part).__name__ in OPAQUE or attribute(part, FRAMES) is not None


def attribute(part, names):
    return next((getattr(part, name) for name in names if hasattr(part, name)), None)


def line_of(frame):
    """The current line of a frame, or 0 if it does not lie in the program."""
    return frame.f_lineno or 0 if frame.f_code.co_filename == sys.argv[0] else 0


def reports_tasks():
    return "REPORT_TASKS" in os.environ


def is_of_asyncio(coro):
    """Whether asyncio itself wrote the coroutine: `asyncio.run` ends with two such tasks."""
    code = getattr(coro, "cr_code", None)
    return code is not None and code.co_filename.startswith(os.path.dirname(asyncio.__file__))


def report(event, number, line=0, text=""):
    task = "-" if number is None else number
    plain_print(f"\x1e{clock.millis} {event} {task} {line} {text}", flush=True)


def reported(task):
    return None if task is None else task.reported_as


def callers():
    """The frames of the running functions, from the inside to the outside.

    They end at the loop: a callback that the loop runs was not called by the program.
    """
    frame = sys._getframe(1)
    while frame is not None and frame.f_code is not RUN_ONCE:
        yield frame
        frame = frame.f_back


def caller_line():
    """The line of the program that is running."""
    return next(filter(None, map(line_of, callers())), 0)
