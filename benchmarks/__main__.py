"""Run all benchmarks, or those that are named: python -m benchmarks score start."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

import benchmarks

NOT_A_BENCHMARK = {"__main__", "common", "firms", "floor_app"}


def main(names: list[str]) -> None:
    found = [module.name for module in iter_modules(benchmarks.__path__)]
    for name in names or [name for name in found if name not in NOT_A_BENCHMARK]:
        import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
