"""The words of provisioning as bankers say them: patterns for amounts, kinds of cost, kinds of lending, and what disqualifies.

Wordings are from earnings calls and releases of 2023 to 2025; every pattern is bounded, so that no text makes one slow.
"""

from __future__ import annotations

# ruff: noqa: E501 -- a pattern is read whole, as the phrase it stands for
import re


def words(*patterns: str) -> re.Pattern[str]:
    """Any of the patterns as whole words, in any case."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


UNITS = {"thousand": 3, "k": 3, "million": 6, "mm": 6, "mn": 6, "m": 6, "billion": 9, "bn": 9, "b": 9}
MONEY = re.compile(
    r"(?P<before>(?:US|USD|U\.S\.)?\s?\$\s?|USD\s?)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:[\s\u00a0-]?(?P<unit>thousand|million|billion|mm|mn|bn|[kmb](?![a-z])))?(?![\d%\u2030])(?:\s+dollars)?",
    re.IGNORECASE,
)
FOREIGN = re.compile(r"(?:[\u20ac\u00a3\u00a5]|\b(?:C|CA|A|AU|HK|NZ|S)\$|EUR|GBP|CAD)\s?$")
NO_MONEY = re.compile(
    r"\s*(?:%|percent|per\s?cent|basis points|bps?\b|points|shares|accounts|customers|clients|loans were|times|x\b|per share)",
    re.IGNORECASE,
)

LENDING = r"lend(?:ing|ers?)|lines?|loans?|facilit(?:y|ies)|financ(?:e|ing)|borrowers?|customers?|clients?|portfolio|book|business|exposures?|credits?"
NDFI = words(
    r"non-?\s?bank\s+(?:[\w-]+\s+){1,3}?(?:lenders?|financers?|originators?|borrowers?|compan(?:y|ies))",
    r"non-?\s?bank(?:ing)?(?:s|\s+(?:financials?|financ(?:e|ing)|lend(?:er|ers|ing)|exposures?|portfolio|book|loans?|borrowers?|credits?"
    r"|institutions?|compan(?:y|ies)|intermediar(?:y|ies)))?",
    r"nbfis?", r"ndfis?", r"non-?\s?depositor(?:y|ies)", r"private[\s-]credit", r"private[\s-]debt", r"direct[\s-]lend(?:ing|ers?)",
    r"asset managers?", r"capital[\s-]calls?", rf"(?:mortgage[\s-])?warehouse\s+(?:{LENDING})", r"mortgage[\s-]warehouse", r"warehouse(?!\s+(?:and|space|propert|building|real|sector|lease|logistic))",
    r"lender[\s-]finance", r"fund[\s-]finance", rf"subscription\s+(?:{LENDING})", r"business development compan(?:y|ies)", r"bdcs?",
    r"specialty[\s-]finance(?:\s+compan(?:y|ies))?", r"(?:loans to|lending to)\s+(?:other\s+)?financial institutions",
    r"financial institutions?\s+(?:portfolio|class|book|exposures?|loans?)", r"equity fund resources", r"collateralized loan obligations?",
    r"mortgage finance",
)  # fmt: skip
NOT_NDFI = re.compile(
    r"(?:\bnon-?|\bex-|\bex |\bexcept(?:ing)?(?: for)? |\bexcluding |\bexclude[sd]? |\bexclusive of |\boutside(?: of)? |\bother than "
    r"|\bapart from |\baside from |\bnot (?:\w+ ){0,3}?|\bnone (?:\w+ ){0,4}?|\bno (?:\w+ ){0,2}?|\bunrelated to |\brather than |\bwithout |\bbeyond |\bnet of |\bbefore |\bbesides |\babsent |\bsave for |\bbarring |\bminus |\bless |\badjust(?:ing|ed) (?:out|for) |\bstripping out |\bremoving |\bbacking out |\bignoring )"
    r"(?:any |all |the |our |these |those |its )*$",
    re.IGNORECASE,
)

CHARGE_OFF = words(
    r"(?:net\s+)?charge-?\s?offs?",
    r"charged[\s-]+off",
    r"charging\s+off",
    r"write-?\s?offs?",
    r"wrote\s+off",
    r"written\s+off",
    r"ncos?",
)
RELEASE = words(
    r"(?:reserve|allowance|provision|credit loss)s?\s+(?:releases?|reversals?|recaptures?|benefits?|reductions?)",
    r"releas(?:e|es|ed|ing)(?!\s+(?:shows?|says?|said|that|dated)\b)", r"recaptur(?:e|ed)", r"provision\s+(?:credit|benefit)", r"negative\s+provisions?(?:ing)?", r"benefit\s+(?:to|in|from)\s+(?:the\s+)?provision",
    r"revers(?:al|ed|ing)", r"(?:reduc|decreas|lower|dr[ae]w)\w*(?:\s+down)?\s+(?:\w+\s+){0,3}?(?:reserves?|allowances?|provisions?)",
    r"(?:declines?|decreases?|reductions?|drops?)\s+(?:in|of|to)\s+(?:the\s+|our\s+)?(?:\w+\s+){0,2}?(?:reserves?|allowances?|acl)",
    r"(?:reserves?|allowances?|acl)\s+(?:\w+[\s-]){0,5}?(?:declined|decreased|fell|were reduced|was reduced|came down|were lowered|was lowered)",
)  # fmt: skip
BUILD = words(
    r"provision(?:s|ed|ing)?(?:\s+(?:for\s+credit\s+losses|expenses?|builds?|charges?))?",
    r"(?:credit\s+)?(?:reserve|allowance)\s+(?:builds?|building|additions?|increases?|adds?)", r"(?:build|builds|building)\s+(?:of|in|to)\s+(?:the\s+|our\s+)?(?:credit\s+)?(?:reserves?|allowances?)",
    r"(?:built|buil[dt]ing|added|add(?:ing)?|put|increased?|rais(?:ed|ing)|boosted|bolstered|strengthened|took|taken|booked|established|recorded|set aside|posted|grew|topped up)"
    r"\s+(?:[\w$.,-]+\s+){0,9}?(?:reserves?|reserving|allowances?)",
    r"(?:ndfi|nbfi|non-?bank|private credit|financials?|portfolio|warehouse)\s+builds?", r"builds?(?=\s+(?:for|in|on|related|tied|against|specific))", r"(?:additional|incremental)\s+reserves?", r"(?:the|this|that|our)\s+(?:reserve\s+)?builds?", r"set\s+aside", r"provided", r"reserved", r"(?:we|us|to)\s+reserve", r"(?:reserves?|allowances?)\s+(?:were|was)\s+(?:built|added|established|set\s+aside)", r"(?:reserves?|allowances?|acl)\s+(?:\w+[\s-]){0,6}?(?:increased|rose|grew|went up|were increased|was increased|were raised|was raised|climbed)",
    r"increase\s+(?:in|to|of)\s+(?:the\s+|our\s+)?(?:\w+\s+){0,2}?(?:reserves?|allowances?)",
)  # fmt: skip
LEVEL = re.compile(r"\b(?:reserves?|allowances?|acl)\b", re.IGNORECASE)

EXPOSURE_NOUN = re.compile(
    r"^\s*(?:[-,]?\s*(?:of|in|worth of)\s+)?(?:(?:the|our|total|gross|net|outstanding|average|committed|funded|unfunded|unused|a|period-end|new|aggregate|such|these)\s+)*"
    r"(?:(?:[\w/-]+\s+){0,6}?)(?:loans?|balances?|exposures?|commitments?|portfolios?|outstandings?|books?|assets|deposits|lending|lines|facilit(?:y|ies)"
    r"|revenues?|income|fees|collateral|borrowings?|growth|originations?|securities|liquidity|capital|relationships?|credits?)\b"
    r"(?!\s+(?:loss|charge|provision|reserve|build|allowance|write|release|net\s+charge))",
    re.IGNORECASE,
)
LINK = re.compile(
    r"\b(?:for|to|on|against|from|related|relating|tied|associated|connected|attributable|attributed|specific|specifically|linked|regarding|concerning|covering"
    r"|reflecting|was|were|is|relate[sd]?|provisions?|reserves?|allowances?|charge-?\s?offs?|builds?|release[sd]?|write-?offs?|in connection)\b",
    re.IGNORECASE,
)
GUIDANCE = words(
    r"expect(?:s|ed|ing|ation|ations)?", r"anticipat\w+", r"will", r"would", r"could", r"(?-i:may)", r"might", r"should", r"guid(?:e|ed|es|ance|ing)", r"outlook", r"forecast\w*",
    r"going forward", r"next (?:quarter|year|few|several)", r"target\w*", r"plan(?:s|ned|ning)? (?:to|for|on)", r"aim(?:s|ed|ing)?", r"hop(?:e|es|ed|ing)", r"suppos\w+", r"imagin\w+", r"let's say", r"possib\w+", r"perhaps", r"probab\w+", r"prepared (?:to|for)", r"ready to", r"(?:a|the|at) risk", r"risk of", r"remains?", r"pencil\w*", r"looking (?:for|to|at)", r"ought to", r"can", r"model(?:s|ed|ing|led)? (?:a|an|in|about|for|out|\$)", r"consider(?:s|ed|ing)?", r"propos\w+", r"request\w*", r"fear(?:s|ed)?", r"worst[\s-]case", r"asked", r"question\w*", r"claim(?:s|ed|ing)?", r"hedg\w+", r"pre-?provision", r"brac(?:e[sd]?|ing)", r"worr(?:y|ies|ied|ying)", r"investors?", r"foresee\w*", r"prepar(?:e[sd]?|ing)", r"predict\w*", r"warn(?:s|ed|ing)?", r"look(?:s)? like", r"seek(?:s|ing)?", r"allow(?:s|ing)? for", r"threshold", r"limits?", r"likely", r"if", r"assum\w+", r"scenarios?", r"stress\w*", r"hypothetical\w*",
    r"potential(?:ly)?", r"project(?:s|ed|ing)?", r"up to", r"as much as", r"at most", r"less than", r"fewer than", r"no more than", r"under", r"budget\w*", r"think about", r"fourth quarter guide",
    r"contemplat\w+", r"cap(?:ped)? at", r"maximum", r"approved", r"authori[sz]ed", r"want to", r"intend\w*", r"believe", r"pro forma", r"estimated? to", r"2027|2028|2029|2030", r"rumou?rs?", r"speculat\w+", r"reports? (?:that|of)", r"absorb\w*", r"every", r"consensus", r"think", r"estimates?", r"(?:the|wall) street", r"analysts?",
)  # fmt: skip
OTHER_TIME = words(
    r"last (?:quarter|year|month)", r"(?:prior|previous|preceding|earlier)(?:[\s-](?:year|quarter|period|month))?s?", r"(?:a )?year[\s-]ago", r"year[\s-]to[\s-]date", r"full[\s-]year", r"for the year",
    r"(?:first|last|past) (?:nine|six|twelve|two|three|four|several|half|few)(?: (?:months|quarters|years))?", r"first half", r"since", r"cumulative(?:ly)?", r"over the (?:past|last)", r"in 20\d\d", r"during 20\d\d", r"fiscal 20\d\d",
    r"life[\s-]to[\s-]date", r"to date", r"annuali[sz]ed", r"nine[\s-]month\w*", r"historical(?:ly)?", r"annual(?:ly)?", r"back in", r"at year[\s-]end", r"crisis", r"trailing",
    r"quarter ago", r"per (?:quarter|year)", r"already", r"previously(?!\s+(?:established|built|recorded|taken|booked)\s+(?:\w+\s+)?(?:reserves?|allowances?|provisions?))", r"ago", r"originally", r"initially", r"once", r"over time", r"each (?:quarter|year)", r"on average", r"after (?:the )?(?:quarter|period)[\s-]end", r"subsequent(?:ly)?",
)  # fmt: skip
COMPARES = re.compile(
    r"(?:compar(?:e[ds]?|ing)\s+(?:to|with)|versus|vs\.?|up from|down from|from|(?:higher|lower|more|less|above|below|increase|decrease|change)\s+(?:than|from|of)|against|relative to|to)\s+"
    r"(?:(?:a|an|the|about|approximately|roughly|nearly|around|just|some|over|our|provision of|provisions of|a provision of|a build of|a release of|charge-offs of|net|record)\s+)*$",
    re.IGNORECASE,
)
CHANGED_BY = re.compile(
    r"\b(?:increas\w+|decreas\w+|rose|fell|up|down|grew|declin\w+|higher|lower|rais\w+|reduc\w+|change\w*)\s+(?:by\s+)?(?:(?:about|approximately|roughly|nearly|some)\s+)?$",
    re.IGNORECASE,
)
SHARE_ONLY = words(
    r"primarily", r"mainly", r"largely", r"mostly", r"partly", r"partially", r"in part", r"predominantly", r"principally", r"majority", r"most of (?:it|that|which|this|the)", r"some of (?:it|that|which)", r"half", r"two-thirds",
    r"driven by", r"a portion", r"part of (?:it|that|which|this)", r"among other", r"as well as", r"portion of", r"a third", r"a quarter of", r"one-third", r"along with", r"together with", r"combined", r"led by", r"notably", r"due in", r"reflect(?:s|ed|ing)?", r"drove", r"drives?", r"driving", r"pushed", r"contribut\w+", r"helped", r"caused", r"because", r"despite", r"amid", r"given",
)  # fmt: skip
OTHER_LENDING = words(
    r"commercial real estate", r"cre", r"office", r"multi-?family", r"cards?", r"credit card", r"auto(?:s|mobile)?", r"consumer(?!\s+(?:finance|lend))", r"residential", r"home equity", r"energy", r"c&i", r"commercial and industrial",
    r"retail", r"construction", r"healthcare", r"small business", r"student", r"agricultur\w+", r"technology", r"leasing", r"leveraged", r"corporates?", r"wealth", r"commercial (?:loans?|banking|portfolio)", r"tariffs?", r"macro\w*", r"sponsor",
    r"mortgages(?! warehouse)", r"mortgage loans", r"litigation", r"legal", r"lawsuits?", r"settle\w*", r"severance", r"restructuring", r"tax(?:es)?", r"across", r"elsewhere", r"rest of", r"everything else", r"other portfolios", r"broader", r"firmwide", r"companywide",
)  # fmt: skip
OTHER_BANK = re.compile(
    r"\b(?:JP\s?Morgan(?: Chase)?|J\.P\. Morgan|Chase|Bank of America|BofA|Citi(?:group|bank|zens)?|Wells(?: Fargo)?|Goldman(?: Sachs)?|Morgan Stanley|U\.?S\.? Bancorp|U\.?S\.? Bank"
    r"|PNC|Truist|Capital One|BNY(?: Mellon)?|Bank of New York|State Street|Fifth Third|Key(?:Corp|Bank)|Regions|M&T|Huntington|First Horizon|Western Alliance|Texas Capital|Zions"
    r"|Northern Trust|Synchrony|Ally|Comerica|First Citizens|Jefferies|Barclays|UBS|HSBC|Deutsche Bank|Credit Suisse|Santander|BMO|Flagstar|Valley|Webster|East West|Cadence|Synovus|Pinnacle"
    r"|Popular|BOK|Cullen|Prosperity|UMB|Wintrust|Old National|Columbia|Banc of California|Axos|[A-Z][\w&]+ (?:Bank|Bancorp|Bancshares|Financial|Trust|Bancorporation))\b"
    r"|\b(?i:peers?|competitors?|we compete with|another bank|other banks|(?:one|another) of our peers|rivals?|some banks|(?:regional|money[\s-]center|large|small|most|many|several|all|the big) banks|(?:another|other|an?other) (?:institutions?|firms?|lenders?)|moody's|fitch|kbra|s&p|fdic|the fed|occ|regulators?|rating agenc\w+|press|media|the industry|industry-?wide|the sector)\b"
)
OURS = re.compile(
    r"\b(?:we|our|us|ours|we've|we're|I|my|the company|the firm|the bank|the corporation|the quarter)\b", re.IGNORECASE
)
NEGATED = words(
    r"did(?:n't| not)", r"have(?:n't| not)", r"had(?:n't| not)", r"has(?:n't| not)", r"was(?:n't| not)", r"were(?:n't| not)", r"isn't|is not|are not|aren't|don't|do not|doesn't|does not", r"never", r"nothing", r"no", r"not", r"none", r"without", r"nor", r"neither", r"instead of", r"avoid\w*", r"declin(?:ed|ing) to", r"unrelated",
)  # fmt: skip
PARTITIVE = re.compile(
    r"^\W*(?:and\s+|or\s+)?(?:with|including|inclusive of|of which|of that|of this|of those|which includ\w+|that includ\w+|this includ\w+|it includ\w+|comprising|comprised of|consisting of|made up of|split between|namely)\b",
    re.IGNORECASE,
)
LIST_ITEM = re.compile(
    r"^\s*(?:and\s+|plus\s+|or\s+)?(?:(?:about|approximately|roughly|nearly|another|a further|an additional|some|around|just over|a)\s+)*(?:US)?\$",
    re.IGNORECASE,
)
OF_THE = re.compile(r"^\s*(?:of|out of|within|from)\s+(?:the|our|that|this)\b", re.IGNORECASE)
LEADING = re.compile(
    r"^\s*(?:and\s+|so\s+|now\s+)?(?:for|in|on|within|regarding|as for|with respect to|with regard to|relating to|in relation to|against|across|concerning|specific to|specifically for)\b",
    re.IGNORECASE,
)
TRAILING = re.compile(
    r"^\s*(?:and\s+)?(?:all(?: of (?:it|this|that|which))?|entirely|exclusively|solely|wholly|specifically|related|relating|tied|associated|attributable|which (?:was|were|is) (?:all|entirely|related|tied))\b",
    re.IGNORECASE,
)
SPLIT = re.compile(
    r"\s*[;\u2014]\s*|\s*:(?!\s*\$)\s*|\s+[-\u2013]{1,2}\s+|,\s+(?!\d{3}\b)|\s+(?=(?:while|whereas|although|though|even as|but)\s)|\s+(?=and\s+(?:we|our|the|it|they|I|then|another|in|for|NDFI|net charge|provision|released?|built|charged)\b)"
    r"|\s+(?=(?:compare[sd] (?:to|with)|versus|vs\.?|up from|down from)\s)|(?<!\bof)(?<!\bin)\s+(?=which\s)|\s+(?=\()|(?<=\))\s+",
    re.IGNORECASE,
)
STARTS_COMPARISON = re.compile(
    r"^\s*(?:as\s+)?(?:(?:compare[sd]|versus|vs|up from|down from|relative to)\b|against\s+(?:[\w-]+\s+){0,3}?\$?\d)",
    re.IGNORECASE,
)
COST_OF = re.compile(
    r"\b(?:provisions?|provisioning|charge-?\s?offs?|write-?\s?offs?|builds?|releases?|reversals?|recaptures?|losses|expenses?|additions?|charges?|increases?|reserves?|benefits?)"
    r"\s+(?:\w+\s+){0,3}?of\s+(?:(?:about|approximately|roughly|nearly|around|just|over|some|a|another|an|additional)\s+)*$"
    r"|\b(?:charged[\s-]+off|charge-?off\s+a|wrote\s+off|written\s+off|released|set\s+aside|reserved|provided|provisioned|reversed|recaptured)\s+(?:(?:the|our|a|its|remaining|entire|full|whole|about|approximately|roughly|nearly|around|just|over|some|another|an|additional)\s+)*$",
    re.IGNORECASE,
)
INCLUDES = re.compile(r"\b(?:includ\w+|consist\w+|compris\w+|split|made up|broken down|of which)\b", re.IGNORECASE)
TAKEN = re.compile(
    r"\b(?:reserves?|allowances?)\s+of\s+(?:\w+\s+){0,2}\$0\s+(?:was|were)\s+(?:established|taken|booked|recorded|set up|built|added|created)\b",
    re.IGNORECASE,
)
OF_WHICH = re.compile(r"^\s*of\s+(?:which|that|it|this)\b", re.IGNORECASE)
STATED = re.compile(
    r"(?:\b(?:was|were|is|of|totall?ed|totall?ing|at|reached|amounted to|came to)\s+|:\s*)(?:\w+\s+){0,2}$", re.IGNORECASE
)
BUILT_TOO = re.compile(r"^\s*and\s+(?:we\s+)?(?:built|added|put)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
JOINED = re.compile(
    r"(?:\s+(?:loans?|lending|borrowers?|portfolios?|books?|exposures?|clients?))?\s*(?:,|and|or|&|as well as|plus|along with)\s.{0,60}",
    re.IGNORECASE,
)
SHARE_OF = re.compile(
    r"\b(?:thirds?|half|halves|quarters?|fifths?|percent|portion|part|most|some|majority|bulk|share|much|\d\s?%)\s+of\s+(?:our|the|that|this|these|a)?\s*(?:total\s+|overall\s+)?$",
    re.IGNORECASE,
)
RECOVERY_AFTER = re.compile(r"\s*(?:in|of)?\s*(?:\w+\s+){0,2}recover(?:y|ies)\b", re.IGNORECASE)
RECOVERY_BEFORE = re.compile(
    r"\b(?:recover(?:y|ies|ed)|recoup(?:ed)?|collected|received|regained|salvaged|clawed\s+back)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
BALANCE_OF = re.compile(
    r"\b(?:collateral|exposures?|loans?|balances?|commitments?|portfolio|deposits|book|outstandings?|assets|revenues?|income|fees|growth|originations?|facilit(?:y|ies)|credits?)\s+"
    r"(?:(?!provision|charge|reserve|allowance|build|release|loss|write|net)\w+\s+){0,2}?(?:of|at|totall?ing|totall?ed|worth|was|were|is|are|reached|stood at|grew to|to|by)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
BENEFIT_BEFORE = re.compile(
    r"\b(?:provision|expense|losses|institutions|lend\w+|loans|portfolio|credit|book|it)\b.*\b(?:benefit|credit)\s+of\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
BENEFIT_AFTER = re.compile(r"\s*(?:provision\s+)?benefit\b", re.IGNORECASE)
CAUSE = re.compile(r"\b(?:due to|growth|driven|because|owing)\b", re.IGNORECASE)
SETS_SCENE = re.compile(
    r"^\s*(?:and\s+|so\s+|now\s+)?(?:for|in|on|within|regarding|as for|with respect to|with regard to|relating to|in relation to|against|across|concerning|specific to|specifically for)\s+"
    rf"(?:(?!quarter|year|period|environment|time|light|spite|face)[\w'-]+\s+){{0,3}}?{NDFI.pattern}(?!.*\b(?:headlines?|concerns?|news|fears?|worr\w+|events?|turmoil|volatility|spreads?)\b)",
    re.IGNORECASE,
)

OF_THE_SIZE = re.compile(
    r"\b(?:for|against|on|in|within|to|of)\s+(?:our|the|an?|that|this|its|one)?\s*(?:total|overall|roughly|approximately|about)?\s*$",
    re.IGNORECASE,
)
ON_THE_SIZE = re.compile(
    r"\b(?:for|against|on|in|within|to)\s+(?:our|the|an?|that|this|its|one)?\s*(?:total|overall|roughly|approximately|about)?\s*$",
    re.IGNORECASE,
)
WHOLE_OF = re.compile(
    r"\s*(?:,?\s*or\s+[\w.%\s-]{1,20},?\s*)?(?:out\s+)?of\s+(?:our|the|an?|that|this|its)\s+(?:total|overall|entire|roughly|approximately|about|\s)*",
    re.IGNORECASE,
)
REACHED = re.compile(
    r"\b(?:amount|c[ao]me|equat|add|total)\w*(?: up)? to\s+\W*(?:\w+\s+)?$"
    r"|\b(?:provision\w*|charge-?\s?offs?|expense)\b(?:(?!reserve|allowance|\$)[^$]){0,60}\b(?:increased|rose|fell|decreased|declined|dropped|grew|climbed|up|down|moderated|improved)"
    r"\s+to\s+(?:(?:about|approximately|roughly|nearly|just)\s+)?$",
    re.IGNORECASE,
)
DIRECT_BUILD = re.compile(r"\s*(?:(?:reserve|credit|allowance|net|incremental|additional)\s+){0,2}builds?\b", re.IGNORECASE)
WITHIN_RESERVES = re.compile(
    r"^\s*(?:with)?in(?:to)?\s+(?:the|our)\s+(?:[\w-]+\s+){0,3}(?:allowances?|reserves?)\b", re.IGNORECASE
)
ADDED = re.compile(r"^\s*we\s+(?:also\s+|have\s+)?(?:built|added|put)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
APPOSITION = re.compile(r"^\s*(?:an?|our|the|one)\s+(?!.*\b(?:which|who|that|and)\b)", re.IGNORECASE)
BORROWER = re.compile(
    r"\b(?:(?:related|relating|tied|attributable|linked|due|connected)\s+to|(?:associated|connected)\s+with)\s+[\w&'.-]+(?:\s+[\w&'.-]+){0,5}\s*$|\b(?:on|from|with|for)\s+[A-Z]\w+(?:\s+[A-Z]\w+)?\s*$"
)
CORRECTION = re.compile(
    r"(?P<sorry>(?:i'm\s+)?sorry|excuse\s+me|pardon(?:\s+me)?|correction|i\s+mean(?:t)?|i\s+misspoke|make\s+that|let\s+me\s+correct\s+(?:that|myself)|scratch\s+that)\b"
    r"[\s,.;:\u2014\u2013-]*(?:(?:that's|that\s+is|it's|it\s+was|that\s+was|i\s+meant|should\s+be|that\s+should\s+be)\s+)?(?=\$?\s?\d)",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r"^\s*(?:at|or|which\s+(?:was|is)|totall?ing)\s+(?:about|approximately|roughly|some|nearly|\s)*(?:US)?\$\s?[\d.,]+\s*(?:million|billion|thousand|mm|mn|bn|[kmb])?\s*$",
    re.IGNORECASE,
)
GOES_ON = re.compile(r"^\s*(?:was|were|is|are|relate[sd]?|came|for|tied|related|attributable)\b", re.IGNORECASE)
MONEY_SAID = re.compile(r"\$\s?\d")
LISTED = re.compile(
    r"\s*(?:for|in|on|from|against|to|within)\s+[^$]{1,60}?\b(?:and|plus)\s+(?:(?:about|approximately|roughly|another|some|a)\s+)*",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(
    rf"(?:\s+[\w-]+){{0,4}}?\s+(?:in|on|for|to|from|within|across|against)\s+(?:our\s+|the\s+)?{OTHER_LENDING.pattern}",
    re.IGNORECASE,
)
GAVE = re.compile(r"\bcontributed\s+(?:(?:an?|about|roughly|approximately)\s+)*$", re.IGNORECASE)
FUNDS = re.compile(
    r"\s*(?:of|in|worth\s+of)\s+(?:(?!reserve|provision|allowance|loss|charge)[\w-]+\s+){0,3}?"
    r"(?:financing|collateral|cash|escrow|margin|equity|guarantees?|enhancement|proceeds|securities|deposits|capital|capacity|balance\s+sheet|lines?|facilit(?:y|ies)|funding|liquidity|commitments?|loans?|lending|leverage)\b(?!\s+(?:losses|loss|reserves?|charge|provision))",
    re.IGNORECASE,
)
COST_NOUN = re.compile(r"\b(?:reserves?|allowances?|provision\w*|charg\w+|wr[io]t\w+|acl)\b", re.IGNORECASE)
NEW_PREDICATE = re.compile(
    r"\b(?:and|but|so|yet|as|because|since|when|where|who)\s+(?:(?:still|also|now|remain|we|I|they|it|[a-z]+ly)\s+)*"
    r"(?:are|is|am|was|were|remain\w*|feel|felt|continue\w*|have|has|had|see|saw|like\w*|grew|grow|added|made|closed|lent|watch\w*|review\w*|monitor\w*|exited|reduced|expanded|sold|took|stay\w*|keep|kept|spent|paid|launched|hired)\b",
    re.IGNORECASE,
)
QUARTER_MONTHS = {"march": "first", "june": "second", "september": "third", "december": "fourth"}
THEIR_OWN = re.compile(rf"{NDFI.pattern}'s?\s", re.IGNORECASE)
ANOTHER_CAUSE = re.compile(
    r"\b(?:as(?!\s+(?:well|part))|because|since|when|where|though|ahead\s+of|alongside|thanks\s+to)\b", re.IGNORECASE
)
ACTS = re.compile(
    r"(?P<agent>[\w'-]+)\s+(?:(?:has|have|had|also|just|then|itself|did|[a-z]+ly)\s+){0,3}"
    r"(?:charged[\s-]+off|wrote\s+off|reserved|provisioned|provided|took|built|booked|recorded|reported|posted|set\s+aside|released|reversed|put|puts|says|said|sees|pegs)\b",
    re.IGNORECASE,
)
OWN_AGENT = words(
    r"we", r"we've", r"I", r"us", r"bank", r"company", r"firm", r"corporation", r"quarter", r"portfolio", r"book", r"business", r"lending", r"finance", r"team", r"segment", r"group", r"results", r"costs?", r"expenses?",
    r"(?:provision|charge|reserve|build|release|loss|write|allowance|addition|reversal|benefit|amount)[\w-]*", r"offs?", r"it", r"this", r"that", r"which", r"and", r"also", r"was", r"were", r"is", r"are", r"been", r"being", r"million", r"billion", r"then", r"to", r"of", r"the", r"a", r"our",
)  # fmt: skip
LENT_TO = re.compile(r"\b(?:lend|lent|finance|fund|exposed)\s+to$", re.IGNORECASE)
HELD = re.compile(r"\b(?:have|has|hold|holds|carry|carries|keep)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
HELD_FOR = re.compile(r"\s*(?:\w+\s+){0,2}?(?:set\s+aside|reserved|provided)\b", re.IGNORECASE)
APART = re.compile(r"\b(?:with|without|and|despite|after|before|plus|while|when|because|so|as)\b", re.IGNORECASE)
NOT_CREDIT = re.compile(
    r"\b(?:paid|repaid|earned|lent|sold|bought|funded|invested|committed|financed|generated|extended|advanced|purchased|acquired)\s+(?:about\s+|roughly\s+|nearly\s+|over\s+)?$|\b(?:gains?\s+on|income\s+tax(?:es)?|tax\s+provision|litigation|legal\s+matters?|provisions?\s+of\s+(?:capital|liquidity|services?))\b"
    r"|\b(?:says|said|shows|showed|claims|claimed)\b[^$]*$",
    re.IGNORECASE,
)
BORROWER_ACTS = re.compile(
    rf"{NDFI.pattern}(?<=[a-z])\s+(?:itself\s+|has\s+|had\s+)?(?:wrote|written|took|taken|reported|booked|recorded|charged|disclosed|announced|posted)\b",
    re.IGNORECASE,
)
ONE_BORROWER = re.compile(
    r"(?:lender|borrower|company|manager|originator|fund)s?\s+(?:itself\s+|has\s+|had\s+)?\w+$", re.IGNORECASE
)
REASON = re.compile(r"\s+(?:loan\s+|book\s+|portfolio\s+)?(?:growth|headlines|concerns|news)\b", re.IGNORECASE)
TURNS_TO_ALL = re.compile(
    r"\b(?:and|but)\s+(?:our\s+|the\s+)?(?:total|overall|other|remaining)\b|\bunchanged\b|\boffset\s+by\b", re.IGNORECASE
)
MOVED_BY = re.compile(
    r"\b(?:increas|decreas|rais|lower|reduc|cut)\w*\s+(?:our\s+|the\s+)?(?:provision\w*|charge-?\s?offs?)(?:\s+expense)?\s+(?:by\s+)?(?:\w+\s+)?$",
    re.IGNORECASE,
)
