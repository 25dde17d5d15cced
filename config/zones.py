"""Time zones as people write them: a city in Chinese or English, the name on the IANA list, or UTC+8."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

_CITIES = """
北京 上海 广州 深圳 杭州 成都 重庆 武汉 西安 南京 天津 苏州 中国 beijing guangzhou shenzhen china=Asia/Shanghai
香港 hongkong=Asia/Hong_Kong
澳门 macao=Asia/Macau
台北 台湾 taiwan=Asia/Taipei
乌鲁木齐 新疆=Asia/Urumqi
东京 日本 大阪 japan osaka=Asia/Tokyo
首尔 韩国 korea=Asia/Seoul
新加坡=Asia/Singapore
曼谷 泰国 thailand=Asia/Bangkok
河内 胡志明市 越南 hanoi saigon vietnam=Asia/Ho_Chi_Minh
雅加达 indonesia=Asia/Jakarta
吉隆坡 马来西亚 malaysia=Asia/Kuala_Lumpur
马尼拉 菲律宾 philippines=Asia/Manila
德里 新德里 孟买 印度 delhi newdelhi mumbai bangalore india=Asia/Kolkata
迪拜 阿联酋=Asia/Dubai
莫斯科 moscow=Europe/Moscow
伦敦 英国 uk=Europe/London
柏林 德国 慕尼黑 法兰克福 germany munich frankfurt=Europe/Berlin
巴黎 法国 france=Europe/Paris
阿姆斯特丹 荷兰=Europe/Amsterdam
马德里 西班牙 spain=Europe/Madrid
罗马 米兰 意大利 italy milan=Europe/Rome
苏黎世 瑞士 switzerland=Europe/Zurich
纽约 波士顿 华盛顿 boston washington=America/New_York
芝加哥=America/Chicago
丹佛=America/Denver
洛杉矶 旧金山 西雅图 硅谷 sanfrancisco seattle siliconvalley=America/Los_Angeles
多伦多=America/Toronto
温哥华=America/Vancouver
圣保罗 巴西 brazil=America/Sao_Paulo
悉尼=Australia/Sydney
墨尔本=Australia/Melbourne
奥克兰 新西兰 newzealand=Pacific/Auckland
"""
_PARTS = {"3:30": "Asia/Tehran", "4:30": "Asia/Kabul", "5:30": "Asia/Kolkata", "5:45": "Asia/Kathmandu",
          "6:30": "Asia/Yangon", "9:30": "Australia/Darwin"}  # fmt: skip
"""Zones that are not whole hours from UTC, and whose clocks never change."""
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])([0-9]{1,2})(?::?(30|45|00))?", re.IGNORECASE)
_FIXED = re.compile(r"Etc/GMT([+-])([0-9]{1,2})")


def zone_in(written: str) -> str | None:
    """The IANA name of the zone that somebody wrote; None where it is none, or could be several."""
    said = unicodedata.normalize("NFKC", written).strip()
    if found := _OFFSET.fullmatch(said.replace("\u2212", "-").replace(" ", "")):
        return _fixed(found[1], int(found[2]), int(found[3] or 0))
    return _names().get(_plain(said.removesuffix("时间").removesuffix("市")))


def shown(zone: str) -> str:
    """A zone's name as people read it: `UTC+8` for what the list calls Etc/GMT-8."""
    found = _FIXED.fullmatch(zone)
    return f"UTC{'-' if found[1] == '+' else '+'}{found[2]}" if found else zone


def _fixed(sign: str, hours: int, minutes: int) -> str | None:
    if minutes:
        return _PARTS.get(f"{hours}:{minutes}") if sign == "+" else None
    if not hours:
        return "UTC"
    if hours > (14 if sign == "+" else 12):
        return None
    return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"


@cache
def _names() -> dict[str, str]:
    """What may be written for each zone, in one form: its whole name, and its city where only one zone has that."""
    zones = [zone for zone in available_timezones() if zone == "UTC" or _is_place(zone)]
    known = {_plain(zone): zone for zone in zones}
    by_city: dict[str, set[str]] = {}
    for zone in zones:
        by_city.setdefault(_plain(zone.rpartition("/")[2]), set()).add(zone)
    known |= {city: next(iter(zones)) for city, zones in by_city.items() if len(zones) == 1 and city not in known}
    for line in _CITIES.strip().splitlines():
        cities, _, zone = line.partition("=")
        known |= {_plain(city): zone for city in cities.split()}
    return known | {"gmt": "UTC"}


def _is_place(zone: str) -> bool:
    area, _, city = zone.partition("/")
    return bool(city) and area in _AREAS


_AREAS = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


def _plain(name: str) -> str:
    return re.sub(r"[\s_.'-]", "", name).casefold()
