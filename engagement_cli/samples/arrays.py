"""Names for the array types used by the generator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int32]
Small = NDArray[np.int8]
Bytes = NDArray[np.uint8]
AnyInts = NDArray[np.integer]
AnyFloats = NDArray[np.floating]
