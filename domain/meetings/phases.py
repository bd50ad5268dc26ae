"""The words of the service (M3, M4): phases of a run sheet, kinds of items, and the steps that the house knows."""

from dataclasses import dataclass
from enum import StrEnum

from domain.text import N_


class Phase(StrEnum):
    """A part of the service, in its order (M4)."""

    PREPARE = "prepare"
    GREET = "greet"
    SERVE = "serve"
    BREAK = "break"
    CLEAR = "clear"
    CLOSE = "close"


PHASE_NAMES = {
    Phase.PREPARE: N_("Prepare"),
    Phase.GREET: N_("Greet"),
    Phase.SERVE: N_("Serve"),
    Phase.BREAK: N_("Tea break"),
    Phase.CLEAR: N_("Clear the room"),
    Phase.CLOSE: N_("Close the room"),
}


class Category(StrEnum):
    """What kind of item is ordered; a step may wait for one of a kind."""

    DRINK = "drink"
    TOWEL = "towel"
    TABLE = "table"
    EQUIPMENT = "equipment"
    GUIDE = "guide"
    PARKING = "parking"
    OTHER = "other"


CATEGORY_NAMES = {
    Category.DRINK: N_("Tea, water, coffee"),
    Category.TOWEL: N_("Towels"),
    Category.TABLE: N_("Name plates and stationery"),
    Category.EQUIPMENT: N_("Screen, microphone, video"),
    Category.GUIDE: N_("Guide at the door"),
    Category.PARKING: N_("Parking"),
    Category.OTHER: N_("Other"),
}


class Anchor(StrEnum):
    """What a step's time is counted from."""

    BEGIN = "begin"
    MIDDLE = "middle"
    END = "end"


ANCHOR_NAMES = {
    Anchor.BEGIN: N_("the beginning"),
    Anchor.MIDDLE: N_("the middle"),
    Anchor.END: N_("the end"),
}


class Duty(StrEnum):
    """A step without which no meeting is closed (M8), or with which its key goes out (K8)."""

    KEY_OUT = "key_out"
    EQUIPMENT = "equipment"
    POWER = "power"
    KEY_BACK = "key_back"


DUTY_NAMES = {
    Duty.KEY_OUT: N_("The key of the room goes out with it"),
    Duty.EQUIPMENT: N_("The equipment is checked with it"),
    Duty.POWER: N_("The power is off with it"),
    Duty.KEY_BACK: N_("The key of the room is back with it"),
}
UNSKIPPED = frozenset({Duty.EQUIPMENT, Duty.POWER})
"""What nobody skips: without it the meeting is never closed (M8)."""


@dataclass(frozen=True)
class HouseStep:
    """A step that every site begins with. `minutes` after its anchor; `every` repeats it; `longer` than so many
    minutes must the meeting be.
    """

    code: str
    words: str
    phase: Phase
    anchor: Anchor
    minutes: int
    category: Category | None = None
    every: int | None = None
    duty: Duty | None = None
    longer: int = 0


BEGIN, END, MIDDLE = Anchor.BEGIN, Anchor.END, Anchor.MIDDLE
HOUSE_STEPS = (
    HouseStep("key_out", N_("Fetch the key"), Phase.PREPARE, BEGIN, -40, duty=Duty.KEY_OUT),
    HouseStep("clean", N_("Clean, air, set the temperature"), Phase.PREPARE, BEGIN, -30),
    HouseStep("layout", N_("Set up tables and chairs"), Phase.PREPARE, BEGIN, -30),
    HouseStep("test", N_("Test the equipment"), Phase.PREPARE, BEGIN, -30),
    HouseStep("parking", N_("Keep the parking spaces free"), Phase.PREPARE, BEGIN, -30, Category.PARKING),
    HouseStep("table", N_("Lay out name plates and stationery"), Phase.PREPARE, BEGIN, -20, Category.TABLE),
    HouseStep("tea", N_("Tea, water and utensils stand ready"), Phase.PREPARE, BEGIN, -10, Category.DRINK),
    HouseStep("guide", N_("Guide in the lobby, together with the desk"), Phase.GREET, BEGIN, -15, Category.GUIDE),
    HouseStep("greet", N_("Stand at the door and lead the guests in"), Phase.GREET, BEGIN, -10),
    HouseStep("door", N_("Take orders at the door, keep outsiders out"), Phase.SERVE, BEGIN, 0),
    HouseStep("sound", N_("Check the sound"), Phase.SERVE, BEGIN, 5, Category.EQUIPMENT),
    HouseStep("refill", N_("Refill"), Phase.SERVE, BEGIN, 0, Category.DRINK, every=20),
    HouseStep("towels", N_("Replace the towels"), Phase.SERVE, BEGIN, 0, Category.TOWEL, every=40),
    HouseStep(
        "break", N_("Guide to rest area and washroom, check both after"), Phase.BREAK, MIDDLE, 0, Category.DRINK,
        longer=90,
    ),
    HouseStep("farewell", N_("See the guests off"), Phase.CLEAR, END, 0),
    HouseStep("tidy", N_("Tidy, put back, look for what was left behind"), Phase.CLEAR, END, 10),
    HouseStep("check", N_("Check the equipment for damage"), Phase.CLEAR, END, 10, duty=Duty.EQUIPMENT),
    HouseStep("power", N_("Power off"), Phase.CLOSE, END, 15, duty=Duty.POWER),
    HouseStep("lock", N_("Lock the door"), Phase.CLOSE, END, 15),
    HouseStep("key_back", N_("Bring the key back"), Phase.CLOSE, END, 20, duty=Duty.KEY_BACK),
)  # fmt: skip
HOUSE_WORDS = {step.code: step.words for step in HOUSE_STEPS}
