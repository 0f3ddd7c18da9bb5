"""A pool opens a connection only if no open connection is free and its size is not reached."""

# also compared with: size=1 workers=4
# also compared with: size=10 workers=8

import asyncio
import contextlib
import itertools
import os

SIZE = int(os.environ.get("KNOB_SIZE", 3))
WORKERS = int(os.environ.get("KNOB_WORKERS", 10))


# ANCHOR: pool
class Pool:
    def __init__(self, size: int) -> None:
        self.permits = asyncio.Semaphore(size)
        self.idle = []
        self.ids = itertools.count()

    @contextlib.asynccontextmanager
    async def acquire(self, worker: str):
        async with self.permits:
            connection = self.idle.pop() if self.idle else await self.connect(worker)
            try:
                yield connection
            finally:
                self.idle.append(connection)

    async def connect(self, worker: str) -> int:
        connection = next(self.ids)
        await asyncio.sleep(0.01)
        print(f"{worker} opens connection {connection}")
        return connection

    async def close(self) -> None:
        async with asyncio.TaskGroup() as group:
            while self.idle:
                group.create_task(self.disconnect(self.idle.pop(0)))

    async def disconnect(self, connection: int) -> None:
        await asyncio.sleep(0.005)
        print(f"connection {connection} is closed")


async def work(name: str, pool: Pool) -> None:
    async with pool.acquire(name) as connection:
        print(f"{name} uses connection {connection}")
        await asyncio.sleep(0.05)


async def main() -> None:
    pool = Pool(SIZE)
    async with asyncio.TaskGroup() as group:
        for n in range(WORKERS):
            group.create_task(work(f"worker-{n}", pool))
    await pool.close()
    print("every connection is closed")
# ANCHOR_END: pool


asyncio.run(main())
