"""An `acquire` never waits forever: it fails at its timeout, or when the pool is closed."""

# also compared with: patience=20ms

import asyncio
import contextlib
import os

LIMIT = float(os.environ.get("KNOB_PATIENCE", 0.05))


# ANCHOR: impatient
class PoolClosed(Exception):
    pass


class Pool:
    def __init__(self, size: int) -> None:
        self.size = size
        self.in_use = 0
        self.closed = False
        self.changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def acquire(self):
        async with asyncio.timeout(LIMIT), self.changed:
            await self.changed.wait_for(lambda: self.closed or self.in_use < self.size)
            if self.closed:
                raise PoolClosed("the pool is closed")
            self.in_use += 1
        try:
            yield
        finally:
            await self.release()

    async def release(self) -> None:
        if self.closed:
            await asyncio.sleep(0.005)
            print("a connection is closed")
        async with self.changed:
            self.in_use -= 1
            self.changed.notify_all()

    async def close(self) -> None:
        async with self.changed:
            self.closed = True
            self.changed.notify_all()
            await self.changed.wait_for(lambda: self.in_use == 0)


async def client(name: str, pool: Pool, using: float) -> None:
    try:
        async with pool.acquire():
            print(f"{name} has a connection")
            await asyncio.sleep(using)
    except TimeoutError:
        print(f"{name} gets an error: no connection became available in time")
    except PoolClosed as error:
        print(f"{name} gets an error: {error}")


async def close(pool: Pool) -> None:
    print("closer closes the pool")
    await pool.close()
    print("closer has closed the pool")


async def main() -> None:
    pool = Pool(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(client("holder-0", pool, 0.105))
        group.create_task(client("holder-1", pool, 0.135))
        await asyncio.sleep(0.01)
        group.create_task(client("early client", pool, 0.01))
        await asyncio.sleep(0.06)
        group.create_task(client("waiting client", pool, 0.01))
        await asyncio.sleep(0.015)
        group.create_task(close(pool))
        await asyncio.sleep(0.01)
        group.create_task(client("late client", pool, 0.01))
# ANCHOR_END: impatient


asyncio.run(main())
