"""Runs asyncio programs in virtual time, one after the other, without real waits.

Each line of standard input names a program and its environment: `PATH<tab>NAME=VALUE<tab>…`.
The response is a line `EXIT-CODE LENGTH LENGTH`, followed by the program's standard output and
standard error, which have these lengths in bytes.

With the environment variable `REPORT_TASKS`, the output has a line for each event of a task:
`reporting.py` writes it.

Two rules give the same order as Tokio's paused clock: a deadline is rounded up to a whole
millisecond, and of two equal deadlines, the one that was set first fires first.
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

# A program that runs for more real seconds than this is in an endless loop. Arbitrary, but longer
# than any twin takes on a slow machine.
MAX_SECONDS = 30


class Clock:
    """Counts whole milliseconds: with sums of floats, equal deadlines would become different."""

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
    """A time that sorts before an equal deadline that was made later.

    The loop keeps its deadlines in a `heapq`, which returns equal deadlines in any order.
    """

    made = itertools.count()

    def __init__(self, _seconds):
        self.number = next(self.made)

    def __lt__(self, other):
        if isinstance(other, Deadline) and self == other:
            return self.number < other.number
        return super().__lt__(other)


class Selector(selectors.DefaultSelector):
    """Moves the virtual clock forward instead of waiting."""

    def select(self, timeout=None):
        if timeout is None:
            exit_deadlocked()
        clock.millis += round(timeout * 1000)
        return super().select(0)


class Task(asyncio.Task):
    """A task with the same hash in every run; the default hash is the task's address.

    `asyncio.TaskGroup` cancels, and `asyncio.wait` returns, in the order of a set.
    """

    made = itertools.count()

    def __init__(self, coro, **options):
        # Before the base class, which adds the task to a set.
        self.number = next(self.made)
        # The task to which its events belong; `None` if they are not reported.
        self.reported_as = None
        if reports_tasks():
            coro = reporting(self, coro)
        super().__init__(coro, **options)

    def __hash__(self):
        return self.number


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


def exit_deadlocked():
    """Ends a program that would wait forever, without running its cleanup."""
    print(
        f"DEADLOCK at {clock.seconds():.3f}s: nothing is left to run and no timer is pending.",
        *map(waiting, sorted(asyncio.all_tasks(), key=hash)),
        "(A thread may still be running, but the twin of a pure section must not have threads.)",
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


def running_task():
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def timed_print(*parts, sep=" ", file=None, flush=False, **options):
    """Prints whole lines, as `say!` does, so it has no parameter `end` for standard output."""
    if file is not None and file is not sys.stdout:
        # The standard library prints tracebacks to standard error with `end=""`.
        plain_print(*parts, sep=sep, file=file, flush=flush, **options)
        return
    if options:
        raise TypeError(f"a twin prints whole lines, without {', '.join(options)}")
    for line in sep.join(map(str, parts)).split("\n"):
        if reports_tasks():
            report("said", reported(running_task()), caller_line(), line)
        else:
            plain_print(f"[{clock.seconds():7.3f}s] {line}", flush=True)


def install_virtual_time():
    # `asyncio.run` and `asyncio.Runner` look up `new_event_loop` here. Event loop policies are
    # deprecated, and `asyncio.run` has a `loop_factory` only from 3.12 on.
    asyncio.events.new_event_loop = asyncio.new_event_loop = Loop
    builtins.print = timed_print
    for name in "time", "monotonic", "perf_counter":
        setattr(time, name, clock.seconds)
        setattr(time, f"{name}_ns", clock.nanos)
    random.seed(0)


def run(program):
    module = pathlib.Path(program).stem
    if module in sys.stdlib_module_names:
        sys.exit(
            f"{program} has the name of Python's module `{module}`, and would be imported instead "
            "of it when it runs alone: give the section another name"
        )
    sys.argv = [program]
    faulthandler.dump_traceback_later(MAX_SECONDS, exit=True)
    install_virtual_time()
    runpy.run_path(program, run_name="__main__")
    if reports_tasks():
        report("end", None)


def fork(program, variables):
    """Runs a program in a copy of this process, which has already imported asyncio.

    Returns the exit code, the standard output and the standard error of the program.
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
        # Negative after a signal. Report 128 + signal, as a shell does, because the response has
        # no negative numbers.
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
    # The first line contains the version of Python, and whether it can fork.
    plain_print(*sys.version_info[:2], int(hasattr(os, "fork")), flush=True)
    for line in sys.stdin.buffer:
        program, *variables = line.decode().rstrip("\n").split("\t")
        code, out, err = fork(program, variables)
        sys.stdout.buffer.write(b"%d %d %d\n%s%s" % (code, len(out), len(err), out, err))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
