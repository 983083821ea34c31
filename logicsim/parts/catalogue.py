"""The `[parts]` table: which chips a board is made of, and in which corner they run."""

from logicsim.core.table import Table
from logicsim.parts.ad5220 import Ad5220
from logicsim.parts.bat85 import Bat85
from logicsim.parts.cd74hc73 import Cd74hc73
from logicsim.parts.declaration import Corner
from logicsim.parts.lm339a import Lm339a
from logicsim.parts.mc14490 import Mc14490
from logicsim.parts.sn74als86 import Sn74als86


class Parts(Table):
    """The paper's chips unless a board file says otherwise."""

    corner: Corner = "typ"
    comparator: Lm339a = Lm339a()
    xor: Sn74als86 = Sn74als86()
    flop: Cd74hc73 = Cd74hc73()
    digipot: Ad5220 = Ad5220()
    debouncer: Mc14490 = Mc14490()
    diode: Bat85 = Bat85()
