"""Amounts of money, names of banks and corrections, as they are said: patterns, each bounded, so that no text makes one slow. Pure."""

from __future__ import annotations

# ruff: noqa: E501 -- a pattern is read whole, as the phrase it stands for
import re

UNITS = {"thousand": 3, "k": 3, "million": 6, "mm": 6, "mn": 6, "mln": 6, "m": 6, "billion": 9, "bn": 9, "bln": 9, "b": 9}
MONEY = re.compile(
    r"(?P<before>(?:US|USD|U\.S\.)?\s?\$\s?|USD\s?)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:[\s\u00a0-]?(?P<unit>thousand|million|billion|mm|mn|mln|bn|bln|[kmb](?![a-z])))?(?![\d%\u2030])(?:[\s-]+dollars?)?",
    re.IGNORECASE,
)
FOREIGN = re.compile(r"(?:[\u20ac\u00a3\u00a5]|\b(?:C|CA|A|AU|HK|NZ|S)\$|EUR|GBP|CAD)\s?$")
NO_MONEY = re.compile(
    r"\s*(?:%|percent|per\s?cent|basis points|bps?\b|points|shares|accounts|customers|clients|loans were|times|x\b|per share)",
    re.IGNORECASE,
)
OTHER_BANK = re.compile(
    r"\b(?:JP\s?Morgan(?: Chase)?|J\.P\. Morgan|Chase|Bank of America|BofA|Citi(?:group|bank|zens)?|Wells(?: Fargo)?|Goldman(?: Sachs)?|Morgan Stanley|U\.?S\.? Bancorp|U\.?S\.? Bank"
    r"|PNC|Truist|Capital One|BNY(?: Mellon)?|Bank of New York|State Street|Fifth Third|Key(?:Corp|Bank)|Regions|M&T|Huntington|First Horizon|Western Alliance|Texas Capital|Zions"
    r"|Northern Trust|Synchrony|Ally|Comerica|First Citizens|Jefferies|Barclays|UBS|HSBC|Deutsche Bank|Credit Suisse|Santander|BMO|Flagstar|Valley|Webster|East West|Cadence|Synovus|Pinnacle"
    r"|Popular|BOK|Cullen|Prosperity|UMB|Wintrust|Old National|Columbia|Banc of California|Axos|(?!The |Our |This )[A-Z][\w&]+ (?:Bank|Bancorp|Bancshares|Financial|Trust|Bancorporation))\b"
    r"|\b(?i:peers?|competitors?|we compete with|another bank|(?:all |the |many |most )?other (?:[\w.]+ ){0,2}banks|(?:one|another) of our peers|rivals?|some banks|(?:regional|money[\s-]center|large|small|most|many|several|all|the big) banks|(?:another|other|an?other) (?:institutions?|firms?|lenders?)|moody's|fitch|kbra|s&p|fdic|the fed|occ|regulators?|rating agenc\w+|press|media|the industry|industry-?wide|the sector)\b"
)
CORRECTION = re.compile(
    r"(?P<sorry>(?:i'm\s+)?sorry|excuse\s+me|pardon(?:\s+me)?|correction|i\s+mean(?:t)?|i\s+misspoke|make\s+that|let\s+me\s+correct\s+(?:that|myself)|scratch\s+that)\b"
    r"[\s,.;:\u2014\u2013-]*(?:(?:that's|that\s+is|it's|it\s+was|that\s+was|i\s+meant|should\s+be|that\s+should\s+be)\s+)?(?=\$?\s?\d)",
    re.IGNORECASE,
)
