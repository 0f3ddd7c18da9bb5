"""Prints every public name of asyncio, or adds this version of Python to the list in names.tsv.

    python3 names.py              prints the names, sorted
    python3 names.py names.tsv    rewrites the column of this version in that file

A name is one that asyncio exports, one of `asyncio.subprocess`, or a public method of a class of which
a program has objects: `gather`, `subprocess.PIPE`, `Queue.put`. A method that a class inherits is not
listed again for that class.
"""

import asyncio
import inspect
import sys
import warnings

HEAD = """\
# Which versions of Python have each public name of asyncio, and on which systems. `just asyncio-names`
# writes the columns of the versions that are installed. The column of 3.14 was first made from the stubs
# of typeshed; for 3.11, 3.12 and 3.13 these stubs have the same names as the interpreters.
"""

CLASSES = """
    Runner Task Future TaskGroup Timeout Handle TimerHandle
    Lock Event Condition Semaphore Barrier Queue
    StreamReader StreamWriter AbstractServer Server subprocess.Process
    BaseTransport ReadTransport WriteTransport Transport DatagramTransport SubprocessTransport
    BaseProtocol Protocol BufferedProtocol DatagramProtocol SubprocessProtocol
    AbstractEventLoop AbstractEventLoopPolicy AbstractChildWatcher
""".split()

# Names that are missing in `asyncio.__all__`: forgotten in 3.11, or only deprecated since 3.14.
NOT_IN_ALL = """
    TaskGroup AbstractEventLoopPolicy DefaultEventLoopPolicy
    WindowsSelectorEventLoopPolicy WindowsProactorEventLoopPolicy
""".split()

# Windows and Unix each have event loops of their own: a row of the list names the system that has it.
SYSTEM = "win32" if sys.platform == "win32" else "unix"


def subprocess_names():
    for name, value in vars(asyncio.subprocess).items():
        is_own = inspect.isclass(value) and name == "Process"
        if name.isupper() or is_own:
            yield f"subprocess.{name}"


def methods(name):
    scope = asyncio
    for part in name.split("."):
        scope = getattr(scope, part, None)
    if scope is None:
        return
    # A task has every method of a future, and asyncio's documentation lists them twice.
    bases = [] if name == "Task" else [base for base in scope.__mro__[1:] if base is not object]
    inherited = {method for base in bases for method in dir(base)}
    for method in dir(scope):
        if not method.startswith("_") and method not in inherited:
            yield f"{name}.{method}"


def names():
    found = {name for name in asyncio.__all__ if not name.startswith("_")}
    found.update(name for name in NOT_IN_ALL if hasattr(asyncio, name))
    found.update(subprocess_names())
    for name in CLASSES:
        found.update(methods(name))
    return found


def read(path):
    """The versions and the system of each name in the list."""
    rows = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                name, versions, system = line.rstrip("\n").split("\t")
                rows[name] = (set(versions.split()), system)
    return rows


def update(path, found, version, system):
    rows = read(path)
    for name in found | rows.keys():
        versions, of = rows.get(name, (set(), "all"))
        if of in ("all", system):
            (versions.add if name in found else versions.discard)(version)
        rows[name] = (versions, of)
    by_number = lambda version: int(version.split(".")[1])
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD)
        for name, (versions, of) in sorted(rows.items()):
            if versions:
                file.write(f"{name}\t{' '.join(sorted(versions, key=by_number))}\t{of}\n")


if __name__ == "__main__":
    # Python 3.14 warns when it reads a name that a later version removes.
    warnings.simplefilter("ignore")
    if len(sys.argv) == 1:
        print("\n".join(sorted(names())))
    else:
        update(sys.argv[1], names(), "%d.%d" % sys.version_info[:2], SYSTEM)
