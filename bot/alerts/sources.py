"""The sources that are known, by the name in webhook URLs and on the command line."""

from collections.abc import Callable, Mapping

from bot.alerts import alertmanager
from bot.alerts.parsed import ParsedDelivery

Parser = Callable[[object], ParsedDelivery]

SOURCES: Mapping[str, Parser] = {
    alertmanager.SOURCE: alertmanager.parse_alertmanager,
}
