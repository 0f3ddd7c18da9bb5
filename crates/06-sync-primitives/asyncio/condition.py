"""A condition lets a task wait for a change of the data behind a lock, and misses no change."""

# also compared with: items=3 consumers=5
# also compared with: items=12 consumers=1
# also compared with: items=12 consumers=1 room=1
# also compared with: items=20 consumers=1 room=5

import asyncio
import os
from collections import deque

ITEMS = int(os.environ.get("KNOB_ITEMS", 5))
CONSUMERS = int(os.environ.get("KNOB_CONSUMERS", 2))
ROOM = int(os.environ.get("KNOB_ROOM", 2))


# ANCHOR: condition
class Store:
    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.items = deque()
        self.closed = False

    async def put(self, item: int) -> int:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.items) < ROOM)
            self.items.append(item)
            # `notify` would wake the head of the wait queue, which may need another change.
            self.changed.notify_all()
            return len(self.items)

    async def take(self):
        async with self.changed:
            await self.changed.wait_for(lambda: self.items or self.closed)
            self.changed.notify_all()
            return self.items.popleft() if self.items else None


async def produce(store: Store) -> None:
    for item in range(ITEMS):
        await asyncio.sleep(0.05)
        stored = await store.put(item)
        print(f"producer stores {item}, now {stored} in the store")
    async with store.changed:
        store.closed = True
        store.changed.notify_all()


async def consume(n: int, store: Store) -> None:
    while (item := await store.take()) is not None:
        print(f"consumer-{n} takes {item}")
        await asyncio.sleep(0.07)
    print(f"consumer-{n} finds the store closed")
# ANCHOR_END: condition


async def one_item() -> None:
    shelf = Store()

    async def taker() -> None:
        print("taker takes", await shelf.take())

    task = asyncio.create_task(taker())
    await asyncio.sleep(0.05)
    print("an item is put on the shelf")
    await shelf.put(7)
    await task


async def main() -> None:
    await one_item()
    store = Store()
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(store))
        for n in range(CONSUMERS):
            group.create_task(consume(n, store))


asyncio.run(main())
