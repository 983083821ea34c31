"""What `import logicsim` offers, and what it costs."""

import subprocess
import sys

import pytest

import logicsim


def test_every_public_name_is_there() -> None:
    for name in logicsim.__all__:
        assert getattr(logicsim, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        logicsim.lode  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, logicsim; print(sorted({'numpy', 'scipy', 'simpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
