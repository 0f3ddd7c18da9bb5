"""An async generator yields invoices page by page, and one reader stops early."""

import asyncio

NUMBERS = range(101, 108)


async def fetch(page):
    print(f"fetches page {page}")
    await asyncio.sleep(0.02)
    return NUMBERS[3 * page - 3 : 3 * page]


async def invoices():
    page = 1
    while found := await fetch(page):
        for invoice in found:
            yield invoice
        page += 1


async def main():
    async for invoice in invoices():
        print(f"checks {invoice}")
        await asyncio.sleep(0.005)
        if invoice == 104:
            break
    print("has found 104")
    count = 0
    async for _ in invoices():
        count += 1
    print(f"has counted {count}")


asyncio.run(main())
