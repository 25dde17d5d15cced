"""Reads a day or a moment as people write it, in Chinese, in English, or in both: 明天下午三点, next Tuesday 3pm.

The rules, where the words leave something open (`Moment.assumed` says so; show the whole moment before it is kept):

- A bare hour from 1 to 6 is in the afternoon: 3点 and 3:30 are 15:00 and 15:30. 7 to 12, and 03:30, are as written.
- A time without a day is the next one to come. A weekday by itself is the coming one; today only while the time that
  was said, or the part of the day, or else the day, is not over.
- Weeks begin on Monday. 下周二 and "next Tuesday" are the Tuesday of next week; 本周二 that of this week.
- A date without a year is the coming one, or the last one if that is at most 60 days ago. A day of the month without
  its month (25号) is in this month from today on, and else in the next.
- 3/4 is 4 March: month before day, as in Chinese and in ISO 8601. 25/11 can only be 25 November.
- 月底 and "end of month" are the last day of it. 今晚12点 is the end of today, 中午 is 12:00.
- A clock that goes back: the first of the two times. One that goes forward: a time that is left out is as long after.

What can be read in two ways, or needs more than this (工作日, 周末, midnight on Friday, "3"), is not understood at all.
"""

from bot.moments.reading import read_day as read_day
from bot.moments.reading import read_moment as read_moment
from bot.moments.reading import understand_moment as understand_moment
from bot.moments.said import Moment as Moment
