"""Clients that failed together come back together, unless chance draws them apart."""

# also compared with: clients=10 capacity=2
# also compared with: clients=30 capacity=20

import asyncio
import os
import random
from math import ceil

CLIENTS = int(os.environ.get("KNOB_CLIENTS", 20))
CAPACITY = int(os.environ.get("KNOB_CAPACITY", 5))
DELAY = 0.2
CALL = 0.01


# ANCHOR: jitter
async def client(server: "Server", chance: random.Random | None = None) -> None:
    while not await server.call():
        await asyncio.sleep(chance.uniform(0, DELAY) if chance else DELAY)
# ANCHOR_END: jitter


class WyRand(random.Random):
    """The generator that the Rust side uses, so that both draw the same delays."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.state = seed

    def random(self) -> float:
        self.state = (self.state + 0x2D35_8DCC_AA6C_78A5) % 2**64
        product = self.state * (self.state ^ 0x8BB8_4B93_962E_ACC9)
        return ((product ^ (product >> 64)) % 2**64 >> 1) / 2**63


class Server:
    """Serves so many calls at once, and refuses the rest."""

    def __init__(self, capacity: int, start: float) -> None:
        self.room = capacity
        self.start = start
        self.calls = self.refused = 0
        self.took = 0.0

    async def call(self) -> bool:
        served = self.room > 0
        self.room -= served
        await asyncio.sleep(CALL)
        self.room += served
        self.calls += 1
        if served:
            self.took = asyncio.get_running_loop().time() - self.start
        else:
            self.refused += 1
        return served

    def tell(self, how: str) -> None:
        took = round(self.took * 1000)
        print(
            f"{how}: {self.calls} calls, {self.refused} refused,"
            f" all served after {took}ms"
        )


async def both(n: int, equal: Server, drawn: Server) -> None:
    await client(equal)
    await asyncio.sleep(drawn.start - asyncio.get_running_loop().time())
    await client(drawn, WyRand(n))


async def main() -> None:
    start = asyncio.get_running_loop().time()
    over = start + (CALL + DELAY) * ceil(CLIENTS / CAPACITY)
    equal, drawn = Server(CAPACITY, start), Server(CAPACITY, over)
    async with asyncio.TaskGroup() as group:
        for n in range(CLIENTS):
            group.create_task(both(n, equal, drawn))
    equal.tell("without jitter")
    drawn.tell("with jitter")


asyncio.run(main())
