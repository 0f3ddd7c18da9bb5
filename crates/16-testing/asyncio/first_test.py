"""Each async test method runs in its own event loop until its body ends."""

import asyncio
import unittest


# ANCHOR: first_test
class NoPage(Exception):
    pass


async def page(title: str) -> str:
    await asyncio.sleep(0.02)
    if not title:
        raise NoPage("an empty title has no page")
    return title.lower().replace(" ", "-")


class PageTest(unittest.IsolatedAsyncioTestCase):
    async def test_1_a_title_becomes_its_page(self) -> None:
        found = await page("Hello World")
        self.assertEqual(found, "hello-world")
        print(f'"Hello World" is at "{found}"')

    async def test_2_without_a_title_there_is_no_page(self) -> None:
        with self.assertRaises(NoPage) as raised:
            await page("")
        print(f'"": {raised.exception}')
# ANCHOR_END: first_test


unittest.main(verbosity=0)
