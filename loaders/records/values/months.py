"""Names of months in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish,
Danish, Norwegian, Russian and Arabic, and of weekdays in the first seven of these.

No name means another month in another of these languages.
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = (
    "jan january januar jänner jän janvier janv enero ene janeiro gennaio gen januari "
    "styczeń stycznia января يناير",
    "feb february februar février fevrier févr fevr febrero fevereiro fev febbraio februari "
    "luty lutego февраля فبراير",
    "mar march märz maerz mär mrz mars marzo março marco maart mrt marzec marca marts марта مارس",
    "apr april avril avr abril abr aprile kwiecień kwietnia апреля أبريل",
    "may mai mayo maio maggio mag mei maj maja мая مايو",
    "jun june juni juin junio junho giugno giu czerwiec czerwca июня يونيو",
    "jul july juli juillet juil julio julho luglio lug lipiec lipca июля يوليو",
    "aug august août aout agosto ago augustus sierpień sierpnia augusti августа أغسطس",
    "sep sept september septembre septiembre setiembre setembro set settembre sett "
    "wrzesień września сентября سبتمبر",
    "oct october oktober okt octobre octubre outubro out ottobre ott "
    "październik października октября أكتوبر",
    "nov november novembre noviembre novembro listopad listopada ноября نوفمبر",
    "dec december dezember dez décembre decembre déc diciembre dic dezembro dicembre "
    "grudzień grudnia desember декабря ديسمبر",
)
_WEEKDAYS: Final = (
    "mon monday tue tues tuesday wed wednes wednesday thu thurs thursday fri friday sat satur "
    "saturday sun sunday "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "lundi mardi mercredi jeudi vendredi samedi dimanche "
    "lunes martes miércoles miercoles jueves viernes sábado sabado domingo "
    "segunda-feira terça-feira terca-feira quarta-feira quinta-feira sexta-feira "
    "lunedì lunedi martedì martedi mercoledì mercoledi giovedì giovedi venerdì venerdi sabato "
    "domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
)

MONTHS: Final = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
"""The number of each month, from 1, by its names in small letters."""


def _any_of(names: list[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


MONTH: Final = rf"(?P<month>{_any_of([*MONTHS])})(?![^\W\d_])\.?"
"""A pattern for the name of a month, be it abbreviated or not."""

WEEKDAY: Final = rf"(?:{_any_of(_WEEKDAYS.split())})\.?"
"""A pattern for the name of a weekday."""
