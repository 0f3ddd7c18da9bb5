"""Clients that failed at the same time retry at the same time, unless their delays are random."""

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
async def client(server: "Server", rng: random.Random | None = None) -> None:
    while not await server.call():
        await asyncio.sleep(rng.uniform(0, DELAY) if rng else DELAY)
# ANCHOR_END: jitter


class WyRand(random.Random):
    """The random generator of the Rust program, so that both programs have the same delays."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.state = seed

    def random(self) -> float:
        self.state = (self.state + 0x2D35_8DCC_AA6C_78A5) % 2**64
        product = self.state * (self.state ^ 0x8BB8_4B93_962E_ACC9)
        return ((product ^ (product >> 64)) % 2**64 >> 1) / 2**63


class Server:
    """Serves up to `capacity` calls at the same time, and refuses the others."""

    def __init__(self, capacity: int, start: float) -> None:
        self.permits = capacity
        self.start = start
        self.calls = self.refused = 0
        self.took = 0.0

    async def call(self) -> bool:
        served = self.permits > 0
        self.permits -= served
        await asyncio.sleep(CALL)
        self.permits += served
        self.calls += 1
        if served:
            self.took = asyncio.get_running_loop().time() - self.start
        else:
            self.refused += 1
        return served

    def report(self, how: str) -> None:
        took = round(self.took * 1000)
        print(
            f"{how}: {self.calls} calls, {self.refused} refused,"
            f" all served after {took}ms"
        )


async def both(n: int, equal: Server, jittered: Server) -> None:
    await client(equal)
    await asyncio.sleep(jittered.start - asyncio.get_running_loop().time())
    await client(jittered, WyRand(n))


async def main() -> None:
    start = asyncio.get_running_loop().time()
    second_start = start + (CALL + DELAY) * ceil(CLIENTS / CAPACITY)
    equal, jittered = Server(CAPACITY, start), Server(CAPACITY, second_start)
    async with asyncio.TaskGroup() as group:
        for n in range(CLIENTS):
            group.create_task(both(n, equal, jittered))
    equal.report("without jitter")
    jittered.report("with jitter")


asyncio.run(main())
