"""Each line of the log names its request, also the line of a task that outlives the request."""

import asyncio
from contextvars import ContextVar

request = ContextVar("request")


def log(text):
    print(f"request {request.get()} {text}")


async def receipt():
    await asyncio.sleep(0.03)
    log("mails the receipt")


async def handle(number, bank, receipts):
    request.set(number)
    log("charges the card")
    await asyncio.sleep(bank)
    receipts.create_task(receipt())
    log("is answered")


async def main():
    async with asyncio.TaskGroup() as receipts:
        await asyncio.gather(handle(7, 0.02, receipts), handle(8, 0.04, receipts))
        print("all requests are answered")
    print("all receipts are mailed")


asyncio.run(main())
