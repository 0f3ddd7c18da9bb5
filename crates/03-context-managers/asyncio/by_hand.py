"""A queue of connections and a `finally` that puts each connection back make a pool."""

# also compared with: size=1 jobs=3
# also compared with: size=3 jobs=9

import asyncio
import contextlib
import os

SIZE = int(os.environ.get("KNOB_SIZE", 2))
JOBS = int(os.environ.get("KNOB_JOBS", 6))


# ANCHOR: by_hand
class Pool:
    def __init__(self, size: int) -> None:
        self.size = size
        self.free = asyncio.Queue()
        for connection in range(size):
            self.free.put_nowait(connection)

    @contextlib.asynccontextmanager
    async def acquire(self):
        connection = await self.free.get()
        try:
            yield connection
        finally:
            self.free.put_nowait(connection)

    async def close(self) -> list[int]:
        return [await self.free.get() for _ in range(self.size)]


async def job(n: int, pool: Pool) -> None:
    async with pool.acquire() as connection:
        print(f"job-{n} uses connection {connection}")
        await asyncio.sleep(0.03)
        if n == 1:
            raise RuntimeError("job 1 fails")
# ANCHOR_END: by_hand


async def main() -> None:
    pool = Pool(SIZE)
    jobs = [asyncio.create_task(job(n, pool)) for n in range(JOBS)]
    await asyncio.sleep(0.045)
    jobs[2].cancel()
    connections = await pool.close()
    print(f"the pool is closed, connections in it: {len(connections)}")
    for result in await asyncio.gather(*jobs, return_exceptions=True):
        if isinstance(result, RuntimeError):
            print(result)


asyncio.run(main())
