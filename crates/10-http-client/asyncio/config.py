"""A dataclass checks nothing automatically: `__post_init__` has to, field by field."""

import asyncio
import json
from dataclasses import dataclass, fields


# ANCHOR: config
@dataclass(frozen=True)
class Config:
    at_once: int = 10
    at_once_per_host: int = 4
    connect_timeout: float = 5.0
    read_timeout: float = 10.0
    slot_timeout: float = 60.0
    total_timeout: float = 30.0
    attempts: int = 3
    retry_timeout: float = 180.0

    def __post_init__(self) -> None:
        for field in fields(self):
            self.check_type(field.name, type(field.default))
        self.check_within("at_once_per_host", "at_once")
        self.check_positive("connect_timeout", "read_timeout", "total_timeout")
        self.check_within("connect_timeout", "read_timeout")
        self.check_within("read_timeout", "total_timeout")
        self.check_within("slot_timeout", "retry_timeout")
        self.check_within("total_timeout", "retry_timeout")

    def check_type(self, name: str, wanted: type) -> None:
        value, least = getattr(self, name), 1 if wanted is int else 0
        if not isinstance(value, (int, wanted)):
            raise TypeError(f"{name} is not an {wanted.__name__}")
        if value < least:
            raise ValueError(f"{name} is too small")

    def check_positive(self, *names: str) -> None:
        for name in names:
            if getattr(self, name) == 0:
                raise ValueError(f"{name} is zero, and no request could ever succeed")

    def check_within(self, name: str, bound: str) -> None:
        if getattr(self, name) > getattr(self, bound):
            raise ValueError(f"{name} is more than {bound}, and would have no effect")
# ANCHOR_END: config


def summary(config: Config) -> str:
    return (
        f"at_once={config.at_once} per_host={config.at_once_per_host}"
        f" attempts={config.attempts} total={config.total_timeout:g}s"
    )


async def main() -> None:
    print(f"ok {summary(Config())}")
    for text in [
        '{"at_once": 40, "total_timeout": 10.5}',
        '{"at_once_per_host": 50}',
        '{"connect_timeout": 60}',
        '{"read_timeout": 0}',
        '{"retry_timeout": 20}',
        '{"at_once": 0}',
        '{"connect_timeout": -1}',
        '{"attempts": "x"}',
        '{"max_concurrency": 5}',
    ]:
        try:
            print(f"ok {summary(Config(**json.loads(text)))}")
        except (TypeError, ValueError) as error:
            print(f"refused {text}: {error}")


asyncio.run(main())
