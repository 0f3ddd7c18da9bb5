"""In an outage, retries multiply the load; with a retry budget they add a limited share."""

# also compared with: attempts=1 percent=50
# also compared with: attempts=4 percent=100
# also compared with: attempts=2 percent=0

import asyncio
import os

ATTEMPTS = int(os.environ.get("KNOB_ATTEMPTS", 3))
PERCENT = int(os.environ.get("KNOB_PERCENT", 20))
CALLS = 10
INTERVAL = 0.025


# ANCHOR: budget
class RetryBudget:
    """Each call adds `percent` of a token, each retry takes a token; here a token is 100 units."""

    def __init__(self, percent: int, burst: int) -> None:
        self.percent = percent
        self.full = self.tokens = 100 * burst

    def deposit(self) -> None:
        self.tokens = min(self.tokens + self.percent, self.full)

    def try_withdraw(self) -> bool:
        if self.tokens < 100:
            return False
        self.tokens -= 100
        return True


async def retry(operation, budget: RetryBudget | None) -> None:
    if budget:
        budget.deposit()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await operation()
        except ConnectionError:
            if attempt == ATTEMPTS or (budget and not budget.try_withdraw()):
                raise
# ANCHOR_END: budget


async def count_requests(name: str, budget: RetryBudget | None) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for phase, phase_name in enumerate(["before", "outage", "after"]):
        requests = 0

        async def send() -> None:
            nonlocal requests
            requests += 1
            await asyncio.sleep(0.005)
            if phase_name == "outage":
                raise ConnectionError("the server is down")

        for call in range(CALLS):
            await asyncio.sleep(start + INTERVAL * (CALLS * phase + call) - loop.time())
            try:
                await retry(send, budget)
            except ConnectionError:
                pass  # a real caller would handle it; this lesson only counts requests
        print(f"{name} {phase_name}: {requests} requests for {CALLS} calls")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(count_requests("no budget", None))
        budget = RetryBudget(PERCENT, burst=2)
        group.create_task(count_requests("with a budget", budget))


asyncio.run(main())
