"""Days and moments in Chinese: 本周五晚上八点半, 三天后, 下个月3号."""

from __future__ import annotations

import re

from bot.moments.figures import YEAR, hour
from bot.moments.said import After, AtHour, InDays, InPart, OnDate, OnWeekday, PartOfDay, Piece, Rule, either, rule

_SIMPLE = str.maketrans("點時後週兩號鐘禮個過這〇", "点时后周两号钟礼个过这零")
_DIGITS = {char: figure for figure, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_WEEKDAYS = {char: str(place) for place, char in enumerate("一二三四五六日", 1)} | {"天": "7"}
_RUN = re.compile("[零一二两三四五六七八九十]+")
_TENS = re.compile("([一二三四五六七八九]?)十([一二三四五六七八九]?)")
_SPACED = re.compile("(?<=[0-9]) (?=[年月日号天周个小点时分])|(?<=[年月点时]) (?=[0-9])")
_WEEKDAY = re.compile("(周|星期|礼拜)([一二三四五六日天])")


def with_figures(text: str) -> str:
    """The text in figures: 二十五号 is 25号, 周五十点 is 周5 10点, 3 点 is 3点. 两三天 stays as it is."""
    text = _WEEKDAY.sub(lambda found: f"{found[1]}{_WEEKDAYS[found[2]]} ", text.translate(_SIMPLE))
    return _SPACED.sub("", _RUN.sub(lambda found: _figure(found[0]), text))


def _figure(run: str) -> str:
    if tens := _TENS.fullmatch(run):
        return str((_DIGITS[tens[1]] if tens[1] else 1) * 10 + (_DIGITS[tens[2]] if tens[2] else 0))
    one_by_one = len(run) in {1, 4} or (len(run) == 2 and run[0] == "零")  # 二零二六, 零五
    return "".join(str(_DIGITS[char]) for char in run) if one_by_one and "十" not in run else run


_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0}
_DAYS |= {"明天": 1, "明日": 1, "后天": 2, "大后天": 3}
_NEAR = {"今": 0, "明": 1, "昨": -1}
_SHIFT = {"上上": -2, "上": -1, "去": -1, "本": 0, "这": 0, "今": 0, "下": 1, "明": 1, "下下": 2, "后": 2}
_FEASTS = {"元旦": (1, 1), "五一": (5, 1), "劳动节": (5, 1), "国庆": (10, 1), "平安夜": (12, 24), "圣诞": (12, 25)}
_PARTS: dict[str, PartOfDay] = {
    "凌晨": "small hours",
    "清晨": "morning",
    "早晨": "morning",
    "早上": "morning",
    "早": "morning",
    "晨": "morning",
    "上午": "morning",
    "中午": "noon",
    "下午": "afternoon",
    "午后": "afternoon",
    "傍晚": "afternoon",
    "晚上": "evening",
    "晚间": "evening",
    "夜里": "evening",
    "夜晚": "evening",
    "深夜": "evening",
    "晚": "evening",
    "夜": "evening",
    "午夜": "midnight",
}


def _span(found: re.Match[str]) -> tuple[Piece, ...]:
    """两小时后, 一个半小时后, 1小时30分钟后, 半小时前."""
    minutes = 30 if found["half"] else int(float(found["n"]) * 60) + 30 * bool(found["more"]) + int(found["rest"] or 0)
    return (After(_way(found) * minutes),)


def _days_on(found: re.Match[str]) -> tuple[Piece, ...]:
    if found["way"] is None and found["n"] == "2":
        return ()  # 过两天 is "some day soon"
    number = _way(found) * int(found["n"])
    if "月" in found["unit"]:
        return (InDays(months=number),)
    return (InDays(number * (1 if found["unit"] in {"天", "日"} else 7)),)


def _way(found: re.Match[str]) -> int:
    return -1 if found["way"] == "前" else 1


def _dated(found: re.Match[str]) -> tuple[Piece, ...]:
    return (_on(int(found["month"]), int(found["day"]) if found["day"] else None, found),)


def _feast(found: re.Match[str]) -> tuple[Piece, ...]:
    return (_on(*_FEASTS[found["feast"]], found),)


def _on(month: int, day: int | None, found: re.Match[str]) -> OnDate:
    """The date in the year that was found: 2026年, 26年, 明年, or none."""
    year = int(found["year"]) if found["year"] else None
    if year is not None and year < 100:
        year += 2000
    return OnDate(day, month, year, years=_SHIFT[found["near"]] if found["near"] else None)


def _in_month(found: re.Match[str]) -> tuple[Piece, ...]:
    return (OnDate(int(found["day"]) if found["day"] else None, months=_SHIFT[found["near"] or "本"]),)


def _at(found: re.Match[str]) -> tuple[Piece, ...]:
    """三点半, 三点一刻, 三点四十, 四点差五分, 差一刻四点."""
    if found["before"] and found["behind"]:
        return ()
    if short := found["before"] or found["behind"]:
        return hour(found["hour"], -15 if short == "1刻" else -int(short.removesuffix("分")))
    return hour(found["hour"], int(found["minute"] or 0) + 15 * int(found["quarter"] or 0) + 30 * bool(found["half"]))


_WAY = "(?:之|以)?(?P<way>后|前)"
_SHORT = "[0-9]{1,2}分|1刻"
_YEAR = f"(?:(?P<year>{YEAR}|[0-9]{{2}})年|(?P<near>去|今|明|后)年)"

RULES: tuple[Rule, ...] = (
    rule("现在", lambda found: (After(0),)),
    rule(either(_DAYS), lambda found: (InDays(_DAYS[found[0]]),)),
    rule(
        "(今|明|昨)(早上|早|晨|晚上|晚|夜里|夜晚|夜)",
        lambda found: (InDays(_NEAR[found[1]]), InPart(_PARTS[found[2]])),
    ),
    rule(either(_PARTS), lambda found: (InPart(_PARTS[found[0]]),)),
    rule("正午", lambda found: (AtHour(12, sure=True),)),
    rule(f"{_YEAR}?(?P<feast>{either(_FEASTS)})节?", _feast),
    rule(
        "(?:(上上|上|本|这|下下|下)个?)?(?:周|星期|礼拜)([1-7])",
        lambda found: (OnWeekday(int(found[2]) - 1, _SHIFT[found[1]] if found[1] else None),),
    ),
    rule(
        "(?P<over>再?过)?(?:(?P<half>半)个?|(?P<n>[0-9]{1,3}(?:\\.5)?)个?(?P<more>半)?)(?:小时|钟头)"
        f"(?:(?P<rest>[0-9]{{1,2}})分钟?)?(?:{_WAY}|(?(over)|(?!)))",
        _span,
    ),
    rule(
        f"(?P<over>再?过)?(?P<n>[0-9]{{1,4}})分钟?(?:{_WAY}|(?(over)|(?!)))",
        lambda found: (After(_way(found) * int(found["n"])),),
    ),
    rule(
        f"(?P<over>再?过)?(?P<n>[0-9]{{1,4}})(?P<unit>天|日|周|个?星期|个?礼拜|个月)(?:{_WAY}|(?(over)|(?!)))",
        _days_on,
    ),
    rule(f"{_YEAR}?(?P<month>[0-9]{{1,2}})月(?:(?P<day>[0-9]{{1,2}})[日号]?|底|末)", _dated),
    rule(
        "(?P<near>上上|上|本|这|下下|下)?个?月(?:的|份)?(?:(?P<day>(?(near)[0-9]{1,2}|(?!)))[日号]?|底|末)",
        _in_month,
    ),
    rule("(?:(今|明|去)年|年)(?:底|末)", lambda found: (OnDate(None, 12, years=_SHIFT[found[1] or "今"]),)),
    rule("([0-9]{1,2})[日号]", lambda found: (OnDate(int(found[1])),)),
    rule(
        f"(?:差(?P<before>{_SHORT}))?(?P<hour>[0-9]{{1,2}})[点时](?:钟|整)?"
        f"(?:(?P<minute>[0-5][0-9]|[0-9](?=分))分?|(?P<quarter>[13])刻|(?P<half>半)|差(?P<behind>{_SHORT}))?",
        _at,
    ),
)
