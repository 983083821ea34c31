"""The kinds of task, one file each; a board file selects one by `kind`."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from logicsim.core.errors import nearest, shown
from logicsim.tasks.allostery import Allostery
from logicsim.tasks.bench import Bench
from logicsim.tasks.classification import Classification
from logicsim.tasks.common import TaskTable
from logicsim.tasks.regression import Regression

KINDS: dict[str, type[TaskTable]] = {
    "allostery": Allostery,
    "regression": Regression,
    "classification": Classification,
    "bench": Bench,
}


def _by_kind(data: Any, info: ValidationInfo) -> Any:
    if isinstance(data, TaskTable):
        return data
    if not isinstance(data, dict):
        raise ValueError("a task is a table, [[tasks]]")  # noqa: TRY004  pydantic wants it
    kind = data.get("kind")
    if kind is None:
        raise ValueError(f"'kind' is missing; {nearest('', KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind {shown(kind)} is not known; {nearest(kind, KINDS)}")
    return KINDS[kind].model_validate(data, context=info.context)


AnyTask = Annotated[Allostery | Regression | Classification | Bench, BeforeValidator(_by_kind)]
