"""An event loop is a queue of coroutines, which it puts back after each pause."""

# also compared with: tasks=1
# also compared with: tasks=4

import asyncio
import os
from collections import deque

TASKS = int(os.environ.get("KNOB_TASKS", 2))


class Pause:
    """Yields to the other tasks."""

    def __await__(self):
        yield


async def count(name: str) -> None:
    for step in range(1, 4):
        print(f"{name} takes step {step}")
        await Pause()


# ANCHOR: executor
class Loop:
    def __init__(self) -> None:
        self.ready = deque()

    def spawn(self, coroutine) -> None:
        self.ready.append(coroutine)

    def run(self) -> None:
        while self.ready:
            coroutine = self.ready.popleft()
            try:
                coroutine.send(None)
            except StopIteration:
                continue
            self.ready.append(coroutine)
# ANCHOR_END: executor


async def main() -> None:
    loop = Loop()
    for n in range(TASKS):
        loop.spawn(count(f"task-{n}"))
    loop.run()
    print("the queue is empty")


asyncio.run(main())
