"""House rules about commands: each has an example in its help; the README's work as printed."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from app.main import lotse
from tests.house import rules

README = (rules.ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def lacks_example(text: str) -> bool:
    return re.search(r"for\s+example:\s+lotse", text) is None


ALL = [" ".join(path) for path in commands(lotse)]


@pytest.mark.parametrize("command", ALL)
def test_help_has_an_example(command: str):
    shown = CliRunner().invoke(lotse, [*command.split(), "--help"])
    assert shown.exit_code == 0
    assert not lacks_example(shown.output), f"lotse {command} --help"


def test_help_without_an_example_is_found():
    assert lacks_example("Usage: lotse frobnicate\n\n  Frobnicates.")


def printed() -> list[str]:
    """The README's commands that need no server."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "bin/lotse " in line]


def test_the_readme_prints_commands():
    assert len(printed()) >= 3


@pytest.mark.parametrize("line", printed())
def test_the_readmes_commands_work_as_printed(line: str):
    command = ["sh", "-c", line]
    done = subprocess.run(command, cwd=rules.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_readmes_make_targets_exist():
    makefile = (rules.ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make (\w+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
