"""A client over its rate gets a 429, and is served if it waits for Retry-After."""

# also compared with: burst=1
# also compared with: every=500ms
# also compared with: burst=2 every=2s

import asyncio
import math
import os

BURST = int(os.environ.get("KNOB_BURST", 3))
EVERY = float(os.environ.get("KNOB_EVERY", 1))
PAUSE = 0.1


class TooManyRequests(Exception):
    def __init__(self, wait: int) -> None:
        super().__init__(f"429 too many requests, retry after {wait} s")
        self.wait = wait


class RateLimiter:
    def __init__(self, burst: int, every: float) -> None:
        self.burst, self.every = burst, every
        self.full_again: dict[str, float] = {}

    def admit(self, client: str) -> None:
        now = asyncio.get_running_loop().time()
        full = max(now, self.full_again.get(client, now)) + self.every
        wait = round(full - (now + self.every * self.burst), 3)
        if wait > 0:
            raise TooManyRequests(math.ceil(wait))
        self.full_again[client] = full


async def send(client: str, limiter: RateLimiter) -> None:
    limiter.admit(client)
    print(f"{client} 200 done")


async def eager(limiter: RateLimiter) -> None:
    for _ in range(5):
        try:
            await send("eager", limiter)
        except TooManyRequests as refusal:
            print("eager", refusal)
        await asyncio.sleep(PAUSE)


# ANCHOR: rate
async def patient(limiter: RateLimiter) -> None:
    for _ in range(5):
        while True:
            try:
                await send("patient", limiter)
                break
            except TooManyRequests as refusal:
                print("patient", refusal)
                await asyncio.sleep(max(refusal.wait, PAUSE))
        await asyncio.sleep(PAUSE)
# ANCHOR_END: rate


async def main() -> None:
    limiter = RateLimiter(BURST, EVERY)
    async with asyncio.TaskGroup() as clients:
        clients.create_task(eager(limiter))
        clients.create_task(patient(limiter))


asyncio.run(main())
