"""A pool checks a connection at checkout, not when the connection is returned."""

# also compared with: idle=200ms
# also compared with: lifetime=75ms

import asyncio
import contextlib
import os

IDLE = float(os.environ.get("KNOB_IDLE", 0.04))
LIFETIME = float(os.environ.get("KNOB_LIFETIME", 0.11))


# ANCHOR: stale
class Server:
    def __init__(self) -> None:
        self.connected = self.restarts = 0


class Connection:
    def __init__(self, server: Server) -> None:
        self.server, self.id = server, server.connected
        self.restarts = server.restarts
        self.created = self.returned = asyncio.get_running_loop().time()
        self.broken = False
        server.connected += 1

    async def is_usable(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self.returned >= IDLE or now - self.created >= LIFETIME:
            return False
        await asyncio.sleep(0.002)
        return self.restarts == self.server.restarts


class Pool:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.idle = []

    @contextlib.asynccontextmanager
    async def acquire(self):
        connection = await self.usable_or_new()
        try:
            yield connection
        finally:
            if not connection.broken:
                connection.returned = asyncio.get_running_loop().time()
                self.idle.append(connection)

    async def usable_or_new(self) -> Connection:
        while self.idle:
            connection = self.idle.pop()
            if await connection.is_usable():
                return connection
        await asyncio.sleep(0.005)
        return Connection(self.server)


async def visit(pool: Pool, pause: float, what: str, broken: bool = False) -> None:
    await asyncio.sleep(pause)
    async with pool.acquire() as connection:
        print(f"client gets connection {connection.id} {what}")
        await asyncio.sleep(0.01)
        connection.broken = broken


async def main() -> None:
    server = Server()
    pool = Pool(server)
    await visit(pool, 0, "on the first visit")
    await visit(pool, 0.011, "soon after")
    await visit(pool, 0.061, "after a long idle time")
    await visit(pool, 0.011, "before an error", broken=True)
    await visit(pool, 0.011, "after the error")
    server.restarts += 1
    await visit(pool, 0.011, "after a restart of the server")
    for _ in range(4):
        await visit(pool, 0.023, "in steady use")
# ANCHOR_END: stale


asyncio.run(main())
