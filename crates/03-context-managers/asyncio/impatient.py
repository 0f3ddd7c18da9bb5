"""Nobody waits for a pool for ever: an acquire has a limit, and closing turns all waiters away."""

# also compared with: patience=20ms

import asyncio
import contextlib
import os

PATIENCE = float(os.environ.get("KNOB_PATIENCE", 0.05))


# ANCHOR: impatient
class PoolClosed(Exception):
    pass


class Pool:
    def __init__(self, size: int) -> None:
        self.size = size
        self.lent = 0
        self.closed = False
        self.changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def acquire(self):
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: self.closed or self.lent < self.size)
            if self.closed:
                raise PoolClosed("the pool is closed")
            self.lent += 1
        try:
            yield
        finally:
            await self.give_back()

    async def give_back(self) -> None:
        if self.closed:
            await asyncio.sleep(0.005)
            print("a line is closed")
        async with self.changed:
            self.lent -= 1
            self.changed.notify_all()

    async def close(self) -> None:
        async with self.changed:
            self.closed = True
            self.changed.notify_all()
            await self.changed.wait_for(lambda: self.lent == 0)


async def call(name: str, pool: Pool, stays: float) -> None:
    try:
        async with pool.acquire():
            print(f"{name} has a line")
            await asyncio.sleep(stays)
    except TimeoutError:
        print(f"{name} goes away: no connection became available in time")
    except PoolClosed as error:
        print(f"{name} goes away: {error}")


async def close(pool: Pool) -> None:
    print("closer closes the pool")
    await pool.close()
    print("closer every line is closed")


async def main() -> None:
    pool = Pool(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(call("holder-0", pool, 0.105))
        group.create_task(call("holder-1", pool, 0.135))
        await asyncio.sleep(0.01)
        group.create_task(call("early", pool, 0.01))
        await asyncio.sleep(0.06)
        group.create_task(call("waiter", pool, 0.01))
        await asyncio.sleep(0.015)
        group.create_task(close(pool))
        await asyncio.sleep(0.01)
        group.create_task(call("late", pool, 0.01))
# ANCHOR_END: impatient


asyncio.run(main())
