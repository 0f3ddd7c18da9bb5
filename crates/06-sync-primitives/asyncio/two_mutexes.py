"""Five callers need the same price at the same time, and one request is made."""

# also compared with: callers=1
# also compared with: callers=12

import asyncio
import os

CALLERS = int(os.environ.get("KNOB_CALLERS", 5))


# ANCHOR: two_mutexes
class Prices:
    def __init__(self) -> None:
        self.known = {}
        self.fetching = asyncio.Lock()

    async def price(self, name: str, symbol: str) -> int:
        if symbol in self.known:
            return self.known[symbol]
        async with self.fetching:
            if symbol in self.known:
                print(f"{name} finds the fetched price")
            else:
                self.known[symbol] = await fetch(name, symbol)
        return self.known[symbol]
# ANCHOR_END: two_mutexes


async def fetch(name: str, symbol: str) -> int:
    print(f"{name} fetches {symbol}")
    await asyncio.sleep(0.1)
    return 67_250


async def main() -> None:
    prices = Prices()
    async with asyncio.TaskGroup() as group:
        for n in range(CALLERS):
            group.create_task(prices.price(f"caller-{n}", "BTC"))


asyncio.run(main())
