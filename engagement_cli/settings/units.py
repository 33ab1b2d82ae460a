"""Time zones and currencies: names that others keep the lists of."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from engagement_cli.errors import did_you_mean
from engagement_cli.settings.mistakes import SettingError

# ISO 4217, and the codes withdrawn since 2010, which old exports still hold.
_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BYR BZD CAD
    CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
    LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK
    NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD
    STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAD
    XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMK ZMW ZWG ZWL
"""
_VARIANTS = (
    "posix/",
    "right/",
    "posixrules",
    "localtime",
    "Factory",
)  # files beside the zones, which differ by machine
CURRENCIES = frozenset(_CODES.split())


def check_zone(name: str) -> str:
    """An IANA time zone's name. Raises SettingError that suggests one."""
    try:
        if name.startswith(_VARIANTS):
            raise KeyError(name)
        ZoneInfo(name)
    # The look-up raises KeyError for an unknown name, and ValueError or OSError for one that no file can have.
    except (KeyError, ValueError, OSError):
        zones = {zone for zone in available_timezones() if not zone.startswith(_VARIANTS)}
        city = name.strip().replace(" ", "_").lower()
        same_city = sorted(zone for zone in zones if zone.lower().rsplit("/", 1)[-1] == city)
        close = f"did you mean {same_city[0]!r}?" if same_city else did_you_mean(name, zones) or ""
        hint = close if close.startswith("did you mean") else "write an IANA name such as Europe/Paris or UTC"
        raise SettingError(f"{name!r} is no time zone", hint) from None
    return name


def check_currency(code: str) -> str:
    """An ISO 4217 currency code. Raises SettingError that suggests one."""
    if code not in CURRENCIES:
        close = did_you_mean(code.upper(), CURRENCIES) or ""
        hint = close if close.startswith("did you mean") else "write an ISO 4217 code such as EUR or USD"
        raise SettingError(f"{code!r} is no currency code", hint)
    return code


Zone = Annotated[str, AfterValidator(check_zone), Field(examples=["UTC", "Europe/Paris"])]
Currency = Annotated[str, AfterValidator(check_currency), Field(json_schema_extra={"pattern": "^[A-Z]{3}$"})]
