"""Two concurrent waits take as long as the longer one."""

# also compared with: first=300ms second=50ms
# also compared with: first=100ms second=100ms

import asyncio
import os

FIRST = float(os.environ.get("KNOB_FIRST", 0.1))
SECOND = float(os.environ.get("KNOB_SECOND", 0.2))


# ANCHOR: together
async def task(n: int, takes: float) -> None:
    print(f"task-{n} starts")
    await asyncio.sleep(takes)
    print(f"task-{n} is done")


async def main() -> None:
    await asyncio.gather(task(1, FIRST), task(2, SECOND))
# ANCHOR_END: together


asyncio.run(main())
