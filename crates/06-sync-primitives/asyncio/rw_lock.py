"""A read-write lock, which asyncio lacks: several readers or one writer, in FIFO order."""

# also compared with: readers=1
# also compared with: readers=6

import asyncio
import os
from contextlib import asynccontextmanager

READERS = int(os.environ.get("KNOB_READERS", 3))


# ANCHOR: rw_lock
class RwLock:
    """One wait queue for all: a writer holds `entry` until the readers before it are done."""

    def __init__(self) -> None:
        self.entry = asyncio.Lock()
        self.readers = 0
        self.no_readers = asyncio.Event()
        self.no_readers.set()

    @asynccontextmanager
    async def read(self):
        async with self.entry:
            self.readers += 1
            self.no_readers.clear()
        try:
            yield
        finally:
            self.readers -= 1
            if self.readers == 0:
                self.no_readers.set()

    @asynccontextmanager
    async def write(self):
        async with self.entry:
            await self.no_readers.wait()
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
