"""`asyncio.wait` with a timeout, for the first task, and for the rest; it raises no error."""

# also compared with: limit=0ms
# also compared with: limit=150ms

import asyncio
import os
from asyncio import FIRST_COMPLETED

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.05))


# ANCHOR: waiting
async def main() -> None:
    mirrors = {"bern": 200, "oslo": 300, "lima": 100}
    names = {asyncio.create_task(call(name, ms)): name for name, ms in mirrors.items()}

    done, pending = await asyncio.wait(names, timeout=LIMIT, return_when=FIRST_COMPLETED)
    for task in done:
        report("in time", names[task], task)
    if not done:
        print(f"no result yet: {len(pending)} tasks still run")
    done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
    for task in done:
        report("next", names[task], task)
    while pending:  # `wait` raises a ValueError for an empty set
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        for task in done:
            report("the rest", names[task], task)
    print("the end: no task is left")
# ANCHOR_END: waiting


def report(when: str, name: str, task: asyncio.Task) -> None:
    if task.cancelled():
        print(f"{when}: {name} has no result")
    elif error := task.exception():
        print(f"{when}: {name} failed, {error}")
    else:
        print(f"{when}: {name} answered after {task.result()} ms")


async def call(name: str, ms: int) -> int:
    await asyncio.sleep(ms / 1000)
    if name == "oslo":
        raise ConnectionError("the connection is lost")
    return ms


asyncio.run(main())
