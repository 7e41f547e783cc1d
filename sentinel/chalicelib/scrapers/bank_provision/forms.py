"""The forms in which a bank says what it provided, released or charged off for non-bank lending, as patterns of letters.

Pure data over the letters of `wordings.json`. `A` is the amount told and `C` the cost that says its kind where the form does
not; `<r>` is the lending named after a cost ("for our NDFI book"), `<n>` before one ("NDFI provision"): both fall away when the
lending is named ahead of the whole statement ("In fund finance, we ..."). `[NE]` must stand where it is.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["build", "release", "charge-off"]
Forms = tuple[tuple[Kind | None, str], ...]
"""Each with its kind, None where the cost in it says it."""

COSTS: Forms = (
    (None, "AC<r>"),
    (None, "A<n>C"),
    (None, "C[oy]A<r>"),
    (None, "<n>C[oy]A"),
    (None, "C<r>[oy]A"),
    (None, "A[oi]C<r>"),
    (None, "A[oi]<n>C"),
    ("release", "LoA[io]P?R?<r>"),
    ("release", "YoA[iow]P<r>"),
    ("release", "AY[iow]P<r>"),
    ("release", "YoA[iow]<n>P"),
    ("release", "AL[io]R?P?<r>"),
    ("release", "AL[io]<n>[RP]"),
    ("release", "LoA[io]<n>[RP]"),
    (None, "C[oy]Ao[RP]<r>"),
    ("build", "AB<n>?R<r>"),
    ("build", "AB<n>R"),
    ("build", "ABi<n>R"),
    ("build", "BoA[iw]R<r>"),
    ("build", "BoA[iw]<n>R"),
    ("build", "ABiR<r>"),
    ("build", "AR[bta]<r>"),
    (None, "C<r>,A"),
    (None, "C,Af[NE]"),
    (None, "C[oy](?:Mf[NEO][,&]+)+Af[NE]"),
    (None, "C[oy](?:Mi[NEO][,&]+)+Ai[NE]"),
    (None, "C<r>,M&A"),
)
"""A cost with its amount, as a noun: governed by a verb, an inclusion, or a sentence's subject."""

RESERVES = (
    "AR<r>",
    "AoR<r>",
    "R[oc]A<r>",
    "A<n>R",
    "A[oi]<n>R",
    "<n>RoA",
    "R<r>oA",
)
"""The same with reserves: taken or established they are a build, held they are none."""

STATEMENTS: Forms = (
    (None, "<n>C,?F?[c:]A"),
    ("build", "R[^;SUZX]*,?eS[ab]Af[NE]"),
    (None, "sM?[oi]?C(?:oM)?,A,cc?[fiw]?[NE]"),
    (None, "(?:[xVRHPj]{1,4}[fi]|x)[NE]gAC"),
    (None, "(?:[xVRHPj]{1,4}[fi]|x)[NE]gC[oy]A"),
    ("charge-off", "[NE]ckA"),
    (None, "C<r>,?F?,?[c:]A"),
    (None, "C[c:]A<r>"),
    (None, "C<r>cx{1,2}cA"),
    (None, "C[c:](?:M[fi]O[,&]+)+A[fi][NE]"),
    (None, "C<r>,?A(?=[,;]|$)"),
    (None, "<n>C,?A(?=[,;]|$)"),
    ("release", "(?:P<r>|<n>P)c[LY]o?A"),
    ("release", "(?:P<r>|<n>P)cA[LY]"),
    ("release", "Pc(?:[LY]o|L)A<r>"),
    ("release", "PcA[LY]<r>"),
    (None, "C(?<=[PK])<r>c?[ud]c?y?M?wA"),
    (None, "<n>C(?<=[PK])c?[ud]c?y?M?wA"),
    (None, "C(?<=[PK])[ud]c?wA<r>"),
    (None, "C(?<=[PK])<r>[ud]iMwA"),
    (None, "<n>C(?<=[PK])[ud]iMwA"),
    ("build", "R<r>c?uy?A(?:wM)?"),
    ("build", "<n>Rc?uy?A(?:wM)?"),
    ("build", "R<r>cby?A"),
    ("build", "<n>Rcby?A"),
    ("build", "RcbfNyA"),
    ("release", "<n>RclyA"),
    ("build", "Rc?uy?A<r>"),
    ("release", "R<r>c?dy?A(?:wM)?"),
    ("release", "<n>Rc?dy?A(?:wM)?"),
    ("release", "Rc?dy?A<r>"),
    ("build", "A[oi]Rc[bta]<r>"),
    ("build", "R[oc]Ac[bta]<r>"),
    ("build", "Ac[bp]f[NE]"),
    ("charge-off", "Ao[NE]ck"),
    ("charge-off", "[NE]oAck"),
    ("build", "f[NE],?SpA"),
    ("build", "[NE]R:S[ba]A"),
    (None, "oA[oi]?<n>C(?=,)"),
    (None, "oA[oi]?C<r>(?=,)"),
    (None, "ACcc?[tgbpa]?[fi][NE]"),
    (None, "ACc[NE][fx]?(?=$)"),
    (None, "C[oy]Acc?t?[fi][NE]"),
    (None, "C[oyc]A,qc?[fi]?[NE]"),
    (None, "AC,qc?[fi]?[NE]"),
    (None, "N,?[hg]AC"),
    (None, "N[gh]T(?:oM)?,?&[ht]C[oy]A"),
    (None, "N[gh]T(?:oM)?,?&[ht]AC"),
    (None, "Af[NE]o(?:M[oi])?C(?:oM)?"),
    (None, "N[hg]A[oi]C"),
    (None, "N[hg]C[oy]A"),
    (None, "[NE]gA[oMi]*C"),
    (None, "[NE]gAC"),
    (None, "x?[NE]gCoA"),
    (None, "AcCS[th][fi][NE]"),
    (None, "<n>sCcA"),
    (None, "sCF?[fi][NE]cA"),
    (None, "IiC[cF]?A[fi][NE]"),
    (None, "Ii?CcAj?f[NE]"),
    (None, "AcC<r>(?![^,;]*X)"),
    (None, "A[oqi]M?C,?c?c?t?[fiw]?[NE]"),
    (None, "F?CS[th][fi][NE]cA"),
    ("build", "N[hg]A[oi]R"),
    ("build", "iR,SaA[fw][NE]"),
    (None, "[NE]gA[oi]C(?:oM)?"),
    (None, "(?:R<r>|<n>R)[^,;SUZ]{0,6}(?:e|,I?)AC"),
    (None, "(?:R<r>|<n>R)[^,;SUZ]{0,6}(?:e|,I?)CoA"),
)
"""What asserts by itself: the cost is its subject, or the lending is."""

CAUSED: Forms = (
    (None, "gAC<r>"),
    (None, "gCoA<r>"),
    (None, "gA[oi]C<r>"),
)
"""What something that is no bank and no lending brought about."""

GIVEN: Forms = (
    ("build", "R[fi][NE],[xF]?S[bau]A"),
    ("charge-off", "ASk[fi][NE]"),
    ("build", "[NE](?:cM)?,?fFSbA[oi]R"),
    ("build", "[NE](?:cM)?,?fFSpA"),
    (None, "[NE](?:cM)?,?fFS[th]A[oi]?C"),
    (None, "j[fi][NE],C[oy]A"),
    (None, "ACS[th][fi][NE]"),
    ("build", "ARS[tba]f[NE]"),
    ("build", "ASpf[NE]"),
    ("build", "ASbf[NE]"),
)
"""What a relative clause asserts wherever it stands: "the provision we took on ..."."""

OWN: Forms = (
    ("build", "[bua]RoA<r>"),
    ("build", "[bua]w?R<r>[oy]?A(?:wM)?"),
    ("build", "[bua]wRy?A<r>"),
    ("build", "[bua]A[oiw]R<r>"),
    ("build", "[bua]A[oiw]<n>R"),
    ("build", "[bua]<n>R[oy]?A(?:wM)?"),
    ("build", "[bua]Ry?A<r>"),
    ("build", "bAf[NE]"),
    ("build", "pA[fio][RP]<r>"),
    ("build", "pA(?:oj)?f[NE]"),
    ("build", "[bua]A[oiw]P<r>"),
    ("build", "[bta]ABwR<r>"),
    ("build", "aAB<r>"),
    ("build", "[bua]AR<r>"),
    ("build", "[bua]A<n>R"),
    ("build", "aABw<n>?R<r>?"),
    ("build", "[tu]<n>Ruy?A(?:wM)?"),
    ("build", "[tu]R<r>uy?A(?:wM)?"),
    ("build", "uPyMwA<r>"),
    ("build", "[ud]P<r>wA"),
    ("build", "[ud]<n>PwA"),
    ("release", "lA[oi]?R<r>"),
    ("release", "lA[io]?<n>R"),
    ("release", "lA<r>"),
    ("release", "lRoA<r>"),
    ("release", "lR<r>[oy]?A"),
    ("release", "lA[oi]P<r>"),
    ("release", "l<n>RoA"),
    ("release", "dR<r>[oy]?A(?:wM)?"),
    ("release", "d<n>R[oy]?A(?:wM)?"),
    ("release", "dRy?A<r>"),
    ("release", "lA[fiw]R<r>"),
    ("release", "lA[fiw]<n>R"),
    ("release", "lA[oi]?RSh?[fi][NE]"),
    ("charge-off", "kA<r>"),
    ("charge-off", "kAo?[NE]"),
    ("charge-off", "kAo[MH]*[fiw]?[NE]"),
    ("charge-off", "kHoA<r>"),
    ("charge-off", "k[NE]A"),
    ("charge-off", "kx,rA,[of][NE]"),
    ("charge-off", "kAs[NE]"),
    ("charge-off", "kA,[NE](?=$)"),
)
"""What only the bank itself may be the subject of."""

_WHOLES = (
    "S?[th]MC",
    "S?[th]?C[co:]M",
    "S?[th]M[oi]C",
    "MC",
    "C[cF]*[ud]c?y?M(?:wM)?",
    "C[oc]?",
    "Rc?uy?M",
    "SuR",
    "S[bua]Ry?M",
    "S[bua]M[oi]R",
    "S[bua]RoM",
    "SpM",
)
_BETWEEN = "[^SZUI;]*?"
_OTHERS = "(?:M[oq]?c?[fiw]?O[,&]*)*"


def _parts(*wholes: str, named: str = "PBKR") -> tuple[str, ...]:
    """The ways in which a part of each of these is told, `named` as what."""
    return tuple(
        form
        for whole in wholes
        for form in (
            rf"{whole}{_BETWEEN},?I{_OTHERS}Aj?q?[cF]?t?[fiw][NE]",
            rf"{whole}{_BETWEEN},?I{_OTHERS}A[oiq][{named}][fiw][NE]",
            rf"{whole},(?:M[fi]O[,&]*)+A[fi][NE]",
            rf"{whole},A[fi][NE][,&]+M[fi]O",
            rf"{whole}{_BETWEEN},?D(?:x[,:;])?Af[NE]",
            rf"{whole}{_BETWEEN}D[NE],?FgA",
            rf"{whole}:{_OTHERS}Aj?q?[cF]?t?[fiw][NE]",
            rf"{whole}{_BETWEEN}[,;&]+Aqc?[fiwD]?[NE]",
            rf"{whole}{_BETWEEN}[,;&]*I?qM?,?c?{_OTHERS}Ac?t?[fiwD]?[NE]",
            rf"{whole}{_BETWEEN}[,;&]*I?q[NE][cg]?A",
            rf"{whole}[;,&]+I?[NE]gA",
            rf"{whole},[NE]qcA",
            rf"{whole}{_BETWEEN}[;,&]+[NE]cAq",
            rf"{whole}{_BETWEEN},I[NE]cA",
            rf"{whole},?c?J(?:[NEO][ci,]*M[,&]*)*[NE][ci,]*A",
        )
    )


PARTS = (
    *_parts(*_WHOLES),
    rf"C(?<=[BK])[cud]?w?M(?:wM)?{_BETWEEN},?DAi[NE]",
    rf"[oi]M?o?C(?:[oi]M)?,(?:S[htbap])?{_OTHERS}Ac?c?t?[fiw]?[NE]",
    r"[oi]M?o?C(?:oM)?,[NE][gc]A",
    rf"oMiC,{_OTHERS}Ac?c?t?[fiw]?[NE]",
)
"""A part of a larger cost: "of which", "including", "with", "split between"; reserves that rose are such a cost too."""

PARTS_OF: Forms = (
    *(("release", form) for form in _parts("S?l(?:M[oi]?[RP]|R[oy]M|M(?=,))", named="PLR")),
    *(("charge-off", form) for form in _parts("S?kM", named="K")),
)
"""A part of what was released or charged off."""
