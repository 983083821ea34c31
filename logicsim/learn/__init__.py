"""scikit-learn estimators whose `fit` trains the emulated board (optional extra `sklearn`).

A resistor network is linear in its inputs: at fixed resistances every output is an average of the
held voltages, with positive weights that sum to 1. So these are linear models. On the board made
for the data every feature x is imposed together with its complement, low + high - x, which gives
negative weights; a rail at `low` and one at `high` give the intercept.
"""

try:
    import sklearn  # noqa: F401  only to check that it is installed
except ImportError:
    raise ImportError(
        "estimators need scikit-learn 1.6 or later: pip install 'logicsim[sklearn]'"
    ) from None

from logicsim.learn.classifier import BoardClassifier
from logicsim.learn.regressor import BoardRegressor

__all__ = ["BoardClassifier", "BoardRegressor"]
