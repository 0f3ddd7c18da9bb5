"""A check before an await may be outdated after it, although there is only one thread."""

# also compared with: seats=3 buyers=10

import asyncio
import os

SEATS = int(os.environ.get("KNOB_SEATS", 2))
BUYERS = int(os.environ.get("KNOB_BUYERS", 4))


# ANCHOR: race
class Show:
    def __init__(self) -> None:
        self.seats = SEATS
        self.counter = 0
        self.sale = asyncio.Lock()

    async def check_then_pay(self) -> bool:
        counted = self.counter
        if self.seats == 0:
            return False
        await pay()
        self.seats -= 1
        self.counter = counted + 1
        return True

    async def check_and_pay_under_a_lock(self) -> bool:
        async with self.sale:
            return await self.check_then_pay()

    async def claim_then_pay(self) -> bool:
        if self.seats == 0:
            return False
        self.seats -= 1
        try:
            await pay()
        except BaseException:  # a cancelled buyer releases the seat
            self.seats += 1
            raise
        self.counter += 1
        return True
# ANCHOR_END: race


async def pay() -> None:
    await asyncio.sleep(0.05)


async def main() -> None:
    loop = asyncio.get_running_loop()
    versions = {
        "check, then pay": Show.check_then_pay,
        "check and pay under a lock": Show.check_and_pay_under_a_lock,
        "claim, then pay": Show.claim_then_pay,
    }
    for name, buy in versions.items():
        start, show = loop.time(), Show()
        tickets = sum(await asyncio.gather(*(buy(show) for _ in range(BUYERS))))
        took = round((loop.time() - start) * 1000)
        sold = f"{tickets} tickets for {SEATS} seats, {show.counter} counted"
        print(f"{name}: {sold}, in {took} ms")


asyncio.run(main())
