"""The units OpenKAP knows: UCUM codes, the other spellings people and records use, and their exact size.

A unit that is not in this table is refused: guessing one is how tenfold errors happen. A spelling such as `mcg`
is accepted on reading and never written.
"""

from types import MappingProxyType
from typing import Final

# code: (pint definition, other spellings)
_TABLE: Final = {
    # mass
    "kg": ("openkap_kg = 1000 * openkap_g", ("kilogram", "kilograms", "kgs", "kilos")),
    "g": ("openkap_g = [mass]", ("gram", "grams")),
    "mg": ("openkap_mg = 0.001 * openkap_g", ("milligram", "milligrams")),
    "ug": ("openkap_ug = 0.000001 * openkap_g", ("mcg", "µg", "μg", "microgram", "micrograms")),
    "ng": ("openkap_ng = 0.000000001 * openkap_g", ("nanogram", "nanograms")),
    "[lb_av]": ("openkap_lb = 453.59237 * openkap_g", ("lb", "lbs", "pound", "pounds")),
    "[oz_av]": ("openkap_oz = 28.349523125 * openkap_g", ("oz", "ounce", "ounces")),
    # length
    "m": ("openkap_m = [length]", ("metre", "metres", "meter", "meters")),
    "cm": ("openkap_cm = 0.01 * openkap_m", ("centimetre", "centimetres", "centimeter", "centimeters")),
    "mm": ("openkap_mm = 0.001 * openkap_m", ("millimetre", "millimetres", "millimeter", "millimeters")),
    "[in_i]": ("openkap_in = 0.0254 * openkap_m", ("in", "inch", "inches")),
    "[ft_i]": ("openkap_ft = 0.3048 * openkap_m", ("ft", "foot", "feet")),
    # volume has a dimension of its own: nobody here turns a length into a dose volume
    "L": ("openkap_L = [liquid]", ("l", "litre", "litres", "liter", "liters")),
    "dL": ("openkap_dL = 0.1 * openkap_L", ("dl",)),
    "mL": ("openkap_mL = 0.001 * openkap_L", ("ml", "cc", "millilitre", "millilitres")),
    "uL": ("openkap_uL = 0.000001 * openkap_L", ("µL", "μL")),
    # amount of substance
    "mol": ("openkap_mol = [substance]", ("mole", "moles")),
    "mmol": ("openkap_mmol = 0.001 * openkap_mol", ()),
    "umol": ("openkap_umol = 0.000001 * openkap_mol", ("µmol", "μmol")),
    "nmol": ("openkap_nmol = 0.000000001 * openkap_mol", ()),
    # enzyme activity: U is the international unit, 1 umol/min
    "U": ("openkap_U = [enzyme_activity]", ("IU",)),
    "m[IU]": ("openkap_mIU = 0.001 * openkap_U", ("mIU", "mU")),
    # time
    "s": ("openkap_s = [time]", ("sec", "secs", "second", "seconds")),
    "min": ("openkap_min = 60 * openkap_s", ("mins", "minute", "minutes")),
    "h": ("openkap_h = 3600 * openkap_s", ("hr", "hrs", "hour", "hours")),
    "d": ("openkap_d = 86400 * openkap_s", ("day", "days")),
    "wk": ("openkap_wk = 604800 * openkap_s", ("week", "weeks")),
    # pressure
    "mm[Hg]": ("openkap_mmHg = [pressure]", ("mmHg", "mm Hg", "mmhg")),
    "kPa": ("openkap_kPa = 1000 / 133.322387415 * openkap_mmHg", ()),
    # temperature
    "Cel": ("openkap_Cel = [temperature]; offset: 0", ("°C", "degC", "C")),
    "[degF]": ("openkap_degF = 5 / 9 * openkap_Cel; offset: -160 / 9", ("°F", "degF", "F")),
    # numbers
    "1": ("openkap_one = []", ()),
    "%": ("openkap_percent = 0.01", ("percent",)),
    "{score}": ("openkap_score = [score]", ("score", "points")),
    "{beats}": ("openkap_beats = []", ("beats", "breaths", "{breaths}")),
    "{device}": ("openkap_device = [device]", ("device", "devices")),
}

# Spellings of whole compound units, in lower case
_COMPOUND: Final = {
    "bpm": "/min",
    "beats/min": "/min",
    "breaths/min": "/min",
    "kg/m²": "kg/m2",
    "per min": "/min",
}

DEFINITIONS: Final = tuple(definition for definition, _spellings in _TABLE.values())
PINT_NAMES: Final = MappingProxyType(
    {code: definition.split(" = ", 1)[0] for code, (definition, _spellings) in _TABLE.items()}
)
SPELLINGS: Final = MappingProxyType(
    {
        **{code: code for code in _TABLE},
        **{spelling: code for code, (_definition, spellings) in _TABLE.items() for spelling in spellings},
    }
)
COMPOUND_SPELLINGS: Final = MappingProxyType(_COMPOUND)
