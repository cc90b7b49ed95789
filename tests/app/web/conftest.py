from __future__ import annotations

import pytest

from app.kernel.work import Kernel


@pytest.fixture
def kernel(sqlite_kernel: Kernel) -> Kernel:
    """For the web the database makes no difference."""
    return sqlite_kernel
