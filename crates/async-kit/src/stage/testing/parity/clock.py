"""Runs asyncio programs in virtual time, one after the other, and never waits.

Each line of standard input names a program and its environment: `PATH<tab>NAME=VALUE<tab>…`.
The answer is a line `EXIT-CODE LENGTH LENGTH`, then so many bytes of the program's standard
output and standard error.

Two rules give it the order of Tokio's paused clock: a deadline is a whole millisecond, rounded
up, and of two equal deadlines the one that was set first fires first.
"""

import asyncio
import builtins
import faulthandler
import itertools
import linecache
import math
import os
import pathlib
import random
import runpy
import selectors
import sys
import tempfile
import time
import traceback

# Real seconds after which a program is stuck in a loop: arbitrary, but longer than any
# program that compares something takes on a slow machine.
PATIENCE = 30


class Clock:
    """Counts whole milliseconds: sums of floats would split ties."""

    def __init__(self):
        self.millis = 0

    def seconds(self):
        return self.millis / 1000

    def nanos(self):
        return self.millis * 1_000_000

    def round_up(self, seconds):
        # 0.1 + 0.2 is a little more than 0.3, and must not become 301 ms.
        return math.ceil(round(seconds * 1000, 6))


clock = Clock()


class Deadline(float):
    """A point in time that comes before an equal one made later.

    The loop keeps deadlines in a `heapq`, which pops equal ones in any order.
    """

    made = itertools.count()

    def __init__(self, _seconds):
        self.turn = next(self.made)

    def __lt__(self, other):
        if isinstance(other, Deadline) and self == other:
            return self.turn < other.turn
        return super().__lt__(other)


class Selector(selectors.DefaultSelector):
    """Moves the clock where the real one would wait."""

    def select(self, timeout=None):
        if timeout is None:
            give_up()
        clock.millis += round(timeout * 1000)
        return super().select(0)


class Task(asyncio.Task):
    """A task whose place in a set is the same in every run, where an address is not.

    `asyncio.TaskGroup` cancels, and `asyncio.wait` returns, in the order of a set.
    """

    made = itertools.count()

    def __init__(self, coro, **options):
        # First, because the base class puts the task into a set.
        self.turn = next(self.made)
        super().__init__(coro, **options)

    def __hash__(self):
        return self.turn


class Loop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self):
        super().__init__(Selector())
        self.set_task_factory(lambda loop, coro, **options: Task(coro, loop=loop, **options))

    def time(self):
        return clock.seconds()

    def call_at(self, when, callback, *args, context=None):
        deadline = Deadline(clock.round_up(when) / 1000)
        return super().call_at(deadline, callback, *args, context=context)


def give_up():
    """Ends a program that would wait for ever, without running its cleanup."""
    print(
        f"DEADLOCK at {clock.seconds():.3f}s: nothing is left to run and no timer is pending.",
        *map(waiting, sorted(asyncio.all_tasks(), key=hash)),
        "(A thread may still run, but the twin of a pure section has none.)",
        sep="\n",
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)


def waiting(task):
    frame = task.get_stack(limit=1)[-1]
    path, line = frame.f_code.co_filename, frame.f_lineno
    source = linecache.getline(path, line).strip()
    return f"   {task.get_name()} waits at {path}:{line}: {source}"


plain_print = builtins.print


def timed_print(*parts, sep=" ", file=None, flush=False):
    """Prints whole lines, as `say!` does: it has no `end`."""
    if file is not None and file is not sys.stdout:
        plain_print(*parts, sep=sep, file=file, flush=flush)
        return
    for line in sep.join(map(str, parts)).split("\n"):
        plain_print(f"[{clock.seconds():7.3f}s] {line}", flush=True)


def go_virtual():
    # `asyncio.run` and `asyncio.Runner` look the name up here in every Python from 3.9 on;
    # policies are on their way out, and `loop_factory` came with 3.12.
    asyncio.events.new_event_loop = asyncio.new_event_loop = Loop
    builtins.print = timed_print
    for name in "time", "monotonic", "perf_counter":
        setattr(time, name, clock.seconds)
        setattr(time, f"{name}_ns", clock.nanos)
    random.seed(0)


def run(program):
    module = pathlib.Path(program).stem
    # Python 3.9 does not have the list.
    if module in getattr(sys, "stdlib_module_names", ()):
        sys.exit(
            f"{program} would hide Python's own module `{module}` when it runs alone: "
            "give the section another name"
        )
    sys.argv = [program]
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    go_virtual()
    runpy.run_path(program, run_name="__main__")


def fork(program, variables):
    """Runs a program in a copy of this process, whose imports are paid for.

    Returns the exit code and what it printed to standard output and standard error.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(exit_code(program, variables))
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        code = os.waitstatus_to_exitcode(status)
        # Negative after a signal; said as a shell does, in an answer of plain numbers.
        return code if code >= 0 else 128 - code, out.read(), err.read()


def exit_code(program, variables):
    for name in [name for name in os.environ if name.startswith("KNOB_")]:
        del os.environ[name]
    os.environ.update(variable.split("=", 1) for variable in variables)
    try:
        run(program)
        code = 0
    except SystemExit as end:
        code = end.code or 0
        if not isinstance(code, int):
            plain_print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def serve():
    # The first line says which Python this is, and whether it can fork.
    plain_print(*sys.version_info[:2], int(hasattr(os, "fork")), flush=True)
    for line in sys.stdin.buffer:
        program, *variables = line.decode().rstrip("\n").split("\t")
        code, out, err = fork(program, variables)
        sys.stdout.buffer.write(b"%d %d %d\n%s%s" % (code, len(out), len(err), out, err))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
