"""`asyncio.wait` for a while, for the first task, and for the rest; it looks at no result."""

# also compared with: limit=0ms
# also compared with: limit=150ms

import asyncio
import os
from asyncio import FIRST_COMPLETED

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.05))


# ANCHOR: waiting
async def main() -> None:
    mirrors = {"bern": 200, "oslo": 300, "lima": 100}
    names = {asyncio.create_task(ask(name, ms)): name for name, ms in mirrors.items()}

    done, pending = await asyncio.wait(names, timeout=LIMIT, return_when=FIRST_COMPLETED)
    for task in done:
        report("in time", names[task], task)
    if not done:
        print(f"nothing yet: {len(pending)} tasks still run")
    done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
    for task in done:
        report("next", names[task], task)
    while pending:  # `wait` on an empty set is a ValueError
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


async def ask(name: str, ms: int) -> int:
    await asyncio.sleep(ms / 1000)
    if name == "oslo":
        raise ConnectionError("the line is dead")
    return ms


asyncio.run(main())
