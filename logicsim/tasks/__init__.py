"""What a board may be asked to learn, one kind a file; a board file names it by `kind`."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from logicsim.errors import nearest, shown
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.bench import Bench

KINDS: dict[str, type[Allostery] | type[Bench]] = {"allostery": Allostery, "bench": Bench}


def _by_kind(data: Any) -> Any:
    if not isinstance(data, dict):
        raise ValueError("a task is a table, [[tasks]]")  # noqa: TRY004  pydantic wants it
    kind = data.get("kind")
    if kind is None:
        raise ValueError(f"'kind' is missing; {nearest('', KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind {shown(kind)} is not known; {nearest(kind, KINDS)}")
    return KINDS[kind].model_validate(data)


AnyTask = Annotated[Allostery | Bench, BeforeValidator(_by_kind)]
