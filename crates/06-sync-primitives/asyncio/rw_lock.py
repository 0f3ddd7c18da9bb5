"""A read-write lock, which asyncio lacks: readers together, a writer alone, nobody jumps the line."""

# also compared with: readers=1
# also compared with: readers=6

import asyncio
import os
from contextlib import asynccontextmanager

READERS = int(os.environ.get("KNOB_READERS", 3))


# ANCHOR: rw_lock
class RwLock:
    """One line for all: a writer keeps the door until the readers before it are gone."""

    def __init__(self) -> None:
        self.door = asyncio.Lock()
        self.readers = 0
        self.nobody_reads = asyncio.Event()
        self.nobody_reads.set()

    @asynccontextmanager
    async def read(self):
        async with self.door:
            self.readers += 1
            self.nobody_reads.clear()
        try:
            yield
        finally:
            self.readers -= 1
            if self.readers == 0:
                self.nobody_reads.set()

    @asynccontextmanager
    async def write(self):
        async with self.door:
            await self.nobody_reads.wait()
            yield
# ANCHOR_END: rw_lock


class Page:
    def __init__(self) -> None:
        self.lock = RwLock()
        self.version = 1


async def read(name: str, page: Page) -> None:
    async with page.lock.read():
        await asyncio.sleep(0.1)
        print(f"{name} has read version {page.version}")


async def write(page: Page) -> None:
    async with page.lock.write():
        await asyncio.sleep(0.05)
        page.version += 1
        print(f"writer has written version {page.version}")


async def main() -> None:
    page = Page()
    async with asyncio.TaskGroup() as group:
        for n in range(READERS):
            group.create_task(read(f"reader-{n}", page))
            await asyncio.sleep(0.01)
        group.create_task(write(page))
        await asyncio.sleep(0.01)
        group.create_task(read("late reader", page))


asyncio.run(main())
