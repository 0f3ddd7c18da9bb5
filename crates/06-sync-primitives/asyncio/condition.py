"""A condition lets a consumer wait for a change of what a lock guards, and misses none."""

# also compared with: items=3 consumers=5
# also compared with: items=12 consumers=1

import asyncio
import os
from collections import deque

ITEMS = int(os.environ.get("KNOB_ITEMS", 5))
CONSUMERS = int(os.environ.get("KNOB_CONSUMERS", 2))


# ANCHOR: condition
class Store:
    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.items = deque()
        self.closed = False

    async def take(self):
        async with self.changed:
            await self.changed.wait_for(lambda: self.items or self.closed)
            return self.items.popleft() if self.items else None


async def produce(store: Store) -> None:
    for item in range(ITEMS):
        await asyncio.sleep(0.05)
        print(f"producer brings {item}")
        async with store.changed:
            store.items.append(item)
            store.changed.notify()
    async with store.changed:
        store.closed = True
        store.changed.notify_all()


async def consume(n: int, store: Store) -> None:
    while (item := await store.take()) is not None:
        print(f"consumer-{n} takes {item}")
        await asyncio.sleep(0.07)
    print(f"consumer-{n} finds the store closed")
# ANCHOR_END: condition


async def main() -> None:
    store = Store()
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(store))
        for n in range(CONSUMERS):
            group.create_task(consume(n, store))


asyncio.run(main())
