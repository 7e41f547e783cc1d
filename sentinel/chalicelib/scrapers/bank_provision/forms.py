"""The forms in which a bank says what it provided, released or charged off for non-bank lending, as patterns of letters.

Pure data over the letters of `wordings.json`. `A` is the amount told, `C` the cost that says its kind where the form does not;
`<r>` is the lending named after a cost ("for our NDFI book"), `<n>` before one ("NDFI provision"): both fall away when the lending
is named ahead of the whole statement ("In fund finance, we …"). `[NE]` must stand where it is.
"""

from __future__ import annotations

COSTS = (
    ("", "AC<r>"), ("", "A<n>C"), ("", "C[oy]A<r>"), ("", "<n>C[oy]A"), ("", "C<r>[oy]A"), ("", "A[oi]C<r>"), ("", "A[oi]<n>C"),
    ("release", "LoA[io]P?R?<r>"), ("release", "AL[io]R?P?<r>"), ("release", "AL[io]<n>[RP]"), ("release", "LoA[io]<n>[RP]"), ("", "C[oy]Ao[RP]<r>"),
    ("build", "AB<n>?R<r>"), ("build", "AB<n>R"), ("build", "ABi<n>R"), ("build", "ABiR<r>"), ("", "C<r>,A"), ("", "C<r>,M&A"),
)  # fmt: skip
"""A cost with its amount, as a noun: it must be governed by a verb, an inclusion, or be the subject of a sentence."""

RESERVES = ("AR<r>", "AoR<r>", "R[oc]A<r>", "A<n>R", "A[oi]<n>R", "<n>RoA", "R<r>oA")
"""The same with reserves: taken or established they are a build, held they are none."""

STATEMENTS = (
    ("", "<n>C,?[c:]A"), ("", "C<r>,?F?,?[c:]A"), ("", "C[c:]A<r>"), ("", "C<r>cx{1,2}cA"), ("", "C[c:](?:M[fi]O[,&]+)+A[fi][NE]"), ("", "C<r>,?A(?=[,;]|$)"), ("", "<n>C,?A(?=[,;]|$)"),
    ("release", "(?:P<r>|<n>P)cLo?A"), ("release", "(?:P<r>|<n>P)cAL"), ("release", "PcLoA<r>"), ("release", "PcAL<r>"),
    ("", "C(?<=[PK])<r>c?[ud]?c?y?M?wA"), ("", "<n>C(?<=[PK])c?[ud]?c?y?M?wA"), ("", "C(?<=[PK])[ud]c?wA<r>"), ("", "C(?<=[PK])<r>[ud]iMwA"), ("", "<n>C(?<=[PK])[ud]iMwA"),
    ("build", "R<r>c?uy?A(?:wM)?"), ("build", "<n>Rc?uy?A(?:wM)?"), ("build", "R<r>cby?A"), ("build", "<n>Rcby?A"), ("build", "Rc?uy?A<r>"),
    ("release", "R<r>c?dy?A(?:wM)?"), ("release", "<n>Rc?dy?A(?:wM)?"), ("release", "Rc?dy?A<r>"),
    ("build", "A[oi]Rc[bta]<r>"), ("build", "R[oc]Ac[bta]<r>"), ("build", "Ac[bp]f[NE]"), ("charge-off", "Ao[NE]ck"), ("charge-off", "[NE]oAck"), ("build", "f[NE],?SpA"),
    ("", "ACcc?t?[fi][NE]"), ("", "ACc[NE][fx]?(?=$)"), ("", "C[oy]Acc?t?[fi][NE]"), ("", "C[oyc]A,q[fi]?[NE]"), ("", "AC,q[fi]?[NE]"),
    ("", "N[hg]AC"), ("", "N[hg]A[oi]C"), ("", "N[hg]C[oy]A"), ("", "[NE]gA[oM]*C"), ("", "[NE]gAC"), ("", "[NE]gCoA"), ("", "AcCS[th][fi][NE]"), ("", "<n>sCcA"), ("", "sCF?[fi][NE]cA"), ("", "IiC[cF]?A[fi][NE]"),
    ("", "A[oq]M?C,?c?c?t?[fiw]?[NE]"), ("", "F?CS[th][fi][NE]cA"), ("build", "N[hg]A[oi]R"), ("build", "iR,SaA[fw][NE]"), ("", "[NE]gA[oi]C"), ("", "(?:R<r>|<n>R)[^,;SUZ]{0,6}(?:e|,)AC"), ("", "(?:R<r>|<n>R)[^,;SUZ]{0,6}(?:e|,)CoA"),
)  # fmt: skip
"""What asserts by itself: the cost is its subject, or the lending is."""

GIVEN = (("build", "[NE](?:cM)?,?fFSbA[oi]R"), ("build", "[NE](?:cM)?,?fFSpA"), ("", "[NE](?:cM)?,?fFStA[oi]C"), ("", "j[fi][NE],C[oy]A"), ("", "ACS[th][fi][NE]"), ("build", "ASpf[NE]"), ("build", "ASbf[NE]"))
"""What a relative clause asserts wherever it stands: "the provision we took on …"."""

OWN = (
    ("build", "[bua]RoA<r>"), ("build", "[bua]w?R<r>[oy]?A(?:wM)?"), ("build", "[bua]wRy?A<r>"), ("build", "[bua]A[oiw]R<r>"), ("build", "[bua]A[oiw]<n>R"), ("build", "[bua]<n>R[oy]?A(?:wM)?"),
    ("build", "[bua]Ry?A<r>"), ("build", "bAf[NE]"), ("build", "pA[fio]R<r>"), ("build", "pA(?:oj)?f[NE]"), ("build", "[bua]A[oiw]P<r>"),
    ("build", "[bta]ABwR<r>"), ("build", "aAB<r>"), ("build", "[bua]AR<r>"), ("build", "[bua]A<n>R"), ("build", "aABw<n>?R<r>?"), ("build", "[tu]<n>Ruy?A(?:wM)?"),
    ("build", "[tu]R<r>uy?A(?:wM)?"), ("build", "uPyMwA<r>"),
    ("release", "lA[oi]R<r>"), ("release", "lA[io]?<n>R"), ("release", "lA<r>"), ("release", "lRoA<r>"), ("release", "lA[oi]P<r>"), ("release", "l<n>RoA"),
    ("release", "dR<r>[oy]?A(?:wM)?"), ("release", "d<n>R[oy]?A(?:wM)?"), ("release", "dRy?A<r>"), ("release", "lA[fiw]R<r>"), ("release", "lA[fiw]<n>R"),
    ("release", "lA[oi]RS[fi][NE]"), ("charge-off", "kA<r>"), ("charge-off", "kAo?[NE]"), ("charge-off", "kAo[MH]*[fiw]?[NE]"), ("charge-off", "kHoA<r>"),
)  # fmt: skip
"""What only the bank itself may be the subject of."""

_WHOLES = ("S?[th]MC", "S?[th]?C[co:]M", "S?[th]M[oi]C", "MC", "C[cF]*[ud]c?y?M(?:wM)?", "C[oc]?", "Rc?uy?M", "SuR", "S[bua]M[oi]R", "S[bua]RoM")
_BETWEEN = "[^SZUI;]*?"
_OTHERS = "(?:M[oq]?c?[fiw]?O[,&]*)*"
PARTS = tuple(
    form
    for whole in _WHOLES
    for form in (
        rf"{whole}{_BETWEEN},?I{_OTHERS}Aj?q?[cF]?t?[fiw][NE]",
        rf"{whole}:{_OTHERS}Aq?[cF]?t?[fiw][NE]",
        rf"{whole}{_BETWEEN}[,;&]+Aqc?[fiwD]?[NE]",
        rf"{whole}{_BETWEEN}[,;&]*I?q,?c?{_OTHERS}Ac?t?[fiwD]?[NE]",
        rf"{whole}{_BETWEEN}[,;&]*I?q[NE]A",
        rf"{whole}[;,&]+I?[NE]gA",
        rf"{whole},[NE]qcA",
        rf"{whole}c?J(?:[NEO][ci,]*M[,&]*)*[NE][ci,]*A",
    )
) + (rf"oM?o?C(?:[oi]M)?,{_OTHERS}Ac?c?t?[fiw]?[NE]", rf"oMiC,{_OTHERS}Ac?c?t?[fiw]?[NE]")  # fmt: skip
"""A part of a larger cost: "of which", "including", "with", "split between"; reserves that rose are such a cost too."""
