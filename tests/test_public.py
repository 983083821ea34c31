"""The public names of `import logicsim`, and the time it takes."""

import inspect
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


HEAVY = {
    "numpy", "scipy", "scipy.integrate", "scipy.optimize", "scipy.spatial", "simpy", "matplotlib",
    "pydantic", "pandas", "sklearn", "jinja2",
}  # fmt: skip


def imported(code: str) -> set[str]:
    """What heavy modules a fresh interpreter has after `code`."""
    code += f"; import sys; sys.stderr.write(' '.join({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert imported("import logicsim; dir(logicsim)") == set()


def test_help_imports_nothing_heavy() -> None:
    call = "from logicsim.cli import main; main()"
    quiet = f"import sys; sys.argv[1:] = ['--help']\ntry: {call}\nexcept SystemExit: pass\n0"
    assert imported(quiet) == set()


def test_a_board_is_loaded_without_what_few_runs_need() -> None:
    code = "import logicsim; logicsim.load('divider').run('1 V', steps=1)"
    assert imported(code) == {"numpy", "scipy", "simpy", "pydantic"}


def test_completion_proposes_what_there_is() -> None:
    assert set(logicsim.__all__) <= set(dir(logicsim))


def test_modules_stay_modules_and_their_functions_theirs() -> None:
    from logicsim.training.run import run  # noqa: PLC0415
    from logicsim.waveforms.measure import measure  # noqa: PLC0415  what users have written

    assert logicsim.training.run.run is run
    assert logicsim.waveforms.measure.measure is measure


def test_all_that_is_public_says_what_it_is() -> None:
    for name in logicsim.__all__:
        public = getattr(logicsim, name)
        assert public.__doc__, name
        for method, member in vars(public).items():
            if inspect.isfunction(member) and not method.startswith("_"):
                assert member.__doc__, f"{name}.{method}"
                assert "return" in member.__annotations__, f"{name}.{method}"


def without_scikit_learn(code: str) -> tuple[int, list[str]]:
    code = f"import sys; sys.modules['sklearn'] = None; {code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.splitlines()


def test_without_scikit_learn_an_estimator_says_how_to_have_one() -> None:
    _, told = without_scikit_learn("import logicsim; logicsim.BoardRegressor")
    assert told[-1] == (
        "ImportError: estimators need scikit-learn 1.6 or later: pip install 'logicsim[sklearn]'"
    )
    assert not any("direct cause" in line for line in told)


def test_without_scikit_learn_all_the_rest_is_there() -> None:
    code = "from logicsim import *; import logicsim, pydoc; load; pydoc.render_doc(logicsim)"
    assert without_scikit_learn(code) == (0, [])
